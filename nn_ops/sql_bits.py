"""SQL functions that pack and unpack: bits, signs, masks, pixels and whole images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.extension import ArrayType, IntType
from nn_ops.conventions import (
    Words,
    has_tail_bits,
    n_words,
    pack_bits,
    pack_signs,
    unpack_bits,
    unpack_signs,
)
from nn_ops.errors import NN_NOT_BINARY, NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.sql_given import MAX_CELLS, Given
from nn_ops.sql_tensors import Constant, Data, Run, tensor_function
from nn_ops.sql_values import NUMBERS, SIZES, WHOLE, WORDS, Tensor, reals_of, words_of

UINT8, INT8, INT32, UINT32 = (
    IntType(8, False),
    IntType(8, True),
    IntType(32, True),
    IntType(32, False),
)
PACKED = ArrayType(IntType(64, False))

N_BITS = Constant("n_bits", WHOLE)
SHAPE = Constant("shape", SIZES)


def images_of(tensor: Tensor, shape: ImageShape) -> Words:
    """Return packed images from rows of their words.

    Returns
    -------
    ndarray of uint64, shape (n, height, width, n_words(channels))

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a row is no image of the shape.
    """
    words = n_words(shape.channels)
    wanted = shape.cells * words
    if tensor.shape[1] != wanted:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{tensor.shape[1]} words are no packed image of {shown(shape)}",
            hint=f"it has {wanted}: {words} for each pixel, as nnPackImage makes them",
        )
    images = words_of(tensor).reshape(-1, shape.height, shape.width, words)
    if has_tail_bits(images, shape.channels):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"a pixel has bits beyond its {shape.channels} channels",
            hint="nnPackImage packs the channels of each pixel for themselves",
        )
    return images


def values_of(tensor: Tensor, shape: ImageShape) -> Tensor:
    """Return images of numbers, shape (n, height, width, channels).

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a row is no image of the shape.
    """
    if tensor.shape[1] != shape.size:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{tensor.shape[1]} values are no image of {shown(shape)}",
            hint=f"it has {shape.size}, by row, column, channel",
        )
    return tensor.reshape(-1, shape.height, shape.width, shape.channels)


def vectors_of(tensor: Tensor, n_bits: int) -> Words:
    """Return packed rows of `n_bits` bits.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH for another number of words, or bits beyond.
    """
    wanted = n_words(n_bits)
    words = words_of(tensor)
    if words.shape[1] != wanted or has_tail_bits(words, n_bits):
        found = f"{words.shape[1]} words" if words.shape[1] != wanted else "bits beyond them"
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{n_bits} bits take {wanted} words, found {found}",
            hint="nnPackBits and nnPackSigns pack so",
        )
    return words


def shown(shape: ImageShape) -> str:
    """Return a shape as text."""
    return f"{shape.height}x{shape.width}x{shape.channels}"


def flat(images: NDArray[np.generic]) -> Tensor:
    """Return images with one row each."""
    return images.reshape(len(images), int(np.prod(images.shape[1:])))


def _pack_bits(given: Given) -> Run:
    def run(values: Tensor) -> Tensor:
        if np.any((values != 0) & (values != 1)):
            raise ExtensionError(
                NN_NOT_BINARY, "only 0 and 1 are bits", hint="for +1 and -1 use nnPackSigns"
            )
        return pack_bits(values != 0)

    return run


def _unpack_bits(given: Given) -> Run:
    n_bits = given.integer("n_bits", 0)
    return lambda words: unpack_bits(vectors_of(words, n_bits), n_bits).astype(np.uint8)


def _pack_signs(given: Given) -> Run:
    return pack_signs


def _unpack_signs(given: Given) -> Run:
    n_bits = given.integer("n_bits", 0)
    return lambda words: unpack_signs(vectors_of(words, n_bits), n_bits)


def _pack_mask(given: Given) -> Run:
    return lambda values: pack_bits(reals_of(values, "values") != 0)


def _pack_image(given: Given) -> Run:
    shape = given.shape()
    return lambda values: flat(pack_signs(values_of(values, shape)))


def _unpack_image(given: Given) -> Run:
    shape = given.shape()
    return lambda words: flat(unpack_signs(images_of(words, shape), shape.channels))


def _thermometer(given: Given) -> Run:
    shape = given.shape()
    limits = given.integers("thresholds", 1)
    if not len(limits) or len(limits) * shape.size > MAX_CELLS:
        raise given.refused(f"{len(limits)} thresholds", "give one or more, smallest first")

    def run(pixels: Tensor) -> Tensor:
        is_above = values_of(pixels, shape)[..., None] > limits
        return flat(pack_bits(is_above.reshape(*is_above.shape[:3], -1)))

    return run


def _distance(given: Given) -> Run:
    return _differing


def _differing(left: Tensor, right: Tensor, mask: Tensor | None = None) -> Tensor:
    """Count the differing bits of rows, where the mask is set."""
    if left.shape[1] != right.shape[1] or (mask is not None and mask.shape[1] != left.shape[1]):
        sizes = [str(t.shape[1]) for t in (left, right, mask) if t is not None]
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"arrays of {' and '.join(sizes)} words cannot be compared",
            hint="all are packed from the same number of bits",
        )
    differing = words_of(left) ^ words_of(right)
    if mask is not None:
        differing &= words_of(mask)
    return np.asarray(np.bitwise_count(differing).sum(axis=1, dtype=np.uint32))


def _dot(given: Given) -> Run:
    n_bits = given.integer("n_bits", 0)

    def run(left: Tensor, right: Tensor) -> Tensor:
        counts = _differing(vectors_of(left, n_bits), vectors_of(right, n_bits))
        return n_bits - 2 * counts.astype(np.int32)

    return run


def _masked_dot(given: Given) -> Run:
    def run(left: Tensor, right: Tensor, mask: Tensor) -> Tensor:
        counts = _differing(left, right, mask).astype(np.int32)
        terms = np.bitwise_count(words_of(mask)).sum(axis=1, dtype=np.int32)
        return np.asarray(terms - 2 * counts)

    return run


VALUES = (Data("values", NUMBERS),)
WORDS_ALONE = (Data("words", WORDS),)
PAIR = (Data("left", WORDS), Data("right", WORDS))

FUNCTIONS = (
    tensor_function(
        "nnPackBits",
        (Data("bits", NUMBERS),),
        (),
        PACKED,
        _pack_bits,
        text="Bits (0 and 1) as 64-bit words: bit i is bit i % 64 of word i / 64.",
        example="SELECT nnPackBits([1, 0, 1, 1])",
    ),
    tensor_function(
        "nnUnpackBits",
        WORDS_ALONE,
        (N_BITS,),
        ArrayType(UINT8),
        _unpack_bits,
        text="The first `n_bits` bits of packed words, as 0 and 1.",
        example="SELECT nnUnpackBits([13], 4)",
    ),
    tensor_function(
        "nnPackSigns",
        VALUES,
        (),
        PACKED,
        _pack_signs,
        text="Signs (+1 and -1) as 64-bit words, +1 as bit 1; an exact 0 is refused.",
        example="SELECT nnPackSigns([1, -1, 1, 1])",
    ),
    tensor_function(
        "nnUnpackSigns",
        WORDS_ALONE,
        (N_BITS,),
        ArrayType(INT8),
        _unpack_signs,
        text="The first `n_bits` bits of packed words, as +1 and -1.",
        example="SELECT nnUnpackSigns([13], 4)",
    ),
    tensor_function(
        "nnPackMask",
        VALUES,
        (),
        PACKED,
        _pack_mask,
        text="A mask as 64-bit words: bit 1 where a value is not 0, so that pruned weights do not count.",
        example="SELECT nnPackMask([1, 0, -1, 0.5])",
    ),
    tensor_function(
        "nnPackImage",
        VALUES,
        (SHAPE,),
        PACKED,
        _pack_image,
        text="An image of signs, by row, column, channel, packed pixel by pixel.",
        example="SELECT nnPackImage([1, -1, 1, 1], [2, 2, 1])",
    ),
    tensor_function(
        "nnUnpackImage",
        (Data("image", WORDS),),
        (SHAPE,),
        ArrayType(INT8),
        _unpack_image,
        text="The signs of a packed image, by row, column, channel.",
        example="SELECT nnUnpackImage([1, 0, 1, 1], [2, 2, 1])",
    ),
    tensor_function(
        "nnThermometer",
        (Data("pixels", NUMBERS),),
        (SHAPE, Constant("thresholds", NUMBERS)),
        PACKED,
        _thermometer,
        text="Pixels as a packed image with a channel per threshold: +1 where the pixel is above it.",
        example="SELECT nnThermometer([0, 7, 16, 3], [2, 2, 1], [2, 5, 10])",
    ),
    tensor_function(
        "nnDistance",
        PAIR,
        (),
        UINT32,
        _distance,
        text="In how many bits two arrays of words differ.",
        example="SELECT nnDistance([6, 1], [4, 2])",
    ),
    tensor_function(
        "nnMaskedDistance",
        (*PAIR, Data("mask", WORDS)),
        (),
        UINT32,
        _distance,
        text="In how many bits two arrays of words differ, counting those alone where `mask` is set.",
        example="SELECT nnMaskedDistance([6, 1], [4, 2], [3, 1])",
    ),
    tensor_function(
        "nnDot",
        PAIR,
        (N_BITS,),
        INT32,
        _dot,
        text="The sum of the products of two packed rows of signs: n_bits - 2 * distance.",
        example="SELECT nnDot(nnPackSigns([1, -1, 1]), nnPackSigns([1, 1, 1]), 3)",
    ),
    tensor_function(
        "nnMaskedDot",
        (*PAIR, Data("mask", WORDS)),
        (),
        INT32,
        _masked_dot,
        text="The sum of the products of two packed rows of signs, over the bits of `mask` alone.",
        example="SELECT nnMaskedDot([6], [4], [7])",
    ),
)
