"""Rule: a call whose arguments are all constant becomes its value."""

from __future__ import annotations

from minidb.binder.environment import Environment
from minidb.errors import MiniDBError
from minidb.expr import BoundExpr, ScalarCall, constant_from_column, rewrite
from minidb.expr.evaluate import evaluate_constant
from minidb.optimizer.rule import Rule, bottom_up
from minidb.plan.nodes import PlanNode
from minidb.plan.rewrite import map_expressions


def fold_constants(plan: PlanNode, environment: Environment) -> PlanNode:
    """Evaluate constant calls once; one that fails stays, to fail only if a row needs it."""

    def fold(part: BoundExpr) -> BoundExpr | None:
        if not isinstance(part, ScalarCall) or not part.is_constant:
            return None
        try:
            column = evaluate_constant(part, environment.settings)
        except MiniDBError:
            return part
        return part if column is None else constant_from_column(column, part.span)

    return bottom_up(plan, lambda node: map_expressions(node, lambda expr: rewrite(expr, fold)))


FOLD_CONSTANTS = Rule(
    "fold_constants", "evaluate calls of constants once, before the query runs", fold_constants
)
