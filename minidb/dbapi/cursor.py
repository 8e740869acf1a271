"""PEP 249's cursor: runs statements and hands out the rows of the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias

from minidb.dbapi.many import Parameters, check_parameters, check_statement, insert_shape
from minidb.errors import (
    BAD_ARGUMENTS,
    CONNECTION_IS_CLOSED,
    NO_RESULT,
    WRONG_PARAMETERS,
    InterfaceError,
)
from minidb.result import Result
from minidb.types import DataType, NullableType

Row: TypeAlias = tuple[Any, ...]
Description: TypeAlias = tuple[tuple[str, str, None, None, None, None, bool], ...]


class Runner(Protocol):
    """What a cursor asks of its connection."""

    def check_open(self) -> None:
        """Raise InterfaceError when it is closed."""

    def execute(self, sql: str, parameters: Parameters | None = None) -> Result:
        """Run one statement."""

    def insert_rows(self, sql: str, rows: Sequence[Row]) -> Result:
        """Insert rows of Python values."""


class Cursor:
    """PEP 249's cursor: runs statements and hands out the rows of the last one.

    Attributes
    ----------
    arraysize : int
        How many rows `fetchmany` returns when it is not told.
    lastrowid : None
        Rows have no ids.
    """

    lastrowid = None

    def __init__(self, connection: Runner) -> None:
        self._connection = connection
        self._result: Result | None = None
        self._position = 0
        self._is_closed = False
        self.arraysize = 1
        self.rowcount = -1

    @property
    def connection(self) -> Runner:
        """Return the connection that the cursor belongs to."""
        return self._connection

    @property
    def description(self) -> Description | None:
        """Return one 7-tuple per column: name, type name, four times None, and null_ok.

        None before the first statement and after one that returns no rows. The type name is
        ClickHouse's; it equals the type object of its kind (``"UInt8" == minidb.NUMBER``).
        """
        result = self._result
        if result is None or not result.has_rows:
            return None
        return tuple(
            (name, data_type.name, None, None, None, None, _is_nullable(data_type))
            for name, data_type in zip(result.names, result.types, strict=True)
        )

    @property
    def rownumber(self) -> int | None:
        """Return the number of the next row from 0, or None without a result."""
        result = self._result
        return self._position if result is not None and result.has_rows else None

    def execute(self, sql: str, parameters: Parameters | None = None) -> Self:
        """Run one statement; returns the cursor, so that a fetch can follow.

        Raises
        ------
        MiniDBError
            As `Connection.execute`.
        """
        self._check_open()
        self._forget()
        self._keep(self._connection.execute(sql, parameters))
        return self

    def executemany(self, sql: str, seq_of_parameters: object) -> Self:
        """Run one statement for each set of parameters.

        ``INSERT INTO t VALUES (?, ?)`` with plain parameters becomes one INSERT of all rows: it
        writes one part, and either all rows or none. Other statements run one after another.

        Raises
        ------
        MiniDBError
            As `Connection.execute`.
        InterfaceError NO_RESULT when the statement returns rows.
        """
        self._check_open()
        self._forget()
        check_statement(sql)
        if not isinstance(seq_of_parameters, Iterable):
            message = f"expected the sets of parameters, got {type(seq_of_parameters).__name__}"
            raise InterfaceError(WRONG_PARAMETERS, message)
        all_parameters = list(seq_of_parameters)
        for parameters in all_parameters:
            check_parameters(parameters)
        shape = insert_shape(sql)
        if shape is not None:
            rows = [shape.row(parameters) for parameters in all_parameters]
            self._keep(self._connection.insert_rows(shape.sql, rows))
            return self
        n_written = 0
        for parameters in all_parameters:
            result = self._connection.execute(sql, parameters)
            if result.has_rows:
                raise InterfaceError(NO_RESULT, "executemany takes no statement that returns rows")
            n_written += result.n_written
            self._keep(result)
        self.rowcount = n_written
        return self

    def fetchone(self) -> Row | None:
        """Return the next row, or None after the last.

        Raises
        ------
        InterfaceError
            NO_RESULT when the last statement returned no rows, CONNECTION_IS_CLOSED.
        """
        rows = self.fetchmany(1)
        return rows[0] if rows else None

    def fetchmany(self, size: object = None) -> list[Row]:
        """Return the next `size` rows (`arraysize` by default), fewer at the end.

        Raises
        ------
        InterfaceError
            As `fetchone`.
        """
        result = self._rows_of_last()
        start = self._position
        wanted = self.arraysize if size is None else size
        if not isinstance(wanted, int):  # drivers are called from code that no checker reads
            message = f"a number of rows is an int, not {type(wanted).__name__}"
            raise InterfaceError(BAD_ARGUMENTS, message)
        self._position = min(result.n_rows, start + max(0, wanted))
        return result.rows_between(start, self._position)

    def fetchall(self) -> list[Row]:
        """Return all rows that are left.

        Raises
        ------
        InterfaceError
            As `fetchone`.
        """
        return self.fetchmany(self._rows_of_last().n_rows)

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Do nothing, as PEP 249 allows."""
        self._check_open()

    def setoutputsize(self, size: int, column: int | None = None) -> None:
        """Do nothing, as PEP 249 allows."""
        self._check_open()

    def close(self) -> None:
        """Close the cursor; a second call does nothing."""
        self._is_closed = True
        self._result = None

    def __iter__(self) -> Iterator[Row]:
        self._rows_of_last()
        return self

    def __next__(self) -> Row:
        row = self.fetchone()
        if row is None:
            raise StopIteration
        return row

    def __enter__(self) -> Self:
        self._check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        """Refuse a closed cursor or connection."""
        if self._is_closed:
            raise InterfaceError(CONNECTION_IS_CLOSED, "the cursor is closed")
        self._connection.check_open()

    def _forget(self) -> None:
        self._result, self._position, self.rowcount = None, 0, -1

    def _keep(self, result: Result) -> None:
        self._result, self._position = result, 0
        self.rowcount = result.n_rows if result.has_rows else result.n_written

    def _rows_of_last(self) -> Result:
        """Return the last result, which has to be one with rows."""
        self._check_open()
        if self._result is None or not self._result.has_rows:
            raise InterfaceError(NO_RESULT, "the last statement returned no rows")
        return self._result


def _is_nullable(data_type: DataType) -> bool:
    return isinstance(data_type, NullableType)
