"""Queries inside queries, two levels deep, that read columns of any query around them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.nested_queries import (
    Column,
    Compare,
    Exists,
    IsIn,
    Logic,
    Node,
    Not,
    Number,
    Plus,
    Query,
    Scalar,
)

TABLES = ("r", "s")
NAMES = ("a", "b")
MAX_DEPTH = 2


@st.composite
def values(draw: st.DrawFn, aliases: tuple[str, ...], depth: int, size: int = 2) -> Node:
    """Return an expression over the columns of the queries around it."""
    # What stands deep inside reads the innermost row mostly, as people write it.
    kinds = ["column", "column", "column", "number"]
    if size:
        kinds += ["plus"] + (["scalar"] if depth < MAX_DEPTH else [])
    match draw(st.sampled_from(kinds)):
        case "column":
            alias = draw(st.sampled_from((*aliases, aliases[-1])))
            return Column(alias, draw(st.sampled_from(NAMES)))
        case "number":
            return Number(draw(st.integers(0, 4)))
        case "plus":
            parts = [draw(values(aliases, depth, size - 1)) for _ in range(2)]
            return Plus(*parts)
        case _:
            return Scalar(draw(inner_queries(aliases, depth + 1, one_row=draw(st.booleans()))))


@st.composite
def conditions(draw: st.DrawFn, aliases: tuple[str, ...], depth: int, size: int = 2) -> Node:
    """Return a condition over the columns of the queries around it."""
    kinds = ["compare", "compare", "equal"]
    if size:
        kinds += ["and", "or", "not"] + (["exists", "in", "in"] if depth < MAX_DEPTH else [])
    match draw(st.sampled_from(kinds)):
        case "compare":
            parts = [draw(values(aliases, depth, 1)) for _ in range(2)]
            return Compare(draw(st.sampled_from(("=", "<", "!="))), *parts)
        case "equal":
            # The correlation that becomes a plain join.
            inner = Column(aliases[-1], draw(st.sampled_from(NAMES)))
            outer = Column(draw(st.sampled_from(aliases)), draw(st.sampled_from(NAMES)))
            return Compare("=", inner, outer)
        case "and" | "or" as word:
            parts = [draw(conditions(aliases, depth, size - 1)) for _ in range(2)]
            return Logic(word.upper(), *parts)
        case "not":
            return Not(draw(conditions(aliases, depth, size - 1)))
        case "exists":
            return Exists(draw(inner_queries(aliases, depth + 1)))
        case _:
            operand = draw(values(aliases, depth, 1))
            query = draw(inner_queries(aliases, depth + 1))
            return IsIn(operand, query, draw(st.booleans()))


@st.composite
def inner_queries(
    draw: st.DrawFn, aliases: tuple[str, ...], depth: int, one_row: bool = False
) -> Query:
    """Return a query that sees the columns of those around it; perhaps of one row at most."""
    alias = f"t{depth}" + draw(st.sampled_from("xy"))
    inside = (*aliases, alias)
    table = draw(st.sampled_from(TABLES))
    where = draw(st.none() | conditions(inside, depth))
    shape = draw(st.sampled_from(("aggregate", "first", "rows", "groups", "distinct", "union")))
    if one_row and shape not in ("aggregate", "first"):
        shape = "aggregate"
    shown = draw(values(inside, depth, 1))
    match shape:
        case "aggregate" | "groups":
            aggregate = draw(st.sampled_from(("count", "sum", "min", "max")))
            # Of NULLs alone every aggregate but count is NULL, whatever is around it.
            shown = Plus(shown, Column(alias, "a"))
            group = draw(values((alias,), MAX_DEPTH, 0)) if shape == "groups" else None
            return Query(shown, table, alias, where, aggregate, group)
        case "first":
            return Query(
                shown, table, alias, where, first=1 if one_row else draw(st.integers(1, 2))
            )
        case "distinct":
            return Query(shown, table, alias, where, is_distinct=True)
        case "union":
            other = draw(values((*aliases, alias), depth, 1))
            also = Query(other, table, alias, draw(st.none() | conditions(inside, depth, 1)))
            return Query(shown, table, alias, where, also=also)
        case _:
            return Query(shown, table, alias, where)


@st.composite
def nested_queries(draw: st.DrawFn) -> Query:
    """Return a query over r with others inside."""
    shown = draw(values(("t0",), 0))
    return Query(shown, "r", "t0", draw(st.none() | conditions(("t0",), 0)))


def tables() -> st.SearchStrategy[dict[str, list[dict[str, int | None]]]]:
    """Return rows of r and s: a may be NULL, b not."""
    row = st.fixed_dictionaries({"a": st.none() | st.integers(0, 3), "b": st.integers(0, 3)})
    return st.fixed_dictionaries({name: st.lists(row, max_size=5) for name in TABLES})
