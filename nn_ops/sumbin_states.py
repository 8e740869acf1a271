"""The accumulators behind the aggregates of the family sumbin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    Accumulator,
    Column,
    DataType,
    GrowingArray,
    IndexArray,
    InternalError,
    IntType,
    NumericColumn,
    TupleColumn,
    TupleType,
    ValueExecutionError,
)
from nn_ops.errors import NN_PLACE_OUTSIDE_WORD
from nn_ops.sumbin_bits import (
    LANE_BITS,
    Lanes,
    bits_of,
    column_of,
    lanes_of,
    n_lanes_of,
    place_in_group,
    places_of,
    set_bits,
    shifted,
    sums_before,
    turn_round,
)

COUNT = IntType(16, False)
"""The number of bits in a state, which is at most 256."""


class WordAccumulator(Accumulator):
    """One word per group, as lanes of 64 bits."""

    def __init__(self, result: IntType) -> None:
        self.result = result
        self.n_lanes = n_lanes_of(result.bits)
        self._lanes = GrowingArray(np.dtype(np.uint64), width=self.n_lanes)

    def finish(self, n_groups: int) -> Column:
        """Return the words."""
        return column_of(self.result, self._lanes.grow(n_groups)[:n_groups])

    @property
    def state_type(self) -> DataType:
        """Return the type of the words, which are the states."""
        return self.result

    def save(self, n_groups: int) -> Column:
        """Return the words."""
        return column_of(self.result, self._lanes.grow(n_groups)[:n_groups])

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words."""
        return self._lanes.values.nbytes

    def join(self, lanes: Lanes, groups: IndexArray, values: Lanes) -> None:
        """Set the bits of `values`, one row of lanes each, in the words of their groups."""
        for lane in range(self.n_lanes):
            np.bitwise_or.at(lanes[:, lane], groups, values[:, lane])


class PlacedBitsAccumulator(WordAccumulator):
    """Set the bits whose places the second argument names."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Raises
        ------
        ValueExecutionError
            NN_NOT_BINARY for a bit other than 0 and 1, NN_PLACE_OUTSIDE_WORD.
        """
        lanes = self._lanes.grow(n_groups)
        rows = np.flatnonzero(bits_of(columns[0]))
        places = places_of(columns[1], self.result.bits)
        set_bits(lanes, groups[rows], places[rows])

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Join words: in any order, any number of times."""
        self.join(self._lanes.grow(n_groups), groups, lanes_of(states, self.n_lanes))


class CountedBitsAccumulator(WordAccumulator):
    """Words and how many bits are in each; states are tuples of both."""

    def __init__(self, result: IntType) -> None:
        super().__init__(result)
        self._counts = GrowingArray(np.dtype(np.intp))

    @property
    def state_type(self) -> DataType:
        """Return the type of a word and its number of bits."""
        return TupleType((self.result, COUNT))

    def save(self, n_groups: int) -> Column:
        """Return words and counts."""
        word = column_of(self.result, self._lanes.grow(n_groups)[:n_groups])
        counts = self._counts.grow(n_groups)[:n_groups].astype(np.uint16)
        kept = (word, NumericColumn(COUNT, counts))
        return TupleColumn(TupleType((self.result, COUNT)), kept, n_groups)

    def parts(self, states: Column) -> tuple[Lanes, NDArray[np.intp]]:
        """Return the words and counts of states."""
        match states:
            case TupleColumn(children=(word, NumericColumn(values=counts))):
                return lanes_of(word, self.n_lanes), counts.astype(np.intp)
            case other:
                raise InternalError(f"sumbin got states of {other.type.name}")

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words and counts."""
        return self._lanes.values.nbytes + self._counts.values.nbytes


