"""The plan verifier: run after binding and after every rule, it finds broken invariants."""

from __future__ import annotations

from minidb.errors import InternalError
from minidb.expr import ColumnRef, LambdaExpr, walk
from minidb.plan.clauses import Combine, Expand, LimitBy, Recursive
from minidb.plan.nodes import (
    Distinct,
    Filter,
    Join,
    JoinKind,
    Partners,
    PlanNode,
    UnionAll,
    expressions_of,
    inputs_of,
)
from minidb.plan.show import describe
from minidb.types import BoolType, DataType, FloatType, IntType, NothingType, without_null


def can_be_condition(data_type: DataType) -> bool:
    """Whether a value of the type may stand in WHERE: a number, or NULL."""
    return isinstance(without_null(data_type), IntType | BoolType | FloatType | NothingType)


def verify(node: PlanNode, known: dict[int, PlanNode] | None = None) -> None:
    """Check that every column is there, has the type it is said to have, and ids are unique.

    Parameters
    ----------
    node : PlanNode
        The plan.
    known : dict of int to PlanNode, optional
        Nodes that were checked before, by identity; those of this plan are added. A rule leaves
        most of a plan as it was, so only what it made anew is checked.

    Raises
    ------
    InternalError
        When an invariant does not hold; the message holds the node.
    """
    if known is not None:
        if id(node) in known:
            return
        known[id(node)] = node
    inputs = inputs_of(node)
    for child in inputs:
        verify(child, known)
    available = {field.id: field.type for child in inputs for field in child.schema}
    for expr in expressions_of(node):
        parts = list(walk(expr))
        local = available
        for part in parts:
            if isinstance(part, LambdaExpr):
                local = {**local, **{p.id: p.type for p in part.parameters}}
        for part in parts:
            if isinstance(part, ColumnRef):
                given = local.get(part.id)
                if given is not part.type and given != part.type:
                    raise InternalError(f"column {part.name!r} is not below: {describe(node)}")
    ids = [field.id for field in node.schema]
    if len(set(ids)) != len(ids):
        raise InternalError(f"a column stands twice in the schema of: {describe(node)}")
    _verify_node(node, available)


def _verify_node(node: PlanNode, available: dict[int, DataType]) -> None:
    """Check what only some kinds of nodes promise."""
    match node:
        case Filter(condition=condition) if not can_be_condition(condition.type):
            raise InternalError(f"a filter is no condition: {describe(node)}")
        case Join():
            _verify_join(node)
        case UnionAll(inputs=inputs, fields=fields):
            expected = [field.type for field in fields]
            if any([field.type for field in i.schema] != expected for i in inputs):
                raise InternalError("the inputs of a union differ in type")
        case Combine(left=left, right=right):
            if [f.type for f in left.schema] != [f.type for f in right.schema]:
                raise InternalError(f"the inputs differ in type: {describe(node)}")
        case Recursive(base=base, step=step, fields=fields):
            expected = [field.type for field in fields]
            if any([field.type for field in i.schema] != expected for i in (base, step)):
                raise InternalError(f"the steps differ in type: {describe(node)}")
        case Expand(keys=keys, sets=sets):
            if any(place >= len(keys) for places in sets for place in places):
                raise InternalError(f"a grouping set of an unknown key: {describe(node)}")
        case LimitBy(on=on) if not set(on) <= available.keys():
            raise InternalError(f"LIMIT BY a column that is not there: {describe(node)}")
        case Distinct(on=on) if not set(on) <= available.keys():
            raise InternalError(f"DISTINCT on a column that is not there: {describe(node)}")
        case _:
            pass


def _verify_join(node: Join) -> None:
    """Check the keys' sides and types, the residual, and what the kind needs."""
    sides = {f.id for f in node.left.schema}, {f.id for f in node.right.schema}
    for keys, side in zip((node.left_keys, node.right_keys), sides, strict=True):
        refs = {p.id for k in keys for p in walk(k) if isinstance(p, ColumnRef)}
        if not refs <= side:
            raise InternalError(f"a join key reads the other side: {describe(node)}")
    if [k.type for k in node.left_keys] != [k.type for k in node.right_keys]:
        raise InternalError(f"join keys differ in type: {describe(node)}")
    if node.residual is not None and not can_be_condition(node.residual.type):
        raise InternalError(f"a join's residual is no condition: {describe(node)}")
    has_mark = node.mark is not None and node.mark.type == IntType(8, False)
    if has_mark != (node.kind is JoinKind.MARK):
        raise InternalError(f"a mark join, and no other, has a mark of UInt8: {describe(node)}")
    if node.partners is not Partners.ALL and node.kind not in (JoinKind.INNER, JoinKind.LEFT):
        raise InternalError(f"such a join has all partners: {describe(node)}")
