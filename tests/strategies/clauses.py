"""Small tables for clauses that compare, group and repeat rows: few values, so that many meet."""

from __future__ import annotations

from hypothesis import strategies as st

Row = tuple[int, str | None]

rows: st.SearchStrategy[list[Row]] = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([None, "", "a", "b"])), max_size=12
)
arrays: st.SearchStrategy[list[list[int]]] = st.lists(
    st.lists(st.integers(0, 3), max_size=4), max_size=8
)
limits = st.integers(-5, 5)
batch_sizes = st.sampled_from([1, 2, 3, 1024])
