"""System tables: the catalog itself as relations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from minidb.catalog.relation import Bounds
from minidb.columns import Batch, column_from_values
from minidb.functions.arguments import Arg
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from minidb.functions.registry import FunctionRegistry
from minidb.functions.window import WindowFunction
from minidb.settings import Settings
from minidb.storage.definition import TableKey
from minidb.storage.store import ObjectKey, StoredTable
from minidb.types import BoolType, DataType, IntType, StringType

STRING = StringType()
UINT64 = IntType(64, False)
UINT8 = IntType(8, False)

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SystemSource:
    """What system tables tell about: one session's view of the database."""

    registry: FunctionRegistry
    settings: Settings
    tables: Mapping[TableKey, StoredTable]
    objects: Mapping[ObjectKey, str]


@dataclass(frozen=True, slots=True)
class SystemTable:
    """A system table as data: its columns, and the rows computed when it is scanned."""

    name: str
    columns: tuple[tuple[str, DataType], ...]
    rows: Callable[[SystemSource], Sequence[Row]]
    help: str


@dataclass(frozen=True, slots=True)
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
    for kind, known in (
        ("scalar", registry.scalars),
        ("aggregate", registry.aggregates),
        ("window", registry.windows),
    ):
        for function in {id(f): f for f in known.values()}.values():
            rows += _function_rows(kind, function)
    for table in {id(f): f for f in registry.tables.values()}.values():
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
    return [
        (
            database,
            name,
            table.definition.engine,
            table.n_rows,
            table.n_bytes,
            len(table.parts),
            ", ".join(table.definition.order_by),
            ", ".join(table.definition.primary_key),
        )
        for (database, name), table in sorted(source.tables.items())
    ]


def _columns(source: SystemSource) -> list[Row]:
    return [
        (
            database,
            name,
            column.name,
            column.type.name,
            place + 1,
            "DEFAULT" if column.default_sql is not None else "",
            column.default_sql or "",
            int(column.name in table.definition.primary_key),
            int(column.name in table.definition.order_by),
        )
        for (database, name), table in sorted(source.tables.items())
        for place, column in enumerate(table.definition.columns)
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
    return [(name,) for name in sorted({"default", "system", *made})]


SYSTEM_TABLES: tuple[SystemTable, ...] = (
    SystemTable("one", (("dummy", UINT8),), lambda source: [(0,)], "one row, one column"),
    SystemTable("databases", (("name", STRING),), _databases, "the databases"),
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
            ("total_rows", UINT64),
            ("total_bytes", UINT64),
            ("parts", UINT64),
            ("sorting_key", STRING),
            ("primary_key", STRING),
        ),
        _tables,
        "the tables, with their rows, bytes and parts",
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
        ),
        _columns,
        "the columns of all tables",
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
