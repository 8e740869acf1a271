"""Joins of every kind over two small tables, and filters above them."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from minidb.plan.nodes import JoinKind, Partners

Row = tuple[int | None, int]

TABLES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.integers(-2, 2)), max_size=8
)

# Conditions as (function, left operand, right operand): "lk" is the left key, a number itself.
CONDITIONS = st.tuples(
    st.sampled_from(["less", "equals", "greaterOrEquals", "notEquals"]),
    st.sampled_from(["lk", "lv", "rk", "rv"]),
    st.one_of(st.sampled_from(["lk", "lv", "rk", "rv"]), st.integers(-2, 3)),
)


@dataclass(frozen=True, slots=True)
class JoinCase:
    """A join to be built and run."""

    kind: JoinKind
    partners: Partners
    has_keys: bool
    left: list[Row]
    right: list[Row]
    residual: list[tuple[str, str, str | int]]
    above: list[tuple[str, str, str | int]]


@st.composite
def join_cases(draw: st.DrawFn) -> JoinCase:
    """Draw a join: its kind, keys or none, residual conditions, and conditions above."""
    kind = draw(st.sampled_from(list(JoinKind)))
    may_limit = kind in (JoinKind.INNER, JoinKind.LEFT)
    partners = draw(st.sampled_from(list(Partners))) if may_limit else Partners.ALL
    shown = ("l",) if kind in (JoinKind.SEMI, JoinKind.ANTI, JoinKind.MARK) else ("l", "r")
    above = [
        condition
        for condition in draw(st.lists(CONDITIONS, max_size=2))
        if all(part[0] in shown for part in condition[1:] if isinstance(part, str))
    ]
    return JoinCase(
        kind,
        partners,
        draw(st.booleans()),
        draw(TABLES),
        draw(TABLES),
        draw(st.lists(CONDITIONS, max_size=2)),
        above,
    )
