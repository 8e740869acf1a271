"""Words of bits: packing, `lookup`, `sumbin` in all its forms, and `predictionFilter`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bitarray import bitarray

from nn_ops.conventions import WORD_BITS, Words
from nn_ops.errors import InternalError


def unpack(words: Words, n_bits: int) -> list[bitarray]:
    """Return the bits of each row of words.

    Parameters
    ----------
    words : ndarray of uint64, shape (rows, n_words)
    n_bits : int

    Returns
    -------
    list of bitarray, each of length `n_bits`
        Bit i is bit i % 64, the least significant first, of word i // 64.
    """
    rows = []
    for row in words.tolist():
        bits = bitarray()
        for place in range(n_bits):
            bits.append(row[place // WORD_BITS] >> place % WORD_BITS & 1)
        rows.append(bits)
    return rows


def pack(bits: bitarray) -> list[int]:
    """Return bits as 64-bit words; tail bits are 0."""
    words = [0] * -(-len(bits) // WORD_BITS)
    for place, bit in enumerate(bits):
        words[place // WORD_BITS] += bit << place % WORD_BITS
    return words


def distance(left: bitarray, right: bitarray) -> int:
    """Return D: in how many places the two differ."""
    return (left ^ right).count(1)


def lookup(left: int, right: int = 0, n_bits: int = WORD_BITS) -> int:
    """Return in how many of their `n_bits` lowest bits two integers differ.

    Parameters
    ----------
    left, right : int
        A negative one has as many leading ones as are asked for. Against 0, the set bits of `left`
        are counted.
    n_bits : int
        The width of the wider of the two types.
    """
    return sum((left >> place & 1) != (right >> place & 1) for place in range(n_bits))


def prediction_filter(
    left: Sequence[int], right: Sequence[int], limit: int, n_bits: int = WORD_BITS
) -> tuple[bool, int]:
    """Return whether rows of words differ in at most `limit` bits, and how many words that took.

    Parameters
    ----------
    left, right : sequence of int
        As many words each.
    limit : int
    n_bits : int
        The width of a word.

    Returns
    -------
    bool
    int
        The words read: none is, once the count has passed the limit.
    """
    count = 0
    for read, (one, other) in enumerate(zip(left, right, strict=True)):
        if count > limit:
            return False, read
        count += lookup(one, other, n_bits)
    return count <= limit, len(left)


def sumbin_placed(rows: Iterable[tuple[int, int]], width: int) -> int:
    """Return the word in which the bits stand at their places.

    Parameters
    ----------
    rows : iterable of (bit, place)
        In any order; two rows for one place are joined by OR.
    width : int
        Bits of the word; every place is below it.

    Returns
    -------
    int
        The sum of ``bit * 2**place`` over distinct places.
    """
    word = 0
    for bit, place in rows:
        if bit not in {0, 1} or not 0 <= place < width:
            raise InternalError(f"bit {bit} at place {place} of a word of {width} bits")
        word |= bit << place
    return word


def sumbin_in_order(bits: Sequence[int]) -> int:
    """Return the word of bits in the order of their rows, the first row most significant."""
    word = 0
    for bit in bits:
        word = word << 1 | bit
    return word


def sumbin_original(values: Iterable[int], n_bits: int, is_signed: bool) -> int:
    """Return what the published aggregate makes of one group in one thread.

    Parameters
    ----------
    values : iterable of int
        Of an integer type.
    n_bits : int
        The width of that type, which is also the result's.
    is_signed : bool

    Returns
    -------
    int
        128 bits and more: ``state << 1 | value``, so that the oldest bits fall out and a value
        above 1 smears over its neighbours. Narrower: the sum. Both modulo ``2**n_bits``.
    """
    state = 0
    for value in values:
        state = state << 1 | value if n_bits >= 128 else state + value
        state %= 1 << n_bits
    is_negative = is_signed and state >> (n_bits - 1)
    return state - (1 << n_bits) if is_negative else state


def sumbin_kahan(values: Iterable[float]) -> float:
    """Return the sum of values, the rounding of each step carried into the next (W. Kahan, 1965)."""
    total, lost = 0.0, 0.0
    for value in values:
        corrected = float(value) - lost
        larger = total + corrected
        lost = (larger - total) - corrected
        total = larger
    return total
