"""From the text of CREATE TABLE to a table's definition: columns, defaults, keys, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope, ScopeTable
from minidb.binder.types import bind_type
from minidb.errors import (
    BAD_ARGUMENTS,
    CYCLIC_ALIASES,
    ILLEGAL_COLUMN,
    INCORRECT_QUERY,
    UNKNOWN_IDENTIFIER,
    UNKNOWN_SETTING,
    UNKNOWN_STORAGE,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.expr import columns_of
from minidb.expr.evaluate import evaluate_constant
from minidb.plan.nodes import PlanNode
from minidb.sql import ast
from minidb.sql.format import format_expression
from minidb.sql.parser import parse_expression
from minidb.statements.context import StatementContext
from minidb.statements.indexes import format_index_type, with_index
from minidb.statements.parameters import refuse_marks
from minidb.storage.definition import (
    DEFAULT_KIND,
    ENGINES,
    MEMORY_ENGINE,
    MERGE_TREE_ENGINE,
    ColumnDef,
    IndexDef,
    TableDef,
)
from minidb.storage.merging import table_fields
from minidb.types import NullableType, nullable

# Those of ClickHouse's MergeTree tables that scripts set; only index_granularity does something.
TABLE_SETTINGS = frozenset(
    {
        "allow_nullable_key",
        "allow_suspicious_indices",
        "add_minmax_index_for_numeric_columns",
        "add_minmax_index_for_string_columns",
        "auto_statistics_types",
        "deduplicate_merge_projection_mode",
        "enable_block_number_column",
        "enable_block_offset_column",
        "enable_mixed_granularity_parts",
        "index_granularity",
        "index_granularity_bytes",
        "max_parts_in_total",
        "merge_max_block_size",
        "merge_with_ttl_timeout",
        "min_bytes_for_full_part_storage",
        "min_bytes_for_wide_part",
        "min_rows_for_wide_part",
        "non_replicated_deduplication_window",
        "old_parts_lifetime",
        "parts_to_delay_insert",
        "parts_to_throw_insert",
        "ratio_of_defaults_for_sparse_serialization",
        "storage_policy",
        "ttl_only_drop_parts",
        "write_final_mark",
    }
)


def table_definition(
    statement: ast.CreateTable,
    context: StatementContext,
    key: tuple[str, str],
    plan: PlanNode | None,
) -> TableDef:
    """Return the definition that CREATE TABLE asks for."""
    settings = table_settings(statement.settings)
    comment = statement.comment or ""
    if statement.like is not None and statement.engine is None:
        model = context.table(statement.like).definition
        is_kept = not statement.is_temporary
        engine = model.engine if is_kept else MEMORY_ENGINE
        settings = settings or model.settings
        return replace(
            model, database=key[0], name=key[1], engine=engine, settings=settings, comment=comment
        )
    indexes: tuple[IndexDef, ...] = ()
    if statement.like is not None:
        model = context.table(statement.like).definition
        columns, indexes = model.columns, model.indexes
    else:
        columns = _columns(statement, context, plan)
    engine = MEMORY_ENGINE if statement.is_temporary else MERGE_TREE_ENGINE
    if statement.engine is not None:
        engine = _engine(statement.engine)
    inline = [
        ast.Identifier((column.name,), span=column.span)
        for column in statement.columns
        if column.is_primary_key
    ]
    primary = _key_columns(statement.primary_key or inline, columns)
    order = primary
    if statement.order_by is not None:
        order = _key_columns(statement.order_by, columns)
        if order[: len(primary)] != primary:
            message = "the primary key must be a prefix of ORDER BY"
            raise BindError(BAD_ARGUMENTS, message, span=statement.span)
    definition = TableDef(
        *key, columns, engine, order, primary or order, indexes, settings, comment
    )
    for index in statement.indexes:
        written = IndexDef(
            index.name,
            format_expression(index.expr),
            "" if index.type is None else format_index_type(index.type),
            index.granularity or 1,
        )
        definition = with_index(definition, written, context.environment(), index)
    return definition


def _columns(
    statement: ast.CreateTable, context: StatementContext, plan: PlanNode | None
) -> tuple[ColumnDef, ...]:
    """Return the columns as written, or those of the query when none are written."""
    environment = context.environment()
    columns = [column_definition(column, environment) for column in statement.columns]
    if not columns and plan is not None:
        columns = [ColumnDef(field.name, field.type) for field in plan.schema]
    if not columns:
        message = "a table needs at least one column"
        raise BindError(INCORRECT_QUERY, message, span=statement.span)
    seen: set[str] = set()
    for place, column in enumerate(columns):
        if column.name in seen:
            written = statement.columns[place].span if statement.columns else statement.span
            message = f"column {column.name!r} stands twice"
            raise BindError(ILLEGAL_COLUMN, message, span=written)
        seen.add(column.name)
    if statement.columns:
        check_defaults(columns, environment, statement.columns)
    return tuple(columns)


def column_definition(
    column: ast.ColumnDefinition, environment: Environment, others: Sequence[ColumnDef] = ()
) -> ColumnDef:
    """Return one column; a missing type is that of the default, which may read `others`."""
    if column.type is not None:
        data_type = bind_type(column.type)
    elif column.default is not None:
        scope = Scope((ScopeTable(None, None, table_fields(others)),))
        data_type = ExprBinder(environment, scope, place="DEFAULT").bind(column.default).type
    else:
        raise BindError(BAD_ARGUMENTS, f"column {column.name!r} has no type", span=column.span)
    is_nullable = column.is_nullable
    if is_nullable is None and column.type is not None:
        is_nullable = environment.settings.flag("data_type_default_nullable")
    if is_nullable:
        data_type = nullable(data_type)
    if column.is_nullable is False and isinstance(data_type, NullableType):
        message = f"column {column.name!r} is both Nullable and NOT NULL"
        raise BindError(BAD_ARGUMENTS, message, span=column.span)
    kind, comment = column.default_kind or DEFAULT_KIND, column.comment or ""
    if column.default is None:
        return ColumnDef(column.name, data_type, None, kind, comment)
    refuse_marks(column.default, "a default")
    return ColumnDef(column.name, data_type, format_expression(column.default), kind, comment)


def check_defaults(
    columns: Sequence[ColumnDef],
    environment: Environment,
    written: Sequence[ast.ColumnDefinition] = (),
) -> None:
    """Bind every default once, so that a wrong one is found now; they may not read in a circle.

    Parameters
    ----------
    columns : sequence of ColumnDef
        All of the table's.
    environment : Environment
        Functions and settings.
    written : sequence of ColumnDefinition
        The same columns in the statement, whose places errors point at.

    Raises
    ------
    BindError
        What the binder finds, or CYCLIC_ALIASES.
    """
    fields = table_fields(columns)
    names = {field.id: name for name, field in fields.items()}
    scope = Scope((ScopeTable(None, None, fields),))
    reads: dict[str, set[str]] = {}
    exprs = {column.name: column.default for column in written}
    for column in columns:
        if column.default_sql is not None:
            expr = exprs.get(column.name) or parse_expression(column.default_sql)
            bound = ExprBinder(environment, scope, place=column.default_kind).bind(expr)
            # A constant one is converted now, so that a value that does not fit is found.
            evaluate_constant(cast_to(environment, bound, column.type), environment.settings)
            reads[column.name] = {names[i] for i in columns_of(bound)}
    for column in columns:
        seen: set[str] = set()
        front = set(reads.get(column.name, ()))
        while front - seen:
            seen |= front
            front = {read for name in front for read in reads.get(name, ())}
        if column.name in seen:
            message = f"the default of {column.name!r} depends on itself"
            spans = [given.span for given in written if given.name == column.name]
            raise BindError(CYCLIC_ALIASES, message, span=spans[0] if spans else None)


def table_settings(settings: Sequence[ast.Setting]) -> tuple[tuple[str, str], ...]:
    """Return the settings of a table as names and texts.

    Raises
    ------
    BindError
        UNKNOWN_SETTING for a name that no table of ClickHouse has, BAD_ARGUMENTS for a
        granularity that is no number of at least 1.
    """
    for setting in settings:
        if setting.name not in TABLE_SETTINGS:
            message = f"no setting {setting.name!r} of a table"
            hint = did_you_mean(setting.name, TABLE_SETTINGS)
            raise BindError(UNKNOWN_SETTING, message, span=setting.span, hint=hint)
        value = setting.value
        if setting.name == "index_granularity" and not (isinstance(value, int) and value >= 1):
            message = f"index_granularity takes a number of at least 1, not {value!r}"
            raise BindError(BAD_ARGUMENTS, message, span=setting.span)
    return tuple((setting.name, str(setting.value)) for setting in settings)


def _engine(engine: ast.Engine) -> str:
    """Return the engine's name; it takes no arguments."""
    if engine.name not in ENGINES:
        hint = did_you_mean(engine.name, ENGINES) or f"there are {' and '.join(ENGINES)}"
        message = f"no table engine {engine.name!r}"
        raise BindError(UNKNOWN_STORAGE, message, span=engine.span, hint=hint)
    if engine.arguments:
        raise BindError(BAD_ARGUMENTS, f"{engine.name} takes no arguments", span=engine.span)
    return engine.name


def _key_columns(exprs: Sequence[ast.Expr], columns: Sequence[ColumnDef]) -> tuple[str, ...]:
    """Return the names of the key's columns; a key may also be one tuple of them."""
    names = {column.name for column in columns}
    found: list[str] = []
    for expr in exprs:
        if isinstance(expr, ast.TupleLiteral):
            found += _key_columns(expr.elements, columns)
            continue
        if not isinstance(expr, ast.Identifier):
            message = "keys over expressions are not supported, name columns"
            raise NotSupportedError(message, span=expr.span)
        if expr.name not in names:
            hint = did_you_mean(expr.name, names)
            message = f"no column {expr.name!r} in the table"
            raise BindError(UNKNOWN_IDENTIFIER, message, span=expr.span, hint=hint)
        found.append(expr.name)
    return tuple(dict.fromkeys(found))
