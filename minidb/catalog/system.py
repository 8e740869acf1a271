"""System tables: the catalog itself as relations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field

from minidb.catalog.relation import Bounds
from minidb.catalog.view import ViewDef, find_view, view_keys
from minidb.columns import Batch, column_from_values
from minidb.functions.arguments import Arg
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from minidb.functions.registry import FunctionRegistry
from minidb.functions.window import WindowFunction
from minidb.record import record
from minidb.settings import Settings
from minidb.storage.definition import DEFAULT_KIND, TableKey
from minidb.storage.store import ObjectKey, StoredTable
from minidb.types import BoolType, DataType, IntType, NullableType, StringType

STRING = StringType()
UINT64 = IntType(64, False)
UINT8 = IntType(8, False)

Row = tuple[object, ...]


@record
class SystemSource:
    """What system tables tell about: one session's view of the database."""

    registry: FunctionRegistry
    settings: Settings
    tables: Mapping[TableKey, StoredTable]
    objects: Mapping[ObjectKey, str]
    create_text: Callable[[TableKey], str] = field(default=lambda key: "", repr=False)

    def views(self) -> list[ViewDef]:
        """Return all views."""
        found = [find_view(self.objects, key) for key in view_keys(self.objects)]
        return [view for view in found if view is not None]


@record
class SystemTable:
    """A system table as data: its columns, and the rows computed when it is scanned."""

    name: str
    columns: tuple[tuple[str, DataType], ...]
    rows: Callable[[SystemSource], Sequence[Row]]
    help: str


@record
class SystemRelation:
    """A system table bound to one session."""

    table: SystemTable
    source: SystemSource = field(repr=False)

    @property
    def label(self) -> str:
        """Return ``system.name``."""
        return f"system.{self.table.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""
        return tuple(name for name, _ in self.table.columns)

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""
        return tuple(data_type for _, data_type in self.table.columns)

    def estimate_rows(self) -> int | None:
        """Return None: the rows are counted when they are made."""
        return None

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield the rows; system tables are small, so one batch is cut into pieces."""
        rows = self.table.rows(self.source)
        places = [self.names.index(name) for name in columns]
        made = tuple(
            column_from_values(self.types[place], [row[place] for row in rows]) for place in places
        )
        whole = Batch(made, len(rows))
        for start in range(0, whole.n_rows, batch_rows):
            yield whole.slice(start, start + batch_rows)


def _functions(source: SystemSource) -> list[Row]:
    registry = source.registry
    rows: list[Row] = []
    for scalar in registry.scalars():
        rows += _function_rows("scalar", scalar)
    for aggregate in registry.aggregates():
        rows += _function_rows("aggregate", aggregate)
    for window in registry.windows():
        rows += _function_rows("window", window)
    for table in registry.tables():
        shown = _arguments(table.args)
        row = (table.name, "table", False, "", "table", shown, "rows", table.help, table.example)
        rows.append(row)
    for (kind, name), text in source.objects.items():
        if kind == "function":
            rows.append((name, "sql", False, "", "user", "", "any type", text, ""))
    return sorted(rows, key=lambda row: str(row[0]))


def _function_rows(
    kind: str, function: ScalarFunction | AggregateFunction | WindowFunction
) -> Iterator[Row]:
    """Yield a row for the function's name and each of its aliases."""
    result = function.result
    returns = result.name if isinstance(result, DataType) else "depends on the arguments"
    tail = (function.family, _arguments(function.args), returns, function.help, function.example)
    folds = function.is_case_insensitive
    yield (function.name, kind, folds, "", *tail)
    for alias in function.aliases:
        yield (alias, kind, folds, function.name, *tail)


def _arguments(args: Sequence[Arg]) -> str:
    """Return declared arguments as text, such as ``a an integer, b a String``."""
    return ", ".join(f"{arg.name} {arg.kind.name}" for arg in args)


