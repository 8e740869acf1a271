"""From the logical plan to operators, one builder per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, assert_never

from minidb.errors import InternalError
from minidb.execution import operators
from minidb.execution.operator import Operator
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
        operator = operators.RecursiveOperator(
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
            return operators.OneRowOperator()
        case Scan():
            return operators.ScanOperator(node)
        case Filter():
            return operators.FilterOperator(node, inputs[0])
        case Project():
            return operators.ProjectOperator(node, inputs[0])
        case Aggregate():
            return operators.AggregateOperator(node, inputs[0])
        case Sort():
            return operators.SortOperator(node, inputs[0])
        case Window():
            return operators.WindowOperator(node, inputs[0])
        case Limit():
            return operators.LimitOperator(node, inputs[0])
        case Distinct():
            return operators.DistinctOperator(node, inputs[0])
        case Join():
            return operators.JoinOperator(node, inputs[0], inputs[1])
        case UnionAll():
            return operators.UnionAllOperator(node, inputs)
        case Combine():
            return operators.CombineOperator(node, inputs)
        case Expand():
            return operators.ExpandOperator(node, inputs[0])
        case Kept():
            return operators.KeptOperator(node)
        case WithTotals():
            return operators.WithTotalsOperator(node, inputs)
        case LimitBy():
            return operators.LimitByOperator(node, inputs[0])
        case LimitWhole():
            return operators.LimitWholeOperator(node, inputs[0])
        case ArrayJoin():
            return operators.ArrayJoinOperator(node, inputs[0])
        case Recursive():
            raise InternalError("a recursion is built with its steps")
        case ExtensionNode():
            builder = builders.get(node.kind)
            if builder is None:
                raise InternalError(f"nothing builds the operator of {node.kind!r}")
            return builder(node, inputs)
        case _:
            assert_never(node)
