"""The oracle itself, on cases small enough to work out by hand."""

from __future__ import annotations

import numpy as np
from bitarray import bitarray

from nn_ops import reference_digits as reference
from nn_ops.batch_norm import BatchNorm
from nn_ops.conventions import pack_signs
from nn_ops.geometry import ImageShape
from nn_ops.network import ConvLayer
from nn_ops.threshold import Limits


def conv_layer(padding: int, kernel: int) -> ConvLayer:
    """Return a 2x2, one-channel convolution whose only kernel is all +1."""
    one = np.ones(1)
    norm = BatchNorm(one, one, one, one, one, 1e-5)
    words = pack_signs(np.ones((1, kernel * kernel)))
    return ConvLayer("c", ImageShape(2, 2, 1), 1, kernel, 1, padding, 1, words, norm)


def test_a_border_counts_as_minus_one() -> None:
    distances = reference.conv(bitarray("1111"), conv_layer(padding=1, kernel=3))
    assert distances == [5, 5, 5, 5]  # each 3x3 patch holds the four +1 and five of the border


def test_a_patch_is_read_row_by_row() -> None:
    layer = conv_layer(padding=0, kernel=2)
    assert reference.patch(bitarray("1001"), layer, 0, 0) == bitarray("1001")
    assert reference.conv(bitarray("1001"), layer) == [2]


def test_the_thresholds_are_the_fastest_place() -> None:
    assert reference.encode([0, 5, 16], [3, 5]) == bitarray("001011")


def test_bits_are_unpacked_from_the_least_significant() -> None:
    words = np.array([[1 << 63 | 2, 1]], dtype=np.uint64)
    bits = reference.unpack(words, 66)[0]
    assert [place for place in range(66) if bits[place]] == [1, 63, 64]


def test_the_pool_takes_the_least_distance_of_each_filter() -> None:
    distances = [4, 1, 3, 2, 2, 8, 5, 0]  # two rows, two columns, two filters
    assert reference.min_pool(distances, ImageShape(2, 2, 2), 2) == [2, 0]


def test_each_filter_has_its_own_limit_and_polarity() -> None:
    limits = Limits(np.array([2, 2], dtype=np.int32), np.array([1, -1], dtype=np.int8))
    assert reference.decide([2, 2, 3, 1], limits) == bitarray("1100")
