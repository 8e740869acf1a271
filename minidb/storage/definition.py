"""What a table is: its name, columns, engine and key, as data that survives a JSON round trip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from minidb.errors import CORRUPTED_DATA, InternalError, MiniDBError, StorageError
from minidb.types import DataType
from minidb.types.names import parse_type

MEMORY_ENGINE = "Memory"
MERGE_TREE_ENGINE = "MergeTree"
ENGINES = (MEMORY_ENGINE, MERGE_TREE_ENGINE)

TableKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ColumnDef:
    """One column of a table.

    Parameters
    ----------
    name : str
        Unique in its table.
    type : DataType
        What the column holds.
    default_sql : str, optional
        The expression after DEFAULT as SQL text, which storage does not read.
    """

    name: str
    type: DataType
    default_sql: str | None = None


@dataclass(frozen=True, slots=True)
class TableDef:
    """A table without its rows.

    Parameters
    ----------
    database, name : str
        Where the catalog finds it.
    columns : tuple of ColumnDef
        In the order of CREATE TABLE.
    engine : str
        ``Memory`` (rows live in this process only) or ``MergeTree`` (rows are stored).
    order_by, primary_key : tuple of str
        SQL texts of the key expressions, which storage does not read.
    """

    database: str
    name: str
    columns: tuple[ColumnDef, ...]
    engine: str = MERGE_TREE_ENGINE
    order_by: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()

    @property
    def key(self) -> TableKey:
        """Return (database, name), under which a store keeps the table."""
        return self.database, self.name

    @property
    def is_stored(self) -> bool:
        """Whether the rows outlive the process in a store that has a folder."""
        return self.engine != MEMORY_ENGINE

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of the columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def column_types(self) -> tuple[DataType, ...]:
        """Return the types of the columns in order."""
        return tuple(column.type for column in self.columns)


def table_to_json(table: TableDef) -> dict[str, Any]:
    """Return the definition as what `json.dumps` accepts."""
    return {
        "database": table.database,
        "name": table.name,
        "engine": table.engine,
        "columns": [[c.name, c.type.name, c.default_sql] for c in table.columns],
        "order_by": list(table.order_by),
        "primary_key": list(table.primary_key),
    }


def table_from_json(data: Any) -> TableDef:
    """Read what `table_to_json` made.

    Raises
    ------
    StorageError
        CORRUPTED_DATA when `data` has another shape or names a type that does not exist.
    """
    try:
        columns = tuple(
            ColumnDef(_text(name), parse_type(_text(type_name)), _optional_text(default))
            for name, type_name, default in data["columns"]
        )
        return TableDef(
            _text(data["database"]),
            _text(data["name"]),
            columns,
            _text(data["engine"]),
            tuple(_text(sql) for sql in data["order_by"]),
            tuple(_text(sql) for sql in data["primary_key"]),
        )
    except (KeyError, TypeError, ValueError, MiniDBError) as error:
        raise StorageError(CORRUPTED_DATA, f"no table definition: {error}") from error


def require_storable(table: TableDef) -> None:
    """Refuse a definition that would not be read back as it is, before it reaches the disk.

    Raises
    ------
    InternalError
        When a type's name does not give the type back, or the engine is unknown.
    """
    try:
        is_storable = table_from_json(table_to_json(table)) == table and table.engine in ENGINES
    except MiniDBError as error:
        raise InternalError(f"table {table.name!r} cannot be stored: {error.message}") from error
    if not is_storable:
        raise InternalError(f"table {table.name!r} cannot be stored")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type(value).__name__}")
    return value


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)
