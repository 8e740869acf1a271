"""Packing signs into words: bit order, tail bits, and what has no bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from nn_ops.conventions import (
    differing_bits,
    has_tail_bits,
    n_words,
    pack_bits,
    pack_signs,
    unpack_bits,
    unpack_signs,
)
from nn_ops.errors import NN_NOT_BINARY, NN_SHAPE_MISMATCH, ExtensionError
from tests.strategies.signs import sign_matrices


@pytest.mark.parametrize(("n_bits", "words"), [(0, 0), (1, 1), (63, 1), (64, 1), (65, 2)])
def test_words_are_counted_up(n_bits: int, words: int) -> None:
    assert n_words(n_bits) == words


def test_bit_i_is_counted_from_the_least_significant() -> None:
    signs = np.full(70, -1)
    signs[[0, 3, 63, 64, 69]] = 1
    expected = [1 | 1 << 3 | 1 << 63, 1 | 1 << 5]
    assert [int(word) for word in pack_signs(signs)] == expected


@given(sign_matrices())
def test_unpacking_gives_back_what_was_packed(signs: NDArray[np.int8]) -> None:
    words = pack_signs(signs)
    n_bits = signs.shape[1]
    assert words.dtype == np.uint64
    assert words.shape == (len(signs), n_words(n_bits))
    assert not has_tail_bits(words, n_bits)
    assert np.array_equal(unpack_signs(words, n_bits), signs)


@given(sign_matrices(n_rows=4))
def test_differing_bits_give_the_dot_product(signs: NDArray[np.int8]) -> None:
    words = pack_signs(signs)
    wide = signs.astype(np.int64)
    distances = differing_bits(words[:3], words)
    assert distances.dtype == np.int32
    assert np.array_equal(signs.shape[1] - 2 * distances, wide[:3] @ wide.T)


def test_no_bits_take_no_words() -> None:
    assert pack_bits(np.zeros((3, 0), dtype=bool)).shape == (3, 0)
    assert unpack_bits(np.zeros((3, 0), dtype=np.uint64), 0).shape == (3, 0)


@pytest.mark.parametrize("value", [0.0, -0.0, 0.5, np.nan, 2.0])
def test_only_plus_and_minus_one_are_packed(value: float) -> None:
    with pytest.raises(ExtensionError) as caught:
        pack_signs(np.array([1.0, value, -1.0]))
    assert caught.value.code == NN_NOT_BINARY


def test_unpacking_wants_the_right_number_of_words() -> None:
    with pytest.raises(ExtensionError) as caught:
        unpack_bits(np.zeros((1, 2), dtype=np.uint64), 64)
    assert caught.value.code == NN_SHAPE_MISMATCH


def test_a_bit_beyond_those_in_use_is_seen() -> None:
    words = np.array([[1 << 63]], dtype=np.uint64)
    assert has_tail_bits(words, 63)
    assert not has_tail_bits(words, 64)
    assert has_tail_bits(np.concatenate([words, 0 * words]), 63)  # in one row of two