def _tables(source: SystemSource) -> list[Row]:
    rows: list[Row] = [
        (
            database,
            name,
            table.definition.engine,
            table.n_rows,
            table.n_bytes,
            len(table.parts),
            ", ".join(table.definition.order_by),
            ", ".join(table.definition.primary_key),
            int(not database),
            source.create_text((database, name)),
            "",
            table.definition.comment,
        )
        for (database, name), table in source.tables.items()
    ]
    for view in source.views():
        none = (None, None, None, "", "", 0)
        text = source.create_text(view.key)
        rows.append((view.database, view.name, "View", *none, text, view.query_sql, ""))
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def _columns(source: SystemSource) -> list[Row]:
    rows: list[Row] = []
    for (database, name), table in source.tables.items():
        definition = table.definition
        for place, column in enumerate(definition.columns):
            is_bare = column.default_sql is None and column.default_kind == DEFAULT_KIND
            rows.append(
                (
                    database,
                    name,
                    column.name,
                    column.type.name,
                    place + 1,
                    "" if is_bare else column.default_kind,
                    column.default_sql or "",
                    int(column.name in definition.primary_key),
                    int(column.name in definition.order_by),
                    column.comment,
                )
            )
    for view in source.views():
        for place, (column_name, data_type) in enumerate(view.columns):
            head = (view.database, view.name, column_name, data_type.name, place + 1)
            rows.append((*head, "", "", 0, 0, ""))
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def _parts(source: SystemSource) -> list[Row]:
    return [
        (database, name, part.name, 1, part.n_rows, part.n_granules, part.n_bytes)
        for (database, name), table in sorted(source.tables.items())
        for part in table.parts
    ]


def _indexes(source: SystemSource) -> list[Row]:
    return [
        (
            database,
            name,
            index.name,
            index.type_sql.partition("(")[0],
            index.type_sql,
            index.expr_sql.removeprefix("(").removesuffix(")")
            if index.expr_sql.startswith("(")
            else index.expr_sql,
            index.granularity,
        )
        for (database, name), table in sorted(source.tables.items())
        for index in table.definition.indexes
    ]


def _settings(source: SystemSource) -> list[Row]:
    return [
        (
            spec.name,
            str(source.settings[spec.name]),
            int(source.settings[spec.name] != spec.default),
            spec.help,
            spec.type_name,
            str(spec.default),
        )
        for spec in source.settings
    ]


def _databases(source: SystemSource) -> list[Row]:
    made = {name for kind, name in source.objects if kind == "database"}
    return [(name, "Atomic") for name in sorted({"default", "system", *made})]


SYSTEM_TABLES: tuple[SystemTable, ...] = (
    SystemTable("one", (("dummy", UINT8),), lambda source: [(0,)], "one row, one column"),
    SystemTable("databases", (("name", STRING), ("engine", STRING)), _databases, "the databases"),
    SystemTable(
        "functions",
        (
            ("name", STRING),
            ("kind", STRING),
            ("case_insensitive", BoolType()),
            ("alias_to", STRING),
            ("family", STRING),
            ("arguments", STRING),
            ("returns", STRING),
            ("description", STRING),
            ("example", STRING),
        ),
        _functions,
        "every function, with help and a statement to try",
    ),
    SystemTable(
        "tables",
        (
            ("database", STRING),
            ("name", STRING),
            ("engine", STRING),
            ("total_rows", NullableType(UINT64)),
            ("total_bytes", NullableType(UINT64)),
            ("parts", NullableType(UINT64)),
            ("sorting_key", STRING),
            ("primary_key", STRING),
            ("is_temporary", UINT8),
            ("create_table_query", STRING),
            ("as_select", STRING),
            ("comment", STRING),
        ),
        _tables,
        "the tables and views, with their rows, bytes and parts",
    ),
    SystemTable(
        "columns",
        (
            ("database", STRING),
            ("table", STRING),
            ("name", STRING),
            ("type", STRING),
            ("position", UINT64),
            ("default_kind", STRING),
            ("default_expression", STRING),
            ("is_in_primary_key", UINT8),
            ("is_in_sorting_key", UINT8),
            ("comment", STRING),
        ),
        _columns,
        "the columns of all tables and views",
    ),
    SystemTable(
        "parts",
        (
            ("database", STRING),
            ("table", STRING),
            ("name", STRING),
            ("active", UINT8),
            ("rows", UINT64),
            ("marks", UINT64),
            ("bytes_on_disk", UINT64),
        ),
        _parts,
        "the parts of all tables, oldest first",
    ),
    SystemTable(
        "data_skipping_indices",
        (
            ("database", STRING),
            ("table", STRING),
            ("name", STRING),
            ("type", STRING),
            ("type_full", STRING),
            ("expr", STRING),
            ("granularity", UINT64),
        ),
        _indexes,
        "the indexes that tables declare",
    ),
    SystemTable(
        "settings",
        (
            ("name", STRING),
            ("value", STRING),
            ("changed", UINT8),
            ("description", STRING),
            ("type", STRING),
            ("default", STRING),
        ),
        _settings,
        "the session's settings",
    ),
)
