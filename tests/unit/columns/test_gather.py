"""Gathering texts, whichever way is quickest for them."""

from __future__ import annotations

import numpy as np
import pytest

from minidb.columns import StringColumn
from minidb.columns.gather import MIN_PIECES


def texts(lengths):
    """Return one text for each length, each made of bytes of its own."""
    return [bytes((row * 7 + place) % 251 for place in range(n)) for row, n in enumerate(lengths)]


@pytest.mark.parametrize(
    ("n_rows", "shortest", "longest"),
    [(1, 0, 0), (50, 3, 3), (50, 0, 40), (2 * MIN_PIECES, 0, 0), (2 * MIN_PIECES, 5, 5), (2 * MIN_PIECES, 0, 60),
     (2 * MIN_PIECES, 10, 60), (MIN_PIECES, 0, 1500), (5, 0, 3_000_000)],
)  # fmt: skip
def test_taken_texts_are_those_of_the_rows(n_rows, shortest, longest):
    random = np.random.default_rng(n_rows + longest)
    values = texts(random.integers(shortest, longest + 1, n_rows).tolist())
    rows = random.integers(0, n_rows, n_rows)
    column = StringColumn.from_bytes(values).slice(0, n_rows)
    assert column.take(rows).to_bytes() == [values[row] for row in rows]
    half = n_rows // 2
    assert column.slice(half, n_rows).take(rows[rows >= half] - half).to_bytes() == [
        values[row] for row in rows if row >= half
    ]


def test_no_rows_are_taken_from_no_rows():
    empty = StringColumn.from_bytes([])
    assert empty.take(np.zeros(0, np.intp)).to_bytes() == []
