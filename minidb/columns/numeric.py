"""Columns of one NumPy array: Bool, narrow integers and Decimals, floats, Date and DateTime."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column, IndexArray
from minidb.record import record
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    NothingType,
)

# Enough digits for every Decimal, so that no operation rounds.
EXACT = decimal.Context(prec=400, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)


def decimals_of(values: Iterable[int], scale: int) -> list[decimal.Decimal]:
    """Return whole numbers divided by 10**scale as Decimal objects, with all places."""
    return [EXACT.scaleb(decimal.Decimal(value), -scale) for value in values]


@record(eq=False, repr=False)
class NumericColumn(Column):
    """Values of one NumPy array whose dtype is `minidb.types.numpy_dtype` of the type.

    Parameters
    ----------
    type : DataType
        Bool, a narrow integer or Decimal, a float, Date, DateTime or Nothing.
    values : ndarray, shape (n,)
        The values; stride 0 is allowed, which is how a constant column takes no memory.
    """

    type: DataType
    values: NDArray[np.generic]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the array; a constant counts as one value."""
        return self.values.itemsize if self.values.strides == (0,) else self.values.nbytes

    def take(self, indices: IndexArray) -> NumericColumn:
        """Gather rows by number."""
        return NumericColumn(self.type, self.values[indices])

    def slice(self, start: int, stop: int) -> NumericColumn:
        """Return the rows of a range."""
        return NumericColumn(self.type, self.values[start:stop])

    def to_pylist(self) -> list[object]:
        """Return bool, int, float, Decimal, date or datetime objects."""
        match self.type:
            case BoolType():
                return [bool(v) for v in self.values.tolist()]
            case DateType():
                return list(self.values.astype("M8[D]").tolist())
            case DateTimeType():
                seconds = self.values.astype(np.int64).astype("M8[s]")
                return [v if isinstance(v, datetime.datetime) else None for v in seconds.tolist()]
            case DecimalType(scale=scale):
                return list(decimals_of(self.values.tolist(), scale))
            case EnumType(entries=entries):
                names = {number: text for text, number in entries}
                first = entries[0][0]
                return [names.get(v, first) for v in self.values.tolist()]
            case NothingType():
                return [None] * len(self.values)
            case _:
                return list(self.values.tolist())
