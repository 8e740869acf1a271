"""The plan that a session makes of a query."""

from __future__ import annotations

import pytest

from minidb.database import Session
from minidb.plan.nodes import PlanNode
from minidb.statements import query as query_module
from minidb.statements.query import Planned, plan_query
from tests.support.engine import run


def optimized_plan(session: Session, sql: str) -> PlanNode:
    """Return the plan that a query runs by."""
    found: list[Planned] = []

    def spy(context, query) -> Planned:
        found.append(plan_query(context, query))
        return found[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query_module, "plan_query", spy)
        run(session, sql)
    return found[0].optimized.plan
