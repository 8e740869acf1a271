"""The aggregate ``sumbinKahan``: a sum of numbers that no rounding error reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    INCORRECT_DATA,
    NUMBER,
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Arg,
    ArrayColumn,
    ArrayType,
    Column,
    DataType,
    FloatType,
    IndexArray,
    InternalError,
    IntType,
    NumericColumn,
    TupleColumn,
    TupleType,
    ValueExecutionError,
    WideColumn,
)
from nn_ops.exact_sum import LIMB_BITS, LOW_BITS, MAX_LIMBS, ONE, ExactSums

FLOAT64 = FloatType(64)
INT64 = IntType(64, True)
INT16 = IntType(16, True)
STATE = TupleType((INT16, ArrayType(INT64), FLOAT64))


class KahanAccumulator(Accumulator):
    """Exact sums, rounded once at the end.

    Notes
    -----
    Kahan's method keeps the error of the last addition; its result depends on the order of the
    rows and is wrong where large terms cancel. The exact sum has no order.
    """

    def __init__(self) -> None:
        self._sums = ExactSums()

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._sums.grow(n_groups)
        match columns[0]:
            case NumericColumn(values=values) if values.dtype.kind == "f":
                self._sums.add_floats(values.astype(np.float64), groups)
            case NumericColumn(values=values):
                is_signed = values.dtype.kind == "i"
                lanes = values.astype(np.uint64)[:, None]
                self._add_integers(lanes, is_signed, groups)
            case WideColumn(type=wide, lanes=lanes):
                self._add_integers(lanes, wide.is_signed, groups)
            case other:
                raise InternalError(f"sumbinKahan got a column of {other.type.name}")

    def _add_integers(self, lanes: NDArray[np.uint64], is_signed: bool, groups: IndexArray) -> None:
        """Add integers given as lanes of 64 bits, in two's complement when signed."""
        halves = np.ascontiguousarray(lanes, "<u8").view("<u4").astype(np.int64)
        limbs = np.zeros((len(halves), halves.shape[1] + 1), np.int64)
        limbs[:, :-1] = halves
        if is_signed:
            limbs[:, -1] = -(halves[:, -1] >> (LIMB_BITS - 1))
        self._sums.add_limbs(limbs, np.full(len(limbs), ONE), groups)

    def finish(self, n_groups: int) -> Column:
        """Return the sums as Float64."""
        return NumericColumn(FLOAT64, self._sums.rounded(n_groups))

    @property
    def state_type(self) -> DataType:
        """Return the number of the lowest limb, the limbs, and the sum of infinities and NaN."""
        return STATE

    def save(self, n_groups: int) -> Column:
        """Return the exact sums."""
        sums = self._sums
        sums.grow(n_groups)
        sums.carry()
        width = sums.limbs.shape[1]
        offsets = np.arange(n_groups + 1, dtype=np.int64) * width
        child = NumericColumn(INT64, sums.limbs[:n_groups].reshape(-1).copy())
        first = NumericColumn(INT16, np.full(n_groups, sums.first, np.int16))
        specials = NumericColumn(FLOAT64, sums.specials(n_groups))
        parts = (first, ArrayColumn(ArrayType(INT64), offsets, child), specials)
        return TupleColumn(STATE, parts, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add what others have saved, in any order.

        Raises
        ------
        ValueExecutionError
            INCORRECT_DATA for bytes that are no such state.
        """
        self._sums.grow(n_groups)
        match states:
            case TupleColumn(
                children=(
                    NumericColumn(values=first),
                    ArrayColumn() as limbs,
                    NumericColumn(values=specials),
                )
            ):
                self._merge(
                    first.astype(np.intp), limbs.compact(), specials.astype(np.float64), groups
                )
            case other:
                raise InternalError(f"sumbinKahan got states of {other.type.name}")

    def _merge(
        self,
        first: NDArray[np.intp],
        limbs: ArrayColumn,
        specials: NDArray[np.float64],
        groups: IndexArray,
    ) -> None:
        """Add states: limb by limb, since each has its own number of them."""
        ends = first + limbs.lengths
        if (first < 0).any() or (ends > MAX_LIMBS).any():
            raise ValueExecutionError(INCORRECT_DATA, "a state of sumbinKahan is damaged")
        child = limbs.child
        if not isinstance(child, NumericColumn):
            raise InternalError("the limbs of sumbinKahan are no numbers")
        place = np.arange(len(child)) - np.repeat(limbs.offsets[:-1], limbs.lengths)
        at = np.repeat(first, limbs.lengths) + place
        # The last limb bears the sign and may be of any size; two parts keep the others small.
        values = child.values.astype(np.int64)
        parts = np.stack([values & LOW_BITS, values >> LIMB_BITS], axis=1)
        self._sums.add_limbs(parts, at, np.repeat(groups, limbs.lengths))
        odd = np.flatnonzero(specials != 0)
        if len(odd):
            self._sums.add_specials(specials[odd], groups[odd])

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums."""
        return self._sums.nbytes


def _make(call: AggregateCall) -> Accumulator:
    return KahanAccumulator()


SUMBIN_KAHAN = AggregateFunction(
    name="sumbinKahan",
    family="neural network",
    args=(Arg("value", NUMBER),),
    result=FLOAT64,
    make=_make,
    help="Sum of numbers as the Float64 nearest to the exact one, in any row order.",
    example="SELECT sumbinKahan(arrayJoin([1e100, 1, -1e100]))",
)

FUNCTIONS = (SUMBIN_KAHAN,)
