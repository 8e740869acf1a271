"""What unnesting asks of expressions: equalities with outer values, and aggregates of no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.columns import Field, default_column
from minidb.errors import InternalError, MiniDBError
from minidb.expr import (
    BoundExpr,
    ColumnRef,
    ScalarCall,
    columns_of,
    constant_from_column,
    constant_from_value,
    walk,
)
from minidb.plan.nodes import Aggregate, Computed, Filter, OneRow, Project, expressions_of
from minidb.types import DataType, FixedStringType, FloatType, IntType, nullable, without_null
from minidb.types.promotion import common_type


def inner_equals(
    environment: Environment, outer: Sequence[Field], conditions: Sequence[BoundExpr]
) -> dict[int, tuple[BoundExpr, BoundExpr]]:
    """Return, by outer column, a condition ``inside = outer column`` and what stands inside.

    What stands inside comes in the common type of both sides. Only types whose equal values are
    equal bytes count.
    """
    ids = {column.id for column in outer}
    found: dict[int, tuple[BoundExpr, BoundExpr]] = {}
    for part in conditions:
        if not (isinstance(part, ScalarCall) and part.name == "equals"):
            continue
        for one, other in (part.args, part.args[::-1]):
            if not (isinstance(one, ColumnRef) and one.id in ids and one.id not in found):
                continue
            if columns_of(other) & ids or not columns_of(other) or not _compares_bytes(one, other):
                continue
            shared = _shared_type(one.type, other.type)
            if shared is not None and not _is_chance(other):
                found[one.id] = part, cast_to(environment, other, shared)
                break
    return found


def _shared_type(left: DataType, right: DataType) -> DataType | None:
    """Return the type of both sides of an equality, Nullable where the right one is."""
    try:
        shared = without_null(common_type([left, right]))
    except MiniDBError:
        return None
    return shared if without_null(right) == right else nullable(shared)


def common_key_type(left: DataType, right: DataType) -> DataType:
    """Return the type in which two columns of one outer value are joined."""
    return left if left == right else common_type([left, right])


def _compares_bytes(left: BoundExpr, right: BoundExpr) -> bool:
    """Whether `equals` says the same as a comparison of bytes."""
    one, other = without_null(left.type), without_null(right.type)
    if isinstance(one, FloatType) or isinstance(other, FloatType):
        return False
    return isinstance(one, FixedStringType) == isinstance(other, FixedStringType)


def _is_chance(expr: BoundExpr) -> bool:
    return any(
        isinstance(part, ScalarCall) and not part.function.is_deterministic for part in walk(expr)
    )


def empty_values(environment: Environment, node: Aggregate) -> dict[int, BoundExpr]:
    """Return what the aggregates of a grouping without keys give for no rows."""
    queries = environment.queries
    if queries is None:
        raise InternalError("nothing runs the queries inside expressions")
    columns: dict[int, ColumnRef] = {}
    for expr in expressions_of(node):
        columns.update((p.id, p) for p in walk(expr) if isinstance(p, ColumnRef))
    items = tuple(
        Computed(
            Field(column.id, column.name, column.type),
            constant_from_column(default_column(column.type, 1)),
        )
        for column in columns.values()
    )
    no_rows = Filter(Project(OneRow(), items), constant_from_value(IntType(8, False), 0))
    (batch,) = queries.run(environment, replace(node, child=no_rows))
    return {
        item.field.id: constant_from_column(column)
        for item, column in zip(node.aggregates, batch.columns, strict=True)
    }
