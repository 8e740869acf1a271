"""The MurmurHash family: version 2 in 32 and 64 bits, version 3 in 32 and 128 bits; seed 0.

References
----------
.. [1] A. Appleby, "MurmurHash" and "SMHasher", 2008 to 2011.
"""

from __future__ import annotations

import numpy as np

from minidb.functions.builtin.hash_words import (
    LOW_32,
    Hashes,
    Texts,
    multiply_32,
    rotate_left,
    rotate_left_32,
    u64,
)

M2_32 = 0x5BD1E995
M2_64 = u64(0xC6A4A7935BD1E995)
C1_32, C2_32 = 0xCC9E2D51, 0x1B873593
C1_64, C2_64 = u64(0x87C37B91114253D5), u64(0x4CF5AD432745937F)


def _shifted(words: Hashes, bits: int) -> Hashes:
    mixed: Hashes = words ^ (words >> np.uint64(bits))
    return mixed


KAFKA_SEED = 0x9747B28C
GCC_SEED = 0xC70F6907


def murmur2_32(texts: Texts, seed: int = 0) -> Hashes:
    """Return MurmurHash2 of each text, 32 bits in uint64."""
    h = (texts.sizes ^ np.uint64(seed)) & LOW_32
    for rows, place in texts.blocks(4):
        k = multiply_32(texts.rows(rows).u32(place), M2_32)
        k = multiply_32(_shifted(k, 24), M2_32)
        h[rows] = multiply_32(h[rows], M2_32) ^ k
    has_tail = texts.lengths % 4 > 0
    h = np.where(has_tail, multiply_32(h ^ texts.tail64(4), M2_32), h)
    h = multiply_32(_shifted(h, 13), M2_32)
    return _shifted(h, 15)


def kafka_murmur2(texts: Texts) -> Hashes:
    """Return Kafka's choice of a partition: MurmurHash2 of a seed of its own, made positive."""
    return murmur2_32(texts, KAFKA_SEED) & u64(0x7FFFFFFF)


def murmur2_64(texts: Texts, seed: int = 0) -> Hashes:
    """Return MurmurHash64A of each text."""
    h = (texts.sizes * M2_64) ^ np.uint64(seed)
    for rows, place in texts.blocks(8):
        k = texts.rows(rows).u64(place) * M2_64
        k = _shifted(k, 47) * M2_64
        h[rows] = (h[rows] ^ k) * M2_64
    has_tail = texts.lengths % 8 > 0
    h = np.where(has_tail, (h ^ texts.tail64(8)) * M2_64, h)
    return _shifted(_shifted(h, 47) * M2_64, 47)


def murmur3_32(texts: Texts) -> Hashes:
    """Return MurmurHash3_x86_32 of each text, 32 bits in uint64."""
    h = np.zeros(len(texts.lengths), np.uint64)
    for rows, place in texts.blocks(4):
        k = _mixed_32(texts.rows(rows).u32(place))
        h[rows] = (rotate_left_32(h[rows] ^ k, 13) * np.uint64(5) + np.uint64(0xE6546B64)) & LOW_32
    h ^= _mixed_32(texts.tail64(4))
    h ^= texts.sizes & LOW_32
    h = multiply_32(_shifted(h, 16), 0x85EBCA6B)
    h = multiply_32(_shifted(h, 13), 0xC2B2AE35)
    return _shifted(h, 16)


def _mixed_32(k: Hashes) -> Hashes:
    return multiply_32(rotate_left_32(multiply_32(k, C1_32), 15), C2_32)


def _mixed_low(k: Hashes) -> Hashes:
    mixed: Hashes = rotate_left(k * C1_64, 31) * C2_64
    return mixed


def _mixed_high(k: Hashes) -> Hashes:
    mixed: Hashes = rotate_left(k * C2_64, 33) * C1_64
    return mixed


def murmur3_128(texts: Texts) -> tuple[Hashes, Hashes]:
    """Return the two words of MurmurHash3_x64_128 of each text, the low one first."""
    h1 = np.zeros(len(texts.lengths), np.uint64)
    h2 = np.zeros(len(texts.lengths), np.uint64)
    for rows, place in texts.blocks(16):
        part = texts.rows(rows)
        low = h1[rows] ^ _mixed_low(part.u64(place))
        low = (rotate_left(low, 27) + h2[rows]) * np.uint64(5) + np.uint64(0x52DCE729)
        high = h2[rows] ^ _mixed_high(part.u64(place + 8))
        h2[rows] = (rotate_left(high, 31) + low) * np.uint64(5) + np.uint64(0x38495AB5)
        h1[rows] = low
    tail = texts.lengths % 16
    place = texts.lengths - tail
    rest = Texts(texts.data, texts.starts + place, np.minimum(tail, 8))
    low_word = np.where(tail >= 8, rest.u64(0), rest.tail64(8))
    high_rest = Texts(texts.data, texts.starts + place + 8, np.maximum(tail - 8, 0))
    h1 ^= _mixed_low(low_word)
    h2 ^= _mixed_high(high_rest.tail64(8))
    h1, h2 = h1 ^ texts.sizes, h2 ^ texts.sizes
    h1 = h1 + h2
    h2 = h2 + h1
    h1, h2 = _finish_64(h1), _finish_64(h2)
    h1 = h1 + h2
    return h1, h2 + h1


def _finish_64(k: Hashes) -> Hashes:
    k = _shifted(k, 33) * u64(0xFF51AFD7ED558CCD)
    k = _shifted(k, 33) * u64(0xC4CEB9FE1A85EC53)
    return _shifted(k, 33)


def murmur3_64(texts: Texts) -> Hashes:
    """Return the two words of `murmur3_128` in one, as ClickHouse does."""
    low, high = murmur3_128(texts)
    return low ^ high
