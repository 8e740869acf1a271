"""xxHash in 32 and 64 bits, seed 0.

References
----------
.. [1] Y. Collet, "xxHash fast digest algorithm", specification, 2012 to 2023.
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

P64 = (
    u64(0x9E3779B185EBCA87),
    u64(0xC2B2AE3D27D4EB4F),
    u64(0x165667B19E3779F9),
    u64(0x85EBCA77C2B2AE63),
    u64(0x27D4EB2F165667C5),
)
P32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)


def _shifted(words: Hashes, bits: int) -> Hashes:
    mixed: Hashes = words ^ (words >> np.uint64(bits))
    return mixed


def _round_64(state: Hashes, word: Hashes) -> Hashes:
    mixed: Hashes = rotate_left(state + word * P64[1], 31) * P64[0]
    return mixed


def xx_hash_64(texts: Texts) -> Hashes:
    """Return xxHash64 of each text."""
    n_rows = len(texts.lengths)
    zero = np.zeros(n_rows, np.uint64)
    lanes = [zero + P64[0] + P64[1], zero + P64[1], zero.copy(), zero - P64[0]]
    for rows, place in texts.blocks(32):
        part = texts.rows(rows)
        for number, lane in enumerate(lanes):
            lane[rows] = _round_64(lane[rows], part.u64(place + 8 * number))
    h = sum(
        (rotate_left(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)), zero
    )
    for lane in lanes:
        h = (h ^ _round_64(zero, lane)) * P64[0] + P64[3]
    h = np.where(texts.lengths >= 32, h, P64[4]) + texts.sizes
    tail = _tail(texts, 32)
    for rows, place in tail.blocks(8):
        word = _round_64(zero[rows], tail.rows(rows).u64(place))
        h[rows] = rotate_left(h[rows] ^ word, 27) * P64[0] + P64[3]
    tail = _tail(tail, 8)
    for rows, place in tail.blocks(4):
        word = tail.rows(rows).u32(place) * P64[0]
        h[rows] = rotate_left(h[rows] ^ word, 23) * P64[1] + P64[2]
    tail = _tail(tail, 4)
    for rows, place in tail.blocks(1):
        word = tail.rows(rows).u8(place) * P64[4]
        h[rows] = rotate_left(h[rows] ^ word, 11) * P64[0]
    h = _shifted(h, 33) * P64[1]
    h = _shifted(h, 29) * P64[2]
    return _shifted(h, 32)


def _tail(texts: Texts, size: int) -> Texts:
    """Return what follows the last whole block."""
    rest = texts.lengths % size
    return Texts(texts.data, texts.starts + texts.lengths - rest, rest)


def xx_hash_32(texts: Texts) -> Hashes:
    """Return xxHash32 of each text, 32 bits in uint64."""
    zero = np.zeros(len(texts.lengths), np.uint64)
    seeds = (P32[0] + P32[1], P32[1], 0, -P32[0])
    lanes = [zero + np.uint64(seed & 0xFFFF_FFFF) for seed in seeds]
    for rows, place in texts.blocks(16):
        part = texts.rows(rows)
        for number, lane in enumerate(lanes):
            mixed = lane[rows] + multiply_32(part.u32(place + 4 * number), P32[1])
            lane[rows] = multiply_32(rotate_left_32(mixed & LOW_32, 13), P32[0])
    rotated = [rotate_left_32(lane, n) for lane, n in zip(lanes, (1, 7, 12, 18), strict=True)]
    h = np.where(texts.lengths >= 16, sum(rotated, zero), np.uint64(P32[4]))
    h = (h + texts.sizes) & LOW_32
    tail = _tail(texts, 16)
    for rows, place in tail.blocks(4):
        mixed = h[rows] + multiply_32(tail.rows(rows).u32(place), P32[2])
        h[rows] = multiply_32(rotate_left_32(mixed & LOW_32, 17), P32[3])
    tail = _tail(tail, 4)
    for rows, place in tail.blocks(1):
        mixed = h[rows] + multiply_32(tail.rows(rows).u8(place), P32[4])
        h[rows] = multiply_32(rotate_left_32(mixed & LOW_32, 11), P32[0])
    h = multiply_32(_shifted(h, 15), P32[1])
    h = multiply_32(_shifted(h, 13), P32[2])
    return _shifted(h, 16)
