"""Blocks: weights, vectors, limits and terms as rows under the hash of their contents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Column, DataType, NumericColumn, TableDef, column_from_values
from nn_ops.conventions import Words, n_words, pack_bits
from nn_ops.graph import Floats, Weights
from nn_ops.limits import Limits, Terms
from nn_ops.store.schema import (
    FLOAT64,
    INT8,
    INT32,
    LIMITS,
    PARAMETERS,
    STRING,
    TERMS,
    UINT32,
    UINT64,
    WORDS,
)

NUMBER_BITS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The rows of one block.

    Attributes
    ----------
    table : TableDef
        Which table holds them.
    hash : str
        SHA-256 over contents and shape, in hexadecimal.
    columns : tuple of Column
        Those of the table behind ``block``, in the order of its key.
    n_bytes : int
        Of the values themselves: 8 for a word, its mask if any is pruned, and a real; 4 for a
        bound, the terms or the base, 1 for a polarity.
    filters, fan_in : int
        Of weights; else 0.
    is_masked : bool
        Whether weights are pruned.
    n_weights : int
        Weights that count.
    """

    table: TableDef
    hash: str
    columns: tuple[Column, ...]
    n_bytes: int
    filters: int = 0
    fan_in: int = 0
    is_masked: bool = False
    n_weights: int = 0

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return len(self.columns[0])


def words_block(weights: Weights, fan_in: int) -> Block:
    """Return the block of a layer's weights; words whose mask is 0 have no row.

    Parameters
    ----------
    weights : Weights
        Pruned places and tail bits are 0.
    fan_in : int
        Bits in use of each row.
    """
    words = weights.words
    mask = used_bits(len(words), fan_in) if weights.mask is None else weights.mask
    channel, word_no = np.nonzero(mask)
    columns = (
        _numbers(UINT32, channel),
        _numbers(UINT32, word_no),
        NumericColumn(UINT64, words[channel, word_no]),
        NumericColumn(UINT64, mask[channel, word_no]),
    )
    is_masked = weights.mask is not None
    n_bytes = len(channel) * (16 if is_masked else 8)
    found = words_hash(weights, fan_in)
    n_weights = int(np.bitwise_count(mask).sum(dtype=np.int64))
    shape = (len(words), fan_in, is_masked, n_weights)
    return Block(WORDS, found, columns, n_bytes, *shape)


def words_hash(weights: Weights, fan_in: int) -> str:
    """Return the hash over a layer's words, its mask if it has one, and their shape."""
    head = {"filters": len(weights.words), "fan_in": fan_in, "mask": weights.mask is not None}
    arrays = [weights.words, *(() if weights.mask is None else (weights.mask,))]
    return _hash(WORDS, head, arrays)


def used_bits(filters: int, fan_in: int) -> Words:
    """Return the mask of weights none of which is pruned, shape (filters, n_words(fan_in))."""
    row = pack_bits(np.ones(fan_in, dtype=np.bool_))
    return np.asarray(np.broadcast_to(row, (filters, n_words(fan_in))))


def parameters_block(vectors: Mapping[str, Floats]) -> Block:
    """Return the block of the real vectors of one node, such as a batch norm's four."""
    parts = sorted(vectors.items())
    names = [name for name, vector in parts for _ in range(len(vector))]
    columns = (
        column_from_values(STRING, names),
        _numbers(UINT32, np.concatenate([np.arange(len(vector)) for _, vector in parts])),
        NumericColumn(FLOAT64, np.concatenate([vector for _, vector in parts])),
    )
    return Block(PARAMETERS, parameters_hash(vectors), columns, 8 * len(names))


def parameters_hash(vectors: Mapping[str, Floats]) -> str:
    """Return the hash over the names, lengths and values of vectors."""
    parts = sorted(vectors.items())
    head = {"parts": [[name, len(vector)] for name, vector in parts]}
    return _hash(PARAMETERS, head, [vector for _, vector in parts])


def limits_block(limits: Limits) -> Block:
    """Return the block of a stage's limits."""
    border_class, channel = _places(limits.limit)
    columns = (
        border_class,
        channel,
        NumericColumn(INT32, np.ascontiguousarray(limits.limit, dtype=np.int32).reshape(-1)),
        NumericColumn(
            INT8, np.broadcast_to(limits.polarity, limits.limit.shape).astype(np.int8).reshape(-1)
        ),
    )
    n_bytes = 4 * limits.limit.size + limits.polarity.size
    return Block(LIMITS, limits_hash(limits), columns, n_bytes)


def limits_hash(limits: Limits) -> str:
    """Return the hash over a stage's limits and polarities."""
    return _hash(LIMITS, {"shape": list(limits.limit.shape)}, [limits.limit, limits.polarity])


def terms_block(terms: Terms) -> Block:
    """Return the block of a stage's terms."""
    border_class, channel = _places(terms.base)
    columns = (
        border_class,
        channel,
        NumericColumn(INT32, np.ascontiguousarray(terms.count, dtype=np.int32).reshape(-1)),
        NumericColumn(INT32, np.ascontiguousarray(terms.base, dtype=np.int32).reshape(-1)),
    )
    return Block(TERMS, terms_hash(terms), columns, 8 * terms.base.size)


def terms_hash(terms: Terms) -> str:
    """Return the hash over a stage's terms."""
    return _hash(TERMS, {"shape": list(terms.base.shape)}, [terms.count, terms.base])


def number_of(block_hash: str, taken: Mapping[int, str]) -> int:
    """Return the number of a block: of its hash if it is there, else one that is free.

    Parameters
    ----------
    block_hash : str
    taken : mapping of int to str
        The hash of each number in use.
    """
    number = int(block_hash[: NUMBER_BITS // 4], 16) or 1
    while taken.get(number, block_hash) != block_hash:
        number = (number + 1) % (1 << NUMBER_BITS) or 1
    return number


def _numbers(data_type: DataType, values: NDArray[np.intp]) -> NumericColumn:
    return NumericColumn(data_type, values.astype(np.uint32))


def _places(array: NDArray[np.generic]) -> tuple[NumericColumn, NumericColumn]:
    """Return the class and channel of each cell of a matrix, row by row."""
    classes, channels = array.shape
    return (
        _numbers(UINT32, np.repeat(np.arange(classes), channels)),
        _numbers(UINT32, np.tile(np.arange(channels), classes)),
    )


def _hash(
    table: TableDef, head: Mapping[str, object], arrays: Iterable[NDArray[np.generic]]
) -> str:
    """Return SHA-256 over a description as JSON and the little-endian bytes of arrays."""
    text = json.dumps({"kind": table.name, **head}, sort_keys=True, separators=(",", ":"))
    found = hashlib.sha256(text.encode() + b"\n")
    for array in arrays:
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        found.update(np.ascontiguousarray(little).tobytes())
    return found.hexdigest()
