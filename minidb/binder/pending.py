"""Queries inside expressions that read columns around them: until the plan holds their joins."""

from __future__ import annotations

from enum import Enum

from minidb.columns import Field
from minidb.plan.nodes import PlanNode
from minidb.record import record
from minidb.source import Span


class Wanted(Enum):
    """What a query inside an expression stands for.

    VALUE: the value of its only row, NULL without a row. EXISTS: 1 where it has a row, else 0.
    """

    VALUE = "value"
    EXISTS = "exists"


@record
class Pending:
    """A query inside an expression that reads columns of the query around it.

    The expression reads `field`, a column that nothing makes until `place_subqueries` joins
    `plan` to the rows below the expression.

    Parameters
    ----------
    field : Field
        The column that the expression reads.
    plan : PlanNode
        The query; columns that it reads and does not make are those around it.
    wanted : Wanted
        What the column holds.
    level : int
        The SELECT whose expression this is.
    span : Span
        The place of the query.
    """

    field: Field
    plan: PlanNode
    wanted: Wanted
    level: int
    span: Span
