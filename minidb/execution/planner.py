"""From the logical plan to operators, one builder per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, assert_never

from minidb.errors import InternalError
from minidb.execution.operator import Operator
from minidb.execution.operators.aggregate import AggregateOperator
from minidb.execution.operators.array_join import ArrayJoinOperator
from minidb.execution.operators.combine import CombineOperator
from minidb.execution.operators.distinct import DistinctOperator
from minidb.execution.operators.expand import ExpandOperator
from minidb.execution.operators.filter import FilterOperator
from minidb.execution.operators.join import JoinOperator
from minidb.execution.operators.kept import (
    KeptOperator,
    RecursiveOperator,
    WithTotalsOperator,
)
from minidb.execution.operators.limit import LimitOperator
from minidb.execution.operators.limit_by import LimitByOperator
from minidb.execution.operators.limit_whole import LimitWholeOperator
from minidb.execution.operators.project import ProjectOperator
from minidb.execution.operators.scan import OneRowOperator, ScanOperator
from minidb.execution.operators.sort import SortOperator
from minidb.execution.operators.union import UnionAllOperator
from minidb.execution.operators.window import WindowOperator
from minidb.plan.clauses import (
    ArrayJoin,
    Combine,
    Expand,
    Kept,
    LimitBy,
    LimitWhole,
    Recursive,
    WithTotals,
)
from minidb.plan.nodes import (
    Aggregate,
    Distinct,
    ExtensionNode,
    Filter,
    Join,
    Limit,
    OneRow,
    PlanNode,
    Project,
    Scan,
    Sort,
    UnionAll,
    Window,
    inputs_of,
)

OperatorBuilder: TypeAlias = Callable[[ExtensionNode, Sequence[Operator]], Operator]


def build_operators(
    node: PlanNode,
    builders: Mapping[str, OperatorBuilder] | None = None,
    estimate: Callable[[PlanNode], float] | None = None,
) -> Operator:
    """Return the operator tree that runs `node`.

    Parameters
    ----------
    node : PlanNode
        A verified plan.
    builders : mapping of str to callable, optional
        What builds the operators of extension nodes, by their kind.
    estimate : callable, optional
        Guesses the rows of a node, for EXPLAIN.

    Raises
    ------
    InternalError
        When an extension node has no builder.
    """
    extension_builders = builders or {}
    operator: Operator
    if isinstance(node, Recursive):
        base = build_operators(node.base, extension_builders, estimate)
        operator = RecursiveOperator(
            node, base, lambda: build_operators(node.step, extension_builders)
        )
    else:
        children = inputs_of(node)
        inputs = [build_operators(child, extension_builders, estimate) for child in children]
        operator = _build(node, inputs, extension_builders)
    if estimate is not None:
        operator.estimated_rows = round(estimate(node))
    return operator


def _build(
    node: PlanNode, inputs: list[Operator], builders: Mapping[str, OperatorBuilder]
) -> Operator:
    match node:
        case OneRow():
            return OneRowOperator()
        case Scan():
            return ScanOperator(node)
        case Filter():
            return FilterOperator(node, inputs[0])
        case Project():
            return ProjectOperator(node, inputs[0])
        case Aggregate():
            return AggregateOperator(node, inputs[0])
        case Sort():
            return SortOperator(node, inputs[0])
        case Window():
            return WindowOperator(node, inputs[0])
        case Limit():
            return LimitOperator(node, inputs[0])
        case Distinct():
            return DistinctOperator(node, inputs[0])
        case Join():
            return JoinOperator(node, inputs[0], inputs[1])
        case UnionAll():
            return UnionAllOperator(node, inputs)
        case Combine():
            return CombineOperator(node, inputs)
        case Expand():
            return ExpandOperator(node, inputs[0])
        case Kept():
            return KeptOperator(node)
        case WithTotals():
            return WithTotalsOperator(node, inputs)
        case LimitBy():
            return LimitByOperator(node, inputs[0])
        case LimitWhole():
            return LimitWholeOperator(node, inputs[0])
        case ArrayJoin():
            return ArrayJoinOperator(node, inputs[0])
        case Recursive():
            raise InternalError("a recursion is built with its steps")
        case ExtensionNode():
            builder = builders.get(node.kind)
            if builder is None:
                raise InternalError(f"nothing builds the operator of {node.kind!r}")
            return builder(node, inputs)
        case _:
            assert_never(node)
