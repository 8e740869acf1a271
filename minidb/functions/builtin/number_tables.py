"""Table functions that count: numbers, zeros and generate_series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.columns import Column, NumericColumn
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.functions.arguments import NUMBER, Arg
from minidb.functions.declaration import Argument, TableFunction, TableSource
from minidb.record import record
from minidb.settings import Settings
from minidb.types import DataType, IntType

UINT64 = IntType(64, False)
UINT8 = IntType(8, False)
MAX_UINT64 = (1 << 64) - 1


@record
class NumbersSource:
    """The numbers from `start`, `n_rows` of them, `step` apart, modulo 2**64."""

    start: int
    n_rows: int
    step: int = 1
    names: tuple[str, ...] = ("number",)
    types: tuple[DataType, ...] = (UINT64,)

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the numbers in order."""
        for first in range(0, self.n_rows, batch_rows):
            count = min(batch_rows, self.n_rows - first)
            base = np.uint64((self.start + first * self.step) & MAX_UINT64)
            values = np.arange(count, dtype=np.uint64) * np.uint64(self.step) + base
            yield tuple(NumericColumn(UINT64, values) for _ in columns)

    def estimate_rows(self) -> int:
        """Return the number of rows."""
        return self.n_rows


def open_numbers(arguments: Sequence[Argument], settings: Settings) -> TableSource:
    """Open ``numbers(n)``, ``numbers(start, n)`` or ``numbers(start, n, step)``.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a number outside UInt64, or a step of 0.
    """
    values = _whole_numbers("numbers", arguments)
    if len(values) == 1:
        return NumbersSource(0, values[0])
    step = values[2] if len(values) > 2 else 1
    if step == 0:
        raise BindError(BAD_ARGUMENTS, "the step of numbers must not be 0")
    # With a step, the second argument counts how far the numbers go, as in ClickHouse.
    return NumbersSource(values[0], -(-values[1] // step), step)


def _whole_numbers(name: str, arguments: Sequence[Argument]) -> list[int]:
    """Return the arguments as numbers of UInt64."""
    values: list[int] = []
    for argument in arguments:
        value = argument.constant_value()
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # numbers(1e6)
        if not isinstance(value, int) or not 0 <= value <= MAX_UINT64:
            raise BindError(BAD_ARGUMENTS, f"{name} takes whole numbers, not {value!r}")
        values.append(value)
    return values


@record
class ZerosSource:
    """A column of zeros."""

    n_rows: int
    names: tuple[str, ...] = ("zero",)
    types: tuple[DataType, ...] = (UINT8,)

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the zeros."""
        for first in range(0, self.n_rows, batch_rows):
            count = min(batch_rows, self.n_rows - first)
            yield tuple(NumericColumn(UINT8, np.zeros(count, np.uint8)) for _ in columns)

    def estimate_rows(self) -> int:
        """Return the number of rows."""
        return self.n_rows


def open_zeros(arguments: Sequence[Argument], settings: Settings) -> TableSource:
    """Open ``zeros(n)``."""
    return ZerosSource(_whole_numbers("zeros", arguments)[0])


def open_series(arguments: Sequence[Argument], settings: Settings) -> TableSource:
    """Open ``generate_series(start, stop[, step])``, which includes its end.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a number outside UInt64, or a step of 0.
    """
    start, stop, step = (*_whole_numbers("generate_series", arguments), 1)[:3]
    if step == 0:
        raise BindError(BAD_ARGUMENTS, "the step of generate_series must not be 0")
    n_rows = (stop - start) // step + 1 if stop >= start else 0
    return NumbersSource(start, n_rows, step, ("generate_series",))


FUNCTIONS: tuple[TableFunction, ...] = (
    TableFunction(
        "numbers",
        (
            Arg("start_or_count", NUMBER, is_constant=True),
            Arg("count", NUMBER, is_optional=True, is_constant=True),
            Arg("step", NUMBER, is_optional=True, is_constant=True),
        ),
        open_numbers,
        "the whole numbers from 0, or from a start",
        "SELECT number FROM numbers(3)",
        aliases=("numbers_mt",),
    ),
    TableFunction(
        "zeros",
        (Arg("count", NUMBER, is_constant=True),),
        open_zeros,
        "a column of zeros",
        "SELECT zero FROM zeros(3)",
        aliases=("zeros_mt",),
    ),
    TableFunction(
        "generate_series",
        (
            Arg("start", NUMBER, is_constant=True),
            Arg("stop", NUMBER, is_constant=True),
            Arg("step", NUMBER, is_optional=True, is_constant=True),
        ),
        open_series,
        "the whole numbers from a start to an end, which is included",
        "SELECT generate_series FROM generate_series(1, 7, 3)",
        aliases=("generateSeries",),
    ),
)
