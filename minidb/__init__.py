"""minidb: a columnar database in pure Python that runs binarized neural networks by SQL.

`connect` opens a database; the rest is PEP 249's: globals, types and exceptions. Everything is
loaded when it is first used, so importing minidb costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minidb.database import Database
    from minidb.dbapi import (
        BINARY,
        DATETIME,
        NUMBER,
        ROWID,
        STRING,
        Binary,
        Date,
        DateFromTicks,
        Time,
        TimeFromTicks,
        Timestamp,
        TimestampFromTicks,
        connect,
    )
    from minidb.errors import (
        DatabaseError,
        DataError,
        IntegrityError,
        InterfaceError,
        InternalError,
        NotSupportedError,
        OperationalError,
        ProgrammingError,
        Warning,  # noqa: A004 - PEP 249 fixes the name
    )
    from minidb.errors import MiniDBError as Error
    from minidb.result import Result

apilevel = "2.0"
# Threads may share a connection: its statements run one after another. They do not share cursors.
threadsafety = 2
# `%(name)s` is read as well.
paramstyle = "qmark"

__all__ = [
    "connect",
    "Database",
    "Result",
    "apilevel",
    "threadsafety",
    "paramstyle",
    "Warning",
    "Error",
    "InterfaceError",
    "DatabaseError",
    "DataError",
    "OperationalError",
    "IntegrityError",
    "InternalError",
    "ProgrammingError",
    "NotSupportedError",
    "STRING",
    "BINARY",
    "NUMBER",
    "DATETIME",
    "ROWID",
    "Date",
    "Time",
    "Timestamp",
    "DateFromTicks",
    "TimeFromTicks",
    "TimestampFromTicks",
    "Binary",
]

_ERRORS = (
    *("Warning", "InterfaceError", "DatabaseError", "DataError", "OperationalError"),
    *("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"),
)
_DBAPI = (
    *("connect", "STRING", "BINARY", "NUMBER", "DATETIME", "ROWID", "Binary"),
    *("Date", "Time", "Timestamp", "DateFromTicks", "TimeFromTicks", "TimestampFromTicks"),
)
_HOMES = {
    **{name: ("minidb.errors", name) for name in _ERRORS},
    "Error": ("minidb.errors", "MiniDBError"),
    **{name: ("minidb.dbapi", name) for name in _DBAPI},
    "Database": ("minidb.database", "Database"),
    "Result": ("minidb.result", "Result"),
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home[0]), home[1])
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted({*globals(), *__all__})
