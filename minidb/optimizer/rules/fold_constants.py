"""Rule: what is constant becomes its value, once: calls of constants, and texts read as dates."""

from __future__ import annotations

from minidb.binder.environment import Environment
from minidb.columns import StringColumn
from minidb.errors import MiniDBError
from minidb.expr import (
    BoundExpr,
    ColumnRef,
    Constant,
    ScalarCall,
    constant_from_column,
    make_call,
    rewrite,
)
from minidb.expr.evaluate import evaluate_constant
from minidb.functions.builtin.compare_constants import read_constant
from minidb.functions.compare_numbers import COMPARISONS
from minidb.optimizer.rule import Rule, bottom_up
from minidb.plan.nodes import PlanNode
from minidb.plan.rewrite import map_expressions
from minidb.types import DateTimeType, DateType, DecimalType, FloatType, without_null

COMPARING = frozenset(comparison.name for comparison in COMPARISONS)
READ_ONCE = (DateType, DateTimeType, DecimalType, FloatType)


def fold_constants(plan: PlanNode, environment: Environment) -> PlanNode:
    """Evaluate constant calls once; one that fails stays, to fail only if a row needs it."""

    def fold(part: BoundExpr) -> BoundExpr | None:
        if not isinstance(part, ScalarCall):
            return None
        if not part.is_constant:
            return _with_text_read(part)
        try:
            column = evaluate_constant(part, environment.settings)
        except MiniDBError:
            return part
        return part if column is None else constant_from_column(column, part.span)

    return bottom_up(plan, lambda node: map_expressions(node, lambda expr: rewrite(expr, fold)))


def _with_text_read(call: ScalarCall) -> ScalarCall | None:
    """Return ``day < '2021-01-01'`` with the text read as the type of the column beside it."""
    if call.name not in COMPARING or len(call.args) != 2:
        return None
    for place in (0, 1):
        text, column = call.args[place], call.args[1 - place]
        if not isinstance(text, Constant) or not isinstance(column, ColumnRef):
            continue
        wanted = without_null(column.type)
        if isinstance(text.column, StringColumn) and isinstance(wanted, READ_ONCE):
            try:
                value = read_constant(text.column, wanted)
            except MiniDBError:
                return None
            args = list(call.args)
            args[place] = constant_from_column(value, text.span)
            return make_call(call.function, args, call.type, call.span, call.serial)
    return None


FOLD_CONSTANTS = Rule(
    "fold_constants",
    "evaluate calls of constants once, and read texts as the dates they stand beside",
    fold_constants,
)
