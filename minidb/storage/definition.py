"""What a table is: its name, columns, engine and key, as data that survives a JSON round trip."""

from __future__ import annotations

from typing import Any

from minidb.errors import CORRUPTED_DATA, InternalError, MiniDBError, StorageError
from minidb.record import record
from minidb.types import DataType
from minidb.types.names import parse_type

MEMORY_ENGINE = "Memory"
MERGE_TREE_ENGINE = "MergeTree"
ENGINES = (MEMORY_ENGINE, MERGE_TREE_ENGINE)

DEFAULT_KIND = "DEFAULT"
MATERIALIZED_KIND = "MATERIALIZED"
ALIAS_KIND = "ALIAS"
EPHEMERAL_KIND = "EPHEMERAL"
DEFAULT_KINDS = (DEFAULT_KIND, MATERIALIZED_KIND, ALIAS_KIND, EPHEMERAL_KIND)

TableKey = tuple[str, str]


@record
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
    default_kind : str
        What `default_sql` is: ``DEFAULT``, ``MATERIALIZED`` (stored, and never given),
        ``ALIAS`` (computed when read) or ``EPHEMERAL`` (given for other columns' defaults).
    comment : str
        For the reader.
    """

    name: str
    type: DataType
    default_sql: str | None = None
    default_kind: str = DEFAULT_KIND
    comment: str = ""

    @property
    def is_stored(self) -> bool:
        """Whether parts hold the column."""
        return self.default_kind in (DEFAULT_KIND, MATERIALIZED_KIND)

    @property
    def is_given(self) -> bool:
        """Whether INSERT without a list of columns has values for the column, and ``*`` shows it."""
        return self.default_kind == DEFAULT_KIND


@record
class IndexDef:
    """A data-skipping index as written; minidb has its own statistics and does not build it.

    `expr_sql` and `type_sql` are SQL texts.
    """

    name: str
    expr_sql: str
    type_sql: str
    granularity: int = 1


@record
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
    indexes : tuple of IndexDef
        Those that CREATE INDEX and ``INDEX`` declare.
    settings : tuple of (name, text)
        What stands behind SETTINGS of CREATE TABLE.
    comment : str
        For the reader.
    """

    database: str
    name: str
    columns: tuple[ColumnDef, ...]
    engine: str = MERGE_TREE_ENGINE
    order_by: tuple[str, ...] = ()
    primary_key: tuple[str, ...] = ()
    indexes: tuple[IndexDef, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    comment: str = ""

    @property
    def key(self) -> TableKey:
        """Return (database, name), under which a store keeps the table."""
        return self.database, self.name

    @property
    def is_stored(self) -> bool:
        """Whether the rows outlive the process in a store that has a folder."""
        return self.engine != MEMORY_ENGINE

    @property
    def stored_columns(self) -> tuple[ColumnDef, ...]:
        """Return the columns that parts hold, in order."""
        return tuple(column for column in self.columns if column.is_stored)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of the stored columns in order."""
        return tuple(column.name for column in self.stored_columns)

    @property
    def column_types(self) -> tuple[DataType, ...]:
        """Return the types of the stored columns in order."""
        return tuple(column.type for column in self.stored_columns)

    @property
    def given_columns(self) -> tuple[ColumnDef, ...]:
        """Return the columns of ``*`` and of an INSERT without a list of columns."""
        return tuple(column for column in self.columns if column.is_given)

    def setting(self, name: str) -> str | None:
        """Return the text of a setting of the table, None where it has none."""
        return dict(self.settings).get(name)


def table_to_json(table: TableDef) -> dict[str, Any]:
    """Return the definition as what `json.dumps` accepts; what a table lacks is left out."""
    data: dict[str, Any] = {
        "database": table.database,
        "name": table.name,
        "engine": table.engine,
        "columns": [_column_to_json(column) for column in table.columns],
        "order_by": list(table.order_by),
        "primary_key": list(table.primary_key),
    }
    if table.indexes:
        data["indexes"] = [[i.name, i.expr_sql, i.type_sql, i.granularity] for i in table.indexes]
    if table.settings:
        data["settings"] = [list(pair) for pair in table.settings]
    if table.comment:
        data["comment"] = table.comment
    return data


def _column_to_json(column: ColumnDef) -> list[str | None]:
    short = [column.name, column.type.name, column.default_sql]
    if column.default_kind == DEFAULT_KIND and not column.comment:
        return short
    return [*short, column.default_kind, column.comment]


def table_from_json(data: Any) -> TableDef:
    """Read what `table_to_json` made.

    Raises
    ------
    StorageError
        CORRUPTED_DATA when `data` has another shape or names a type that does not exist.
    """
    try:
        return TableDef(
            _text(data["database"]),
            _text(data["name"]),
            tuple(_column_from_json(*column) for column in data["columns"]),
            _text(data["engine"]),
            tuple(_text(sql) for sql in data["order_by"]),
            tuple(_text(sql) for sql in data["primary_key"]),
            tuple(_index_from_json(*index) for index in data.get("indexes", ())),
            tuple((_text(name), _text(text)) for name, text in data.get("settings", ())),
            _text(data.get("comment", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, MiniDBError) as error:
        raise StorageError(CORRUPTED_DATA, f"no table definition: {error}") from error


def _column_from_json(
    name: object,
    type_name: object,
    default: object,
    kind: object = DEFAULT_KIND,
    comment: object = "",
) -> ColumnDef:
    if kind not in DEFAULT_KINDS:
        raise ValueError(f"{kind!r} is no kind of default")
    data_type = parse_type(_text(type_name))
    return ColumnDef(_text(name), data_type, _optional_text(default), _text(kind), _text(comment))


def _index_from_json(name: object, expr: object, kind: object, granularity: object) -> IndexDef:
    if not isinstance(granularity, int):
        raise TypeError(f"{granularity!r} is no granularity")
    return IndexDef(_text(name), _text(expr), _text(kind), granularity)


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
