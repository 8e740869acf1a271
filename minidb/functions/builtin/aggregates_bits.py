"""The aggregates ``groupBitAnd``, ``groupBitOr`` and ``groupBitXor``, up to 256 bits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from minidb.columns import Column, IndexArray, NumericColumn, WideColumn
from minidb.errors import InternalError
from minidb.functions.arguments import INTEGER, Arg
from minidb.functions.builtin.aggregates_sum import same_type
from minidb.functions.builtin.kept_states import ResultState
from minidb.functions.builtin.naming import also_named
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import (
    AggregateCall,
    AggregateFunction,
    GrowingArray,
)
from minidb.types import DataType, IntType, numpy_dtype


class BitAccumulator(ResultState):
    """Combine the values of each group bit by bit, lane by lane."""

    def __init__(self, call: AggregateCall, *, ufunc: np.ufunc, starts_full: bool) -> None:
        if not isinstance(call.result_type, IntType):
            raise InternalError(f"{call.result_type.name} has no bits to combine")
        self._type = call.result_type
        self._ufunc = ufunc
        dtype = np.dtype(np.uint64) if self._type.is_wide else numpy_dtype(self._type)
        full = np.iinfo(dtype.str).max if dtype.kind == "u" else -1
        start = full if starts_full else 0
        self._lanes = [GrowingArray(dtype, start) for _ in range(self._type.n_lanes)]

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        column = columns[0]
        words = column.lanes.T if isinstance(column, WideColumn) else [numbers_of(column)]
        for lane, word in zip(self._lanes, words, strict=True):
            self._ufunc.at(lane.grow(n_groups), groups, word)

    def finish(self, n_groups: int) -> Column:
        """Return the words; all ones for ``groupBitAnd`` of no rows, else 0."""
        lanes = [lane.grow(n_groups)[:n_groups] for lane in self._lanes]
        if self._type.is_wide:
            return WideColumn(self._type, np.stack(lanes, axis=1))
        return NumericColumn(self._type, lanes[0].copy())

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return self._type

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words."""
        return sum(lane.values.nbytes for lane in self._lanes)


def _bits(name: str, word: str, ufunc: np.ufunc, *, starts_full: bool = False) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value", INTEGER),),
        result=same_type,
        make=partial(BitAccumulator, ufunc=ufunc, starts_full=starts_full),
        help=f"Bitwise {word} of the values.",
        example=f"SELECT {name}(number) FROM numbers(2, 3)",
    )


AND = _bits("groupBitAnd", "AND", np.bitwise_and, starts_full=True)
OR = _bits("groupBitOr", "OR", np.bitwise_or)
XOR = _bits("groupBitXor", "XOR", np.bitwise_xor)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    AND,
    OR,
    XOR,
    also_named(AND, "BIT_AND"),
    also_named(OR, "BIT_OR"),
    also_named(XOR, "BIT_XOR"),
)
