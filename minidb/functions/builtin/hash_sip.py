"""SipHash-2-4 with the key 0, as ClickHouse uses it.

References
----------
.. [1] J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012.
"""

from __future__ import annotations

import numpy as np

from minidb.functions.builtin.hash_words import Hashes, Texts, rotate_left, u64

# The words of "somepseudorandomlygeneratedbytes", to which the key would be added.
START = tuple(
    u64(word)
    for word in (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
)


def _round(v: list[Hashes]) -> list[Hashes]:
    """Return the state after one round."""
    v0, v1, v2, v3 = v
    v0 = v0 + v1
    v1 = rotate_left(v1, 13) ^ v0
    v0 = rotate_left(v0, 32)
    v2 = v2 + v3
    v3 = rotate_left(v3, 16) ^ v2
    v0 = v0 + v3
    v3 = rotate_left(v3, 21) ^ v0
    v2 = v2 + v1
    v1 = rotate_left(v1, 17) ^ v2
    v2 = rotate_left(v2, 32)
    return [v0, v1, v2, v3]


def _absorb(v: list[Hashes], word: Hashes) -> list[Hashes]:
    """Return the state after a word of the text."""
    v = [v[0], v[1], v[2], v[3] ^ word]
    v = _round(_round(v))
    return [v[0] ^ word, v[1], v[2], v[3]]


def _final_state(texts: Texts) -> list[Hashes]:
    """Return the four words after the last round."""
    state = [np.full(len(texts.lengths), word) for word in START]
    for rows, place in texts.blocks(8):
        mixed = _absorb([words[rows] for words in state], texts.rows(rows).u64(place))
        for words, new in zip(state, mixed, strict=True):
            words[rows] = new
    last = texts.tail64(8) | (texts.sizes << np.uint64(56))
    v = _absorb(state, last)
    v[2] = v[2] ^ np.uint64(0xFF)
    for _ in range(4):
        v = _round(v)
    return v


def sip_hash_64(texts: Texts) -> Hashes:
    """Return SipHash-2-4 of each text."""
    v = _final_state(texts)
    digest: Hashes = v[0] ^ v[1] ^ v[2] ^ v[3]
    return digest


def sip_hash_128(texts: Texts) -> tuple[Hashes, Hashes]:
    """Return the two words that ClickHouse calls the SipHash of 128 bits, the low one first."""
    v = _final_state(texts)
    return v[0] ^ v[1], v[2] ^ v[3]
