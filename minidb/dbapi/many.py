"""Statements with parameters: checks, and INSERT of many rows as one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from minidb.errors import BAD_ARGUMENTS, WRONG_PARAMETERS, InterfaceError, MiniDBError
from minidb.record import record
from minidb.sql import ast
from minidb.sql.depth import deep_recursion
from minidb.sql.parser import parse_statement

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]


def check_statement(sql: object) -> None:
    """Refuse what is no text.

    Raises
    ------
    InterfaceError
        BAD_ARGUMENTS.
    """
    if not isinstance(sql, str):
        raise InterfaceError(BAD_ARGUMENTS, f"expected SQL text, got {type(sql).__name__}")


def check_parameters(parameters: object) -> None:
    """Refuse what is neither a sequence of values nor a mapping of names to values.

    Raises
    ------
    InterfaceError
        WRONG_PARAMETERS.
    """
    is_text = isinstance(parameters, str | bytes | bytearray)
    if parameters is not None and (is_text or not isinstance(parameters, Sequence | Mapping)):
        message = f"expected a sequence or a mapping, got {type(parameters).__name__}"
        raise InterfaceError(WRONG_PARAMETERS, message, hint="for one value write (value,)")


def rows_of_bare_insert(sql: str, parameters: object) -> list[tuple[Any, ...]] | None:
    """Return the parameters as rows when the statement is ``INSERT INTO t VALUES`` and no more.

    Drivers of ClickHouse pass all rows beside such a statement.
    """
    if not isinstance(parameters, list | tuple) or not parameters:
        return None
    if not all(isinstance(row, list | tuple) for row in parameters):
        return None
    shape = insert_shape(sql)
    if shape is None or shape.keys is not None:
        return None
    return [tuple(row) for row in parameters]


@record
class InsertShape:
    """An INSERT whose VALUES is one row of parameters, or none.

    Parameters
    ----------
    sql : str
        The statement up to the row.
    keys : tuple of int or str, or None
        The parameters of the row in order; None when no row is written.
    """

    sql: str
    keys: tuple[int | str, ...] | None

    def row(self, parameters: Parameters) -> tuple[Any, ...]:
        """Return the values of one row.

        Raises
        ------
        InterfaceError
            WRONG_PARAMETERS when a value is missing, or there is one too many.
        """
        if self.keys is None and not isinstance(parameters, Mapping):
            return tuple(parameters)
        keys = self.keys or ()
        if isinstance(parameters, Mapping):
            missing = [key for key in keys if key not in parameters]
            if missing:
                message = f"there is no value for parameter {missing[0]!r}"
                raise InterfaceError(WRONG_PARAMETERS, message)
            return tuple(parameters[str(key)] for key in keys)
        if len(parameters) != len(keys) or any(isinstance(key, str) for key in keys):
            message = f"expected {len(keys)} values in order, got {len(parameters)}"
            if any(isinstance(key, str) for key in keys):
                message = "expected a mapping, because the statement names its parameters"
            raise InterfaceError(WRONG_PARAMETERS, message)
        return tuple(parameters)


def insert_shape(sql: str) -> InsertShape | None:
    """Return the shape of an INSERT of parameters alone, or None for any other statement.

    Raises
    ------
    SqlSyntaxError
        As `minidb.sql.parser.parse_statement`.
    """
    try:
        with deep_recursion():
            statement = parse_statement(sql)
    except MiniDBError as error:
        error.sql = sql
        raise
    if not isinstance(statement, ast.Insert) or not isinstance(statement.source, ast.InsertValues):
        return None
    if statement.settings:
        return None
    source = statement.source
    if not source.rows:
        return InsertShape(sql, None)
    keys = [value.key for value in source.rows[0] if isinstance(value, ast.Parameter)]
    if len(source.rows) != 1 or len(keys) != len(source.rows[0]) or not source.row_spans:
        return None
    return InsertShape(sql[: source.row_spans[0].start], tuple(keys))
