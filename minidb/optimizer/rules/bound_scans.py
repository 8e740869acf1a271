"""Rule: comparisons with constants tell a scan which granules cannot match."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import field, replace

from minidb.binder.environment import Environment
from minidb.binder.join_keys import conjuncts
from minidb.catalog.relation import Bounds
from minidb.catalog.stored import is_greater, is_less
from minidb.columns import Column, NullableColumn, column_from_values
from minidb.errors import MiniDBError
from minidb.expr import BoundExpr, ColumnRef, Constant, ScalarCall
from minidb.optimizer.rule import Rule, bottom_up
from minidb.plan.nodes import Filter, PlanNode, Scan
from minidb.record import state
from minidb.types import (
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    StringType,
    without_null,
)

MIRRORED = {
    "equals": "equals",
    "less": "greater",
    "lessOrEquals": "greaterOrEquals",
    "greater": "less",
    "greaterOrEquals": "lessOrEquals",
}


def bound_scans(plan: PlanNode, environment: Environment) -> PlanNode:
    """Give every scan below a filter the ranges that the filter leaves."""
    return bottom_up(plan, _bound)


def _bound(node: PlanNode) -> PlanNode:
    if not isinstance(node, Filter) or not isinstance(node.child, Scan):
        return node
    scan = node.child
    names = {column.id: name for name, column in scan.columns}
    ranges = _Ranges()
    for part in conjuncts(node.condition):
        found = _comparison(part)
        if found is not None and found[0].id in names:
            ranges.narrow(names[found[0].id], *found[1:])
    bounds = dict(ranges.items())
    if not bounds or bounds.keys() == dict(scan.bounds).keys():
        return node
    return replace(node, child=replace(scan, bounds=bounds))


def _comparison(part: BoundExpr) -> tuple[ColumnRef, str, Column] | None:
    """Return (column, function, limit) of ``column < constant``, in either order."""
    if not isinstance(part, ScalarCall) or part.name not in MIRRORED:
        return None
    match part.args:
        case (ColumnRef() as column, Constant() as constant):
            name = part.name
        case (Constant() as constant, ColumnRef() as column):
            name = MIRRORED[part.name]
        case _:
            return None
    limit = in_type(constant, without_null(column.type))
    return None if limit is None else (column, name, limit)


def in_type(constant: Constant, data_type: DataType) -> Column | None:
    """Return a constant as one row of `data_type`, if that is exactly the same value."""
    bare = without_null(constant.type)
    both_whole = isinstance(data_type, IntType) and isinstance(bare, IntType)
    same = bare == data_type and isinstance(
        data_type, IntType | FloatType | DateType | DateTimeType | StringType
    )
    if not (both_whole or same) or isinstance(constant.column, NullableColumn):
        return None
    value = constant.value
    if isinstance(value, float) and math.isnan(value):
        return None
    try:
        return column_from_values(data_type, [value])
    except MiniDBError:
        return None


@state
class _Ranges:
    """The narrowest range seen for each column."""

    lows: dict[str, Column] = field(default_factory=dict)
    highs: dict[str, Column] = field(default_factory=dict)

    def narrow(self, name: str, function: str, limit: Column) -> None:
        """Take in one comparison; open ends count as closed, which is safe."""
        if function in ("equals", "greater", "greaterOrEquals"):
            known = self.lows.get(name)
            if known is None or bool(is_less(known, limit)[0]):
                self.lows[name] = limit
        if function in ("equals", "less", "lessOrEquals"):
            known = self.highs.get(name)
            if known is None or bool(is_greater(known, limit)[0]):
                self.highs[name] = limit

    def items(self) -> Iterable[tuple[str, Bounds]]:
        """Yield each column's range."""
        for name in dict.fromkeys((*self.lows, *self.highs)):
            yield name, Bounds(self.lows.get(name), self.highs.get(name))


BOUND_SCANS = Rule(
    "bound_scans", "skip granules whose minimum and maximum cannot match", bound_scans
)
