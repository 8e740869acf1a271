"""CityHash64 in its version 1.0.2, which ClickHouse keeps for compatibility.

References
----------
.. [1] G. Pike, J. Alakuijala, "CityHash: fast hash functions for strings", Google, 2011.
"""

from __future__ import annotations

import numpy as np

from minidb.functions.builtin.hash_words import Hashes, Texts, by_length, rotate, u64

K0 = u64(0xC3A5C85C97CB3127)
K1 = u64(0xB492B66FBE98F273)
K2 = u64(0x9AE16A3B2F90404F)
K3 = u64(0xC949D7C7509E6557)
MIX = u64(0x9DDFEA08EB382D69)


def hash_pair(first: Hashes, second: Hashes) -> Hashes:
    """Hash two words to one."""
    a = (first ^ second) * MIX
    a ^= a >> np.uint64(47)
    b = (second ^ a) * MIX
    b ^= b >> np.uint64(47)
    mixed: Hashes = b * MIX
    return mixed


def _shift_mix(words: Hashes) -> Hashes:
    mixed: Hashes = words ^ (words >> np.uint64(47))
    return mixed


def _rotate_by(words: Hashes, bits: Hashes) -> Hashes:
    """Turn words right, each by its own number of bits from 1 to 63."""
    turned: Hashes = (words >> bits) | (words << (np.uint64(64) - bits))
    return turned


def _empty(texts: Texts) -> Hashes:
    return np.full(len(texts.lengths), K2, np.uint64)


def _to_3(texts: Texts) -> Hashes:
    a, b, c = texts.u8(0), texts.u8(texts.lengths // 2), texts.u8(texts.lengths - 1)
    y = a + (b << np.uint64(8))
    z = texts.sizes + (c << np.uint64(2))
    mixed: Hashes = _shift_mix(y * K2 ^ z * K3) * K2
    return mixed


def _to_8(texts: Texts) -> Hashes:
    a = texts.u32(0)
    return hash_pair(texts.sizes + (a << np.uint64(3)), texts.u32(texts.lengths - 4))


def _to_16(texts: Texts) -> Hashes:
    a, b, size = texts.u64(0), texts.end64(8), texts.sizes
    mixed: Hashes = hash_pair(a, _rotate_by(b + size, size)) ^ b
    return mixed


def _to_32(texts: Texts) -> Hashes:
    a, b = texts.u64(0) * K1, texts.u64(8)
    c, d = texts.end64(8) * K2, texts.end64(16) * K0
    return hash_pair(
        rotate(a - b, 43) + rotate(c, 30) + d, a + rotate(b ^ K3, 20) - c + texts.sizes
    )


def _half(a: Hashes, z: Hashes, second: Hashes, third: Hashes) -> tuple[Hashes, Hashes]:
    """Hash 32 bytes to two words."""
    b, c = rotate(a + z, 52), rotate(a, 37)
    a = a + second
    c = c + rotate(a, 7)
    a = a + third
    return a + z, b + rotate(a, 31) + c


def _to_64(texts: Texts) -> Hashes:
    first = texts.u64(0) + (texts.sizes + texts.end64(16)) * K0
    v1, v2 = _half(first, texts.u64(24), texts.u64(8), texts.u64(16))
    w1, w2 = _half(
        texts.u64(16) + texts.end64(32), texts.end64(8), texts.end64(24), texts.end64(16)
    )
    r = _shift_mix((v1 + w2) * K2 + (w1 + v2) * K0)
    mixed: Hashes = _shift_mix(r * K0 + v2) * K2
    return mixed


def _weak(
    texts: Texts, place: np.ndarray[tuple[int], np.dtype[np.int64]], a: Hashes, b: Hashes
) -> tuple[Hashes, Hashes]:
    """Mix 32 bytes into two seeds."""
    w, x, y, z = (texts.u64(place + step) for step in (0, 8, 16, 24))
    a = a + w
    b = rotate(b + a + z, 21)
    c = a
    a = a + x + y
    b = b + rotate(a, 44)
    return a + z, b + c


def _long(texts: Texts) -> Hashes:
    """Hash texts of over 64 bytes: six words of state, changed by each block of 64 bytes."""
    size = texts.sizes
    x, y, z = texts.u64(0), texts.end64(16) ^ K1, texts.end64(56) ^ K0
    v1, v2 = _weak(texts, texts.lengths - 64, size, y)
    w1, w2 = _weak(texts, texts.lengths - 32, size * K1, np.full(len(size), K0))
    z = z + _shift_mix(v2) * K1
    x = rotate(z + x, 39) * K1
    y = rotate(y, 33) * K1
    state = [x, y, z, v1, v2, w1, w2]
    # The last block, whole or not, has been mixed in by the seeds.
    counted = Texts(texts.data, texts.starts, (texts.lengths - 1) // 64 * 64)
    for rows, place in counted.blocks(64):
        part = texts.rows(rows)
        mixed = _block(part, place, [words[rows] for words in state])
        for words, new in zip(state, mixed, strict=True):
            words[rows] = new
    x, y, z, v1, v2, w1, w2 = state
    return hash_pair(hash_pair(v1, w1) + _shift_mix(y) * K1 + z, hash_pair(v2, w2) + x)


def _block(
    texts: Texts, place: np.ndarray[tuple[int], np.dtype[np.int64]], state: list[Hashes]
) -> list[Hashes]:
    """Mix one block of 64 bytes into the state."""
    x, y, z, v1, v2, w1, w2 = state
    x = rotate(x + y + v1 + texts.u64(place + 16), 37) * K1
    y = rotate(y + v2 + texts.u64(place + 48), 42) * K1
    x = x ^ w2
    y = y ^ v1
    z = rotate(z ^ w1, 33)
    v1, v2 = _weak(texts, place, v2 * K1, x + w1)
    w1, w2 = _weak(texts, place + 32, z + w2, y)
    return [z, y, x, v1, v2, w1, w2]


def city_hash_64(texts: Texts) -> Hashes:
    """Return the CityHash64 (1.0.2) of each text."""
    classes = [(0, _empty), (3, _to_3), (8, _to_8), (16, _to_16), (32, _to_32), (64, _to_64)]
    return by_length(texts, [*classes, (0, _long)])
