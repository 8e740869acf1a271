"""How signs are packed into words: the one place that says it.

Bit 1 is +1, bit 0 is -1. Bit i of a row is bit ``i % 64``, counted from the least significant, of
uint64 word ``i // 64``; tail bits are zero. A patch lists its values by kernel row, kernel column,
channel, the channel fastest. An exact 0 has no bit: packing refuses it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_ops.errors import NN_NOT_BINARY, NN_SHAPE_MISMATCH, ExtensionError

WORD_BITS = 64

Words = NDArray[np.uint64]
Bits = NDArray[np.bool_]


def n_words(n_bits: int) -> int:
    """Return how many 64-bit words hold `n_bits` bits."""
    return -(-n_bits // WORD_BITS)


def pack_bits(bits: Bits) -> Words:
    """Pack bits along the last axis.

    Parameters
    ----------
    bits : ndarray of bool, shape (..., n)

    Returns
    -------
    ndarray of uint64, shape (..., n_words(n))
        Tail bits zero.
    """
    bits = np.asarray(bits, dtype=np.bool_)
    n_bits = bits.shape[-1]
    packed = np.packbits(bits, axis=-1, bitorder="little")
    missing = n_words(n_bits) * 8 - packed.shape[-1]
    padded = np.pad(packed, [(0, 0)] * (bits.ndim - 1) + [(0, missing)])
    return np.ascontiguousarray(padded).view("<u8").astype(np.uint64, copy=False)


def unpack_bits(words: Words, n_bits: int) -> Bits:
    """Return the first `n_bits` bits of each row of words.

    Parameters
    ----------
    words : ndarray of uint64, shape (..., n_words(n_bits))
    n_bits : int

    Returns
    -------
    ndarray of bool, shape (..., n_bits)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the last axis does not hold `n_bits` bits.
    """
    if words.shape[-1] != n_words(n_bits):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{n_bits} bits take {n_words(n_bits)} words, found {words.shape[-1]}",
        )
    octets = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    if n_bits == 0:
        return np.zeros((*words.shape[:-1], 0), dtype=np.bool_)
    return np.unpackbits(octets, axis=-1, count=n_bits, bitorder="little").astype(np.bool_)


def pack_signs(signs: NDArray[np.generic]) -> Words:
    """Pack values of ±1 along the last axis, +1 as bit 1.

    Parameters
    ----------
    signs : ndarray of any real dtype, shape (..., n)

    Returns
    -------
    ndarray of uint64, shape (..., n_words(n))

    Raises
    ------
    ExtensionError
        NN_NOT_BINARY when a value is neither +1 nor -1.
    """
    positive = np.asarray(signs == 1)
    if not np.all(positive | (signs == -1)):
        raise ExtensionError(
            NN_NOT_BINARY,
            "only +1 and -1 can be packed",
            hint="a weight of exactly 0 has no sign; train on, or nudge it",
        )
    return pack_bits(positive)


def unpack_signs(words: Words, n_bits: int) -> NDArray[np.int8]:
    """Return the first `n_bits` signs of each row of words.

    Parameters
    ----------
    words : ndarray of uint64, shape (..., n_words(n_bits))
    n_bits : int

    Returns
    -------
    ndarray of int8, shape (..., n_bits)
        +1 and -1.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the last axis does not hold `n_bits` bits.
    """
    return np.where(unpack_bits(words, n_bits), 1, -1).astype(np.int8)


def has_tail_bits(words: Words, n_bits: int) -> bool:
    """Return whether any bit at or above `n_bits` is set, in any row."""
    used = n_bits % WORD_BITS
    if used == 0 or words.size == 0:
        return False
    tail = np.uint64((1 << WORD_BITS) - (1 << used))
    return bool(np.any(words[..., -1] & tail))


def differing_bits(left: Words, right: Words) -> NDArray[np.int32]:
    """Count the bits in which each row of `left` differs from each row of `right`.

    Parameters
    ----------
    left : ndarray of uint64, shape (m, w)
    right : ndarray of uint64, shape (n, w)

    Returns
    -------
    ndarray of int32, shape (m, n)
        ``popcount(left[i] xor right[j])``; with V bits in use their dot product is V minus twice
        this.
    """
    distances = np.zeros((len(left), len(right)), dtype=np.int32)
    for word in range(left.shape[1]):
        differing = left[:, word, None] ^ right[None, :, word]
        distances += np.bitwise_count(differing)
    return distances
