"""Hypothesis strategies for signs; whole networks are in `tests.strategies.graphs`."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

BIT_WIDTHS = (1, 2, 7, 63, 64, 65, 127, 128, 129)


@st.composite
def sign_matrices(
    draw: st.DrawFn, n_rows: int | None = None, n_bits: int | None = None
) -> NDArray[np.int8]:
    """Draw a matrix of ±1, its width at the edges of a word more often than not."""
    rows = draw(st.integers(1, 5)) if n_rows is None else n_rows
    width = n_bits or draw(st.sampled_from(BIT_WIDTHS) | st.integers(1, 200))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    return np.where(generator.random((rows, width)) < share, 1, -1).astype(np.int8)
