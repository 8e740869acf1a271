"""A statement's result: rows, NumPy arrays, a data frame, text."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    Batch,
    BitsColumn,
    Column,
    NullableColumn,
    NumericColumn,
    Schema,
    concat_batches,
)
from minidb.errors import NO_RESULT, InterfaceError
from minidb.execution.outcome import Outcome, number_of
from minidb.formats.arrow import record_batch_reader
from minidb.formats.cells import is_right_aligned
from minidb.formats.format import Table
from minidb.formats.pretty import write_pretty_compact
from minidb.formats.registry import find_format
from minidb.formats.shown_rows import column_texts
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    NothingType,
)

MAX_HTML_ROWS = 100
MAX_HTML_CELL = 200

AnyArray: TypeAlias = NDArray[Any]


class Result:
    """The rows of one statement, all of them read.

    Parameters
    ----------
    outcome : Outcome
        What the session gave; its batches are read here, so errors of the run come out here.

    Attributes
    ----------
    names : tuple of str
        The names of the columns; empty for a statement without rows.
    types : tuple of DataType
        Their types.
    n_rows : int
        The rows.
    n_written : int
        Rows that the statement inserted or deleted.
    format : str or None
        The name behind FORMAT in the statement.

    Examples
    --------
    >>> import minidb
    >>> result = minidb.connect().execute("SELECT number, number / 2 AS half FROM numbers(3)")
    >>> result.rows()
    [(0, 0.0), (1, 0.5), (2, 1.0)]
    """

    def __init__(self, outcome: Outcome) -> None:
        schema = outcome.schema or ()
        self.has_rows = outcome.schema is not None
        self.names: tuple[str, ...] = tuple(field.name for field in schema)
        self.types: tuple[DataType, ...] = tuple(field.type for field in schema)
        self._batch = _whole(outcome, schema)
        self.n_written = outcome.n_written
        self.format = outcome.format
        self._totals = outcome.totals()
        self._options = outcome.options

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return self._batch.n_rows

    @property
    def totals(self) -> tuple[Any, ...] | None:
        """Return the row of WITH TOTALS as Python objects; None for a query without."""
        if self._totals is None:
            return None
        return tuple(column.to_pylist()[0] for column in self._totals.columns)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return the columns as the engine holds them."""
        return self._batch.columns

    def __len__(self) -> int:
        return self.n_rows

    def rows(self) -> list[tuple[Any, ...]]:
        """Return all rows as tuples of Python objects.

        Integers become int, floats float, Bool bool, String str (bytes where it is not
        UTF-8), Date and DateTime `datetime.date` and `datetime.datetime` (UTC, without a zone),
        Array list, Tuple tuple, Bits a str of ``0`` and ``1`` with bit 0 first, NULL None.
        """
        return self.rows_between(0, self.n_rows)

    def rows_between(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        """Return the rows from `start` up to but without `stop` as tuples."""
        if not self.names:
            return []
        part = self._batch.slice(start, stop)
        return list(zip(*(column.to_pylist() for column in part.columns), strict=True))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        step = 10_000
        for start in range(0, self.n_rows, step):
            yield from self.rows_between(start, start + step)

    def scalar(self) -> Any:
        """Return the value of the only row and column.

        Raises
        ------
        InterfaceError
            NO_RESULT when there is not exactly one value.
        """
        if self.n_rows != 1 or len(self.names) != 1:
            shape = f"{number_of(self.n_rows, 'row')} and {number_of(len(self.names), 'column')}"
            raise InterfaceError(NO_RESULT, f"expected one value, got {shape}")
        return self.rows()[0][0]

    def numpy(self) -> dict[str, AnyArray]:
        """Return one array per column, by name (the first of equal names).

        Returns
        -------
        dict of str to ndarray, shape (n,)
            =========================  ==================================================
            type                       dtype
            =========================  ==================================================
            Int8 ... UInt64, Float     the same width
            Int128 ... UInt256         object, of int
            Bool                       bool
            String, FixedString        object, of str (bytes where it is not UTF-8)
            Date, DateTime             datetime64[D], datetime64[s]
            Bits(n)                    uint64, shape (n_rows, words), bit 0 lowest
            Array(T)                   object, of arrays of T's dtype
            Tuple                      object, of tuple
            Nullable(T)                `numpy.ma.MaskedArray` of T's dtype, NULLs masked
            =========================  ==================================================

            The arrays are copies: writing to them changes no table.
        """
        arrays: dict[str, AnyArray] = {}
        for name, column in zip(self.names, self.columns, strict=True):
            arrays.setdefault(name, column_array(column))
        return arrays

    def df(self) -> Any:
        """Return a `pandas.DataFrame`; NULL becomes None, NaT or ``pandas.NA``.

        Raises
        ------
        InterfaceError
            NO_RESULT when pandas is not installed.
        """
        if find_spec("pandas") is None:
            raise InterfaceError(
                NO_RESULT, "df() needs pandas, which is not installed", hint="pip install pandas"
            )
        pandas = import_module("pandas")
        series = [_series(pandas, column) for column in self.columns]
        frame = pandas.concat(series, axis=1) if series else pandas.DataFrame()
        frame.columns = list(self.names)
        return frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows as a stream of Arrow's C interface, which Arrow libraries take.

        ``pyarrow.table(result)``, ``polars.from_arrow(result)`` and others call this.

        Raises
        ------
        ExtensionError
            NOT_IMPLEMENTED when pyarrow is not installed.
        """
        return record_batch_reader(self._table()).__arrow_c_stream__(requested_schema)

    def text(self, format_name: str = "PrettyCompact") -> str:
        """Return the rows in a format; bytes that are not UTF-8 become U+FFFD."""
        if not self.names:
            return ""
        pieces = find_format(format_name).write(self._table())
        return b"".join(pieces).decode("utf-8", "replace")

    def __str__(self) -> str:
        if not self.has_rows:
            return f"{number_of(self.n_written, 'row')} written" if self.n_written else ""
        pieces = write_pretty_compact(self._table())
        table = b"".join(pieces).decode("utf-8", "replace").rstrip("\n")
        return table or f"no rows of {', '.join(self.names)}"

    def __repr__(self) -> str:
        columns = [f"{n} {t.name}" for n, t in zip(self.names, self.types, strict=True)]
        return f"<Result: {number_of(self.n_rows, 'row')} of ({', '.join(columns)})>"

    def _table(self) -> Table:
        batches, totals = [self._batch], lambda: self._totals
        return Table(self.names, self.types, batches, None, self._options, totals)

    def _repr_html_(self) -> str:
        """Return a table for notebooks, with a note where rows or texts were left out."""
        shown = self._batch.slice(0, MAX_HTML_ROWS)
        head = "".join(
            f"<th>{escape(name)}<br><small>{escape(data_type.name)}</small></th>"
            for name, data_type in zip(self.names, self.types, strict=True)
        )
        columns = [[_shown(cell) for cell in column_texts(column)] for column in shown.columns]
        styles = [
            "text-align:right" if is_right_aligned(data_type) else "text-align:left"
            for data_type in self.types
        ]
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{style}">{escape(cell)}</td>'
                for style, cell in zip(styles, row, strict=True)
            )
            + "</tr>"
            for row in zip(*columns, strict=True)
        )
        note = number_of(self.n_rows, "row")
        if shown.n_rows < self.n_rows:
            note = f"{shown.n_rows:,} of {self.n_rows:,} rows"
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"{table}<p>{note}</p>"


def _whole(outcome: Outcome, schema: Schema) -> Batch:
    """Read all rows of an outcome, counting those that are kept as memory of the statement."""
    batches: list[Batch] = []
    n_bytes = 0
    for batch in outcome.batches:
        if batch.n_rows:
            outcome.hold(batch.nbytes)
            n_bytes += batch.nbytes
            batches.append(batch)
    if not schema:
        return Batch((), 0)
    if len(batches) == 1:
        return batches[0]
    # While the rows are laid in one piece, they are there twice.
    outcome.hold(n_bytes)
    return concat_batches(schema, batches)


def _shown(cell: str) -> str:
    """Cut a long text for HTML, and make bytes that are not UTF-8 visible."""
    clean = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return clean if len(clean) <= MAX_HTML_CELL else clean[:MAX_HTML_CELL] + "…"


def column_array(column: Column) -> AnyArray:
    """Return a column as an array of its own; see `Result.numpy`."""
    match column:
        case NullableColumn(inner=inner, is_null=is_null):
            return np.ma.MaskedArray(column_array(inner), mask=_mask_of(inner, is_null))
        case NumericColumn(type=DecimalType() | EnumType()):
            return _objects(column.to_pylist())
        case NumericColumn(values=values):
            return _numbers(column.type, values)
        case BitsColumn(words=words):
            return np.array(words)
        case ArrayColumn():
            whole = column.compact()
            child = column_array(whole.child)
            return _objects(
                [child[a:b] for a, b in zip(whole.offsets[:-1], whole.offsets[1:], strict=True)]
            )
        case _:
            return _objects(column.to_pylist())


def _mask_of(inner: Column, is_null: AnyArray) -> AnyArray:
    """Return the mask in the shape of the array: a value of Bits takes several words."""
    if isinstance(inner, BitsColumn):
        return np.repeat(is_null[:, None], inner.words.shape[1], axis=1)
    return np.array(is_null)


def _numbers(data_type: DataType, values: AnyArray) -> AnyArray:
    match data_type:
        case BoolType():
            return values.astype(np.bool_)
        case DateType():
            return values.astype("M8[D]")
        case DateTimeType():
            return values.astype(np.int64).astype("M8[s]")
        case NothingType():
            return np.full(len(values), None, dtype=object)
        case _:
            return np.array(values)


def _objects(values: list[Any]) -> AnyArray:
    """Return an array of objects, also when they are sequences of one length."""
    array = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        array[place] = value
    return array


def _series(pandas: Any, column: Column) -> Any:
    """Return a column as a pandas series."""
    mask = None
    if isinstance(column, NullableColumn):
        mask, column = column.is_null, column.inner
    values = (
        _objects(column.to_pylist()) if isinstance(column, BitsColumn) else column_array(column)
    )
    series = pandas.Series(values)
    if mask is None or not mask.any():
        return series
    if values.dtype.kind in "iub":
        nullable = {
            "b": "boolean",
            "i": f"Int{values.itemsize * 8}",
            "u": f"UInt{values.itemsize * 8}",
        }
        return series.astype(nullable[values.dtype.kind]).mask(mask)
    return series.mask(mask) if values.dtype.kind in "fM" else series.where(~mask, None)
