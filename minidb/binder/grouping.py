"""Binding GROUP BY: the keys, and replacing them in what is computed after grouping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minidb.binder.aggregates import AggregateList
from minidb.binder.expressions import ExprBinder
from minidb.columns import Field
from minidb.errors import BAD_ARGUMENTS, ILLEGAL_AGGREGATION, NOT_AN_AGGREGATE, BindError
from minidb.expr import BoundExpr, ColumnRef, LambdaExpr, rewrite, walk
from minidb.plan.nodes import Computed
from minidb.source import Span
from minidb.sql import ast


@dataclass(frozen=True, slots=True)
class GroupKeys:
    """The keys of GROUP BY: the columns that Aggregate makes of them, and their expressions."""

    computed: tuple[Computed, ...]
    exprs: tuple[BoundExpr, ...]

    def replace(self, expr: BoundExpr, aggregates: AggregateList, span: Span | None) -> BoundExpr:
        """Return `expr` over the columns that exist after grouping.

        Raises
        ------
        BindError
            NOT_AN_AGGREGATE for a column that is neither a key nor inside an aggregate.
        """
        keys = dict(zip(self.exprs, self.computed, strict=True))
        allowed = aggregates.ids

        def change(part: BoundExpr) -> BoundExpr | None:
            if part.is_constant:
                # It keeps its value without the key, and functions ask for constants.
                return part
            for key_expr, key in keys.items():
                if part == key_expr:
                    return ColumnRef(key.field.id, key.field.type, key.field.name, part.span)
            return None

        replaced = rewrite(expr, change)
        allowed |= {key.field.id for key in self.computed}
        allowed |= {
            parameter.id
            for part in walk(replaced)
            if isinstance(part, LambdaExpr)
            for parameter in part.parameters
        }
        for part in walk(replaced):
            if not isinstance(part, ColumnRef) or aggregates.is_outside(part.id):
                continue
            if part.id not in allowed:
                message = f"column {part.name!r} is neither in GROUP BY nor inside an aggregate"
                hint = f"write any({part.name}), or add it to GROUP BY"
                raise BindError(NOT_AN_AGGREGATE, message, span=part.span or span, hint=hint)
        return replaced


def bind_keys(
    select: ast.Select,
    outputs: Sequence[BoundExpr],
    binder: ExprBinder,
    aggregates: AggregateList,
) -> GroupKeys | None:
    """Return the keys of GROUP BY, or None without the clause.

    A whole number counts selected expressions from 1. ``GROUP BY ALL`` takes every selected
    expression without an aggregate.

    Raises
    ------
    BindError
        ILLEGAL_AGGREGATION for a key with an aggregate.
    """
    clause = select.group_by
    if clause is None:
        return None
    exprs: list[BoundExpr] = []
    if clause.mode == "ALL":
        exprs = [output for output in outputs if not aggregates.reads(output)]
    for item in clause.exprs:
        bound = positional(item, outputs)
        bound = binder.bind(item) if bound is None else bound
        if aggregates.reads(bound):
            message = "an aggregate may not stand in GROUP BY"
            raise BindError(ILLEGAL_AGGREGATION, message, span=item.span)
        exprs.append(bound)
    distinct = tuple(dict.fromkeys(exprs))
    environment = binder.environment
    computed = tuple(
        Computed(Field(environment.next_id(), _name(expr), expr.type), expr) for expr in distinct
    )
    return GroupKeys(computed, distinct)


def _name(expr: BoundExpr) -> str:
    """Return the name of a key's column: that of the column it is, else a general one."""
    return expr.name if isinstance(expr, ColumnRef) else "key"


def positional(item: ast.Expr, outputs: Sequence[BoundExpr]) -> BoundExpr | None:
    """Return the selected expression that a whole number means, or None.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a number outside the list.
    """
    if not isinstance(item, ast.Literal) or isinstance(item.value, bool):
        return None
    if not isinstance(item.value, int):
        return None
    if not 1 <= item.value <= len(outputs):
        message = f"position {item.value} is not in the select list of {len(outputs)}"
        raise BindError(BAD_ARGUMENTS, message, span=item.span)
    return outputs[item.value - 1]
