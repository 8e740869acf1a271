"""Joins of several small tables by comma and WHERE, in any shape of graph."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

TYPES = ("Int32", "UInt8", "Nullable(Int16)", "Float64")
COLUMNS = ("a", "b", "c", "f")


@dataclass(frozen=True, slots=True)
class JoinGraph:
    """Tables t0, t1, ... of rows (a, b, c, f), and conditions over their columns."""

    tables: list[list[tuple[int, int, int | None, float]]]
    source: str
    conditions: list[str]

    @property
    def where(self) -> str:
        """Return the WHERE clause, or nothing."""
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


ROWS = st.lists(
    st.tuples(
        st.integers(-1, 3),
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(0, 3)),
        st.sampled_from([0.0, -0.0, 1.0, float("nan")]),
    ),
    max_size=5,
)


@st.composite
def join_graphs(draw: st.DrawFn) -> JoinGraph:
    """Draw tables, how FROM lists them, and conditions."""
    n_tables = draw(st.integers(2, 5))
    tables = [draw(ROWS) for _ in range(n_tables)]
    column = st.builds(
        lambda table, name: f"t{table}.{name}",
        st.integers(0, n_tables - 1),
        st.sampled_from(COLUMNS),
    )
    number = st.integers(0, 3).map(str)
    equality = st.builds(lambda a, b: f"{a} = {b}", column, column)
    other = st.builds(
        lambda a, op, b: f"{a} {op} {b}",
        column,
        st.sampled_from(["<", "=", ">=", "!=", "<=>"]),
        st.one_of(column, number),
    )
    computed = st.builds(lambda a, b, c: f"{a} + {b} = {c}", column, column, column)
    either = st.builds(
        lambda a, b, c, d: f"({a} AND {b} OR {c} AND {d})", equality, other, equality, other
    )
    conditions = draw(st.lists(st.one_of(equality, equality, other, computed, either), max_size=6))
    source = "t0"
    for number_ in range(1, n_tables):
        joined = draw(st.sampled_from([",", "CROSS JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN"]))
        source += f" {joined} t{number_}"
        if joined.endswith("JOIN") and joined != "CROSS JOIN":
            names = [f"t{draw(st.integers(0, number_ - 1))}", f"t{number_}"]
            columns = [f"{name}.{draw(st.sampled_from(COLUMNS))}" for name in names]
            source += f" ON {' = '.join(columns)}"
    return JoinGraph(tables, source, conditions)
