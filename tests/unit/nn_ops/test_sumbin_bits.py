"""Words of several lanes, shifted and turned round, against Python's integers."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.sumbin_bits import shifted, turn_round

N_ROWS = 400


def words(n_lanes: int) -> tuple[np.ndarray, list[int]]:
    """Return random words, as lanes and as integers."""
    lanes = np.random.default_rng(n_lanes).integers(0, 2**64, (N_ROWS, n_lanes), np.uint64)
    return lanes, [join(row) for row in lanes.tolist()]


def join(lanes: list[int]) -> int:
    """Return a word's integer; lane 0 is the least significant."""
    return sum(lane << 64 * place for place, lane in enumerate(lanes))


@pytest.mark.parametrize("n_lanes", [1, 2, 4])
def test_words_are_shifted_over_their_lanes(n_lanes: int) -> None:
    lanes, numbers = words(n_lanes)
    amounts = np.arange(N_ROWS) % (n_lanes * 64 + 9)
    found = [join(row) for row in shifted(lanes, amounts).tolist()]
    top = 1 << n_lanes * 64
    assert found == [(word << int(by)) % top for word, by in zip(numbers, amounts, strict=True)]


@pytest.mark.parametrize("n_lanes", [1, 2, 4])
def test_the_lowest_bits_are_turned_round(n_lanes: int) -> None:
    lanes, numbers = words(n_lanes)
    counts = np.arange(N_ROWS) % (n_lanes * 64 + 1)
    found = [join(row) for row in turn_round(lanes, counts).tolist()]
    expected = [
        int(f"{word % (1 << count):0{count}b}"[::-1], 2) if count else 0
        for word, count in zip(numbers, counts.tolist(), strict=True)
    ]
    assert found == expected