class BitsInOrderAccumulator(CountedBitsAccumulator):
    """Pack bits in input order, the first row most significant; none may be lost.

    While rows arrive, the i-th row of a group is bit i; the words are turned round at the end,
    when the number of rows is known.
    """

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Raises
        ------
        ValueExecutionError
            NN_NOT_BINARY for a bit other than 0 and 1, NN_PLACE_OUTSIDE_WORD for a row of a
            group whose word is full.
        """
        lanes, counts = self._lanes.grow(n_groups), self._counts.grow(n_groups)
        bits = bits_of(columns[0])
        places = place_in_group(groups, counts)
        self._count(counts, np.bincount(groups, minlength=n_groups))
        rows = np.flatnonzero(bits)
        set_bits(lanes, groups[rows], places[rows])

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Append the bits of states, in their order."""
        lanes, counts = self._lanes.grow(n_groups), self._counts.grow(n_groups)
        values, widths = self.parts(states)
        places = sums_before(groups, widths) + counts[groups]
        added = np.bincount(groups, weights=widths, minlength=n_groups)
        self._count(counts, added.astype(np.intp))
        self.join(lanes, groups, shifted(values, places))

    def _count(self, counts: NDArray[np.intp], added: NDArray[np.intp]) -> None:
        """Add to the counts, which the word bounds."""
        counts[: len(added)] += added
        if int(counts.max(initial=0)) > self.result.bits:
            message = f"sumbin packs at most {self.result.bits} rows of a group"
            hint = "group by the number of the word as well"
            raise ValueExecutionError(NN_PLACE_OUTSIDE_WORD, message, hint=hint)

    def finish(self, n_groups: int) -> Column:
        """Return the words."""
        lanes = self._lanes.grow(n_groups)[:n_groups]
        counts = self._counts.grow(n_groups)[:n_groups]
        return column_of(self.result, turn_round(lanes, counts))


class LastBitsAccumulator(CountedBitsAccumulator):
    """Pack bits in input order, the last row least significant; what leaves the word is lost."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Raises
        ------
        ValueExecutionError
            NN_NOT_BINARY for a bit other than 0 and 1.
        """
        lanes, counts = self._lanes.grow(n_groups), self._counts.grow(n_groups)
        bits = bits_of(columns[0])
        added = np.bincount(groups, minlength=n_groups)
        from_end = added[groups] - 1 - sums_before(groups, None)
        lanes[:n_groups] = shifted(lanes[:n_groups], added)
        counts[:n_groups] = np.minimum(counts[:n_groups] + added, self.result.bits)
        rows = np.flatnonzero((bits != 0) & (from_end < self.result.bits))
        set_bits(lanes, groups[rows], from_end[rows])

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Append the bits of states, in their order."""
        lanes, counts = self._lanes.grow(n_groups), self._counts.grow(n_groups)
        values, widths = self.parts(states)
        added = np.bincount(groups, weights=widths, minlength=n_groups).astype(np.intp)
        from_end = added[groups] - widths - sums_before(groups, widths)
        lanes[:n_groups] = shifted(lanes[:n_groups], added)
        counts[:n_groups] = np.minimum(counts[:n_groups] + added, self.result.bits)
        self.join(lanes, groups, shifted(values, from_end))


class ShiftInAccumulator(WordAccumulator):
    """The original on 128 and 256 bits: ``state = (state << 1) | value`` for every row.

    A value above 1 smears into the bits of the rows before it, and after more rows than bits the
    oldest are lost. States are merged by the same step, which shifts by 1 however many rows a
    state holds.
    """

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._append(lanes_of(columns[0], self.n_lanes), groups, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Merge states as if each were a row."""
        self._append(lanes_of(states, self.n_lanes), groups, n_groups)

    def _append(self, values: Lanes, groups: IndexArray, n_groups: int) -> None:
        """Shift in one value per row."""
        lanes = self._lanes.grow(n_groups)
        added = np.bincount(groups, minlength=n_groups)
        from_end = added[groups] - 1 - sums_before(groups, None)
        lanes[:n_groups] = shifted(lanes[:n_groups], added)
        rows = np.flatnonzero(from_end < self.n_lanes * LANE_BITS)
        self.join(lanes, groups[rows], shifted(values[rows], from_end[rows]))


class ModuloSumAccumulator(WordAccumulator):
    """The original on 8 to 64 bits: the plain sum of the values, modulo 2 to the bits."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._add(columns[0], groups, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add states."""
        self._add(states, groups, n_groups)

    def _add(self, column: Column, groups: IndexArray, n_groups: int) -> None:
        """Add integers of at most 64 bits."""
        sums: NDArray[Any] = self._lanes.grow(n_groups)[:, 0]
        np.add.at(sums, groups, lanes_of(column, 1)[:, 0])
