"""The shipped digits: their content, their split, and damaged files."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.digits import load_digits, parse_digits
from nn_ops.errors import NN_FILE_DAMAGED, ExtensionError

FILE = files("nn_ops").joinpath("data/digits.npz").read_bytes()


def test_the_file_is_small() -> None:
    assert len(FILE) <= 100_000


def test_they_are_the_digits_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    original, digits = datasets.load_digits(), load_digits()
    assert np.array_equal(digits.pixels, original.data)
    assert np.array_equal(digits.labels, original.target)


def test_the_last_third_is_held_out() -> None:
    digits = load_digits()
    assert (len(digits), len(digits.training), len(digits.held_out)) == (1797, 1198, 599)
    assert np.array_equal(
        np.concatenate([digits.training.pixels, digits.held_out.pixels]), digits.pixels
    )


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        load_digits().pixels[0, 0] = 1


@pytest.mark.parametrize("size", [0, 1, 100, len(FILE) // 2, len(FILE) - 1])
def test_a_truncated_file_is_damaged(size: int) -> None:
    with pytest.raises(ExtensionError) as caught:
        parse_digits(FILE[:size])
    assert caught.value.code == NN_FILE_DAMAGED


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_damage(place: int, change: int) -> None:
    data = bytearray(FILE)
    data[place] ^= change
    with pytest.raises(ExtensionError) as caught:
        parse_digits(bytes(data))
    assert caught.value.code == NN_FILE_DAMAGED


def test_values_are_in_range() -> None:
    digits = load_digits()
    assert (digits.pixels.dtype, digits.pixels.shape) == (np.uint8, (1797, 64))
    assert (digits.pixels.max(), digits.labels.max()) == (16, 9)
