"""CREATE, DROP, TRUNCATE and RENAME TABLE, CREATE and DROP DATABASE."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope, ScopeTable
from minidb.binder.types import bind_type
from minidb.errors import (
    BAD_ARGUMENTS,
    CYCLIC_ALIASES,
    DATABASE_ALREADY_EXISTS,
    ILLEGAL_COLUMN,
    INCORRECT_QUERY,
    READONLY,
    TABLE_ALREADY_EXISTS,
    UNKNOWN_DATABASE,
    UNKNOWN_IDENTIFIER,
    UNKNOWN_STORAGE,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.execution.outcome import Outcome
from minidb.expr import columns_of
from minidb.expr.evaluate import evaluate_constant
from minidb.plan.nodes import PlanNode
from minidb.sql import ast
from minidb.sql.format import format_expression
from minidb.statements.context import (
    DATABASE_KIND,
    DEFAULT_DATABASE,
    SYSTEM_DATABASE,
    StatementContext,
)
from minidb.statements.parameters import refuse_marks
from minidb.statements.query import plan_query, run_plan
from minidb.statements.writing import check_count, insert_batches, table_fields
from minidb.storage.definition import ENGINES, MERGE_TREE_ENGINE, ColumnDef, TableDef
from minidb.storage.store import Transaction
from minidb.types import NullableType, nullable


def create_table(statement: ast.CreateTable, context: StatementContext) -> Outcome:
    """Create a table, and fill it when AS SELECT stands behind it, in one commit."""
    _refuse_unsupported(statement)
    with context.begin() as transaction:
        database, name = writable_key(context, statement.table)
        if (database, name) in context.tables:
            if statement.if_not_exists:
                return Outcome()
            message = f"table {name!r} is already there"
            hint = "write CREATE TABLE IF NOT EXISTS, or drop it first"
            raise BindError(TABLE_ALREADY_EXISTS, message, span=statement.table.span, hint=hint)
        plan = None if statement.query is None else plan_query(context, statement.query)
        schema = None if plan is None else plan.optimized.plan
        definition = _definition(statement, context, (database, name), schema)
        transaction.create_table(definition)
        n_written = 0
        if plan is not None:
            batches = run_plan(context, plan.optimized.plan)
            n_given = len(plan.optimized.plan.schema)
            check_count(definition, len(definition.columns), n_given, statement.span)
            n_written = insert_batches(
                context,
                transaction,
                definition,
                definition.column_names,
                batches,
                plan.environment,
            )
        transaction.commit()
    return Outcome(n_written=n_written)


def _refuse_unsupported(statement: ast.CreateTable) -> None:
    """Refuse the clauses that the grammar reads and the engine would have to forget."""
    partition, comment = statement.partition_by, statement.comment
    refused: list[tuple[bool, str, ast.Node]] = [
        (statement.or_replace, "CREATE OR REPLACE TABLE", statement),
        (statement.is_temporary, "CREATE TEMPORARY TABLE", statement),
        (partition is not None, "PARTITION BY", partition or statement),
        (comment is not None, "COMMENT", statement),
        *((True, "SETTINGS of a table", setting) for setting in statement.settings),
        *((True, "INDEX", index) for index in statement.indexes),
        *((column.comment is not None, "COMMENT", column) for column in statement.columns),
    ]
    for is_present, what, node in refused:
        if is_present:
            raise NotSupportedError(f"{what} is not supported", span=node.span)


def _definition(
    statement: ast.CreateTable,
    context: StatementContext,
    key: tuple[str, str],
    plan: PlanNode | None,
) -> TableDef:
    """Return the definition that the statement asks for."""
    if statement.like is not None:
        model = context.table(statement.like).definition
        columns, engine = model.columns, model.engine
    else:
        columns, engine = _columns(statement, context, plan), MERGE_TREE_ENGINE
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
    return TableDef(*key, columns, engine, order, primary or order)


def _columns(
    statement: ast.CreateTable, context: StatementContext, plan: PlanNode | None
) -> tuple[ColumnDef, ...]:
    """Return the columns as written, or those of the query when none are written."""
    environment = context.environment()
    columns = [_column(column, environment) for column in statement.columns]
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
        _check_defaults(statement.columns, columns, environment)
    return tuple(columns)


def _column(column: ast.ColumnDefinition, environment: Environment) -> ColumnDef:
    """Return one column; a missing type is that of the default, which then reads no column."""
    if column.default_kind not in (None, "DEFAULT"):
        message = f"{column.default_kind} columns are not supported"
        raise NotSupportedError(message, span=column.span)
    if column.type is not None:
        data_type = bind_type(column.type)
    elif column.default is not None:
        data_type = ExprBinder(environment, Scope(), place="DEFAULT").bind(column.default).type
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
    if column.default is None:
        return ColumnDef(column.name, data_type)
    refuse_marks(column.default, "a default")
    return ColumnDef(column.name, data_type, format_expression(column.default))


def _check_defaults(
    written: Sequence[ast.ColumnDefinition],
    columns: Sequence[ColumnDef],
    environment: Environment,
) -> None:
    """Bind every default once, so that a wrong one is found now; they may not read in a circle.

    Raises
    ------
    BindError
        What the binder finds, or CYCLIC_ALIASES.
    """
    fields = table_fields(columns)
    names = {field.id: name for name, field in fields.items()}
    scope = Scope((ScopeTable(None, None, fields),))
    reads: dict[str, set[str]] = {}
    for column, definition in zip(written, columns, strict=True):
        if column.default is not None:
            bound = ExprBinder(environment, scope, place="DEFAULT").bind(column.default)
            # A constant one is converted now, so that a value that does not fit is found.
            evaluate_constant(cast_to(environment, bound, definition.type), environment.settings)
            reads[column.name] = {names[i] for i in columns_of(bound)}
    for column in written:
        seen: set[str] = set()
        front = set(reads.get(column.name, ()))
        while front - seen:
            seen |= front
            front = {read for name in front for read in reads.get(name, ())}
        if column.name in seen:
            message = f"the default of {column.name!r} depends on itself"
            raise BindError(CYCLIC_ALIASES, message, span=column.span)


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


def writable_key(context: StatementContext, name: ast.ObjectName) -> tuple[str, str]:
    """Return (database, table) of a name that may be written to.

    Raises
    ------
    BindError
        READONLY for the database system, UNKNOWN_DATABASE.
    """
    key = context.key(name)
    if key[0] == SYSTEM_DATABASE:
        raise BindError(READONLY, "the database system is read-only", span=name.span)
    return key


def drop(statement: ast.Drop, context: StatementContext) -> Outcome:
    """Drop tables, databases or SQL functions; all of those named, in one commit."""
    with context.begin() as transaction:
        for name in statement.names:
            match statement.kind:
                case "TABLE":
                    _drop_table(name, statement.if_exists, context, transaction)
                case "DATABASE":
                    _drop_database(name, statement.if_exists, context, transaction)
                case kind:
                    raise NotSupportedError(f"DROP {kind} is not supported", span=statement.span)
        transaction.commit()
    return Outcome()


def _drop_table(
    name: ast.ObjectName, if_exists: bool, context: StatementContext, transaction: Transaction
) -> None:
    key = writable_key(context, name)
    if key in transaction.tables:
        transaction.drop_table(*key)
    elif not if_exists:
        raise context.unknown_table(name)


def _drop_database(
    name: ast.ObjectName, if_exists: bool, context: StatementContext, transaction: Transaction
) -> None:
    if name.name in (DEFAULT_DATABASE, SYSTEM_DATABASE):
        message = f"the database {name.name} cannot be dropped"
        raise BindError(READONLY, message, span=name.span)
    if (DATABASE_KIND, name.name) not in transaction.objects:
        if if_exists:
            return
        hint = did_you_mean(name.name, context.database_names())
        message = f"no database {name.name!r}"
        raise BindError(UNKNOWN_DATABASE, message, span=name.span, hint=hint)
    for database, table in list(transaction.tables):
        if database == name.name:
            transaction.drop_table(database, table)
    transaction.drop_object(DATABASE_KIND, name.name)


def create_database(statement: ast.CreateDatabase, context: StatementContext) -> Outcome:
    """Create a database."""
    with context.begin() as transaction:
        if statement.name in context.database_names():
            if statement.if_not_exists:
                return Outcome()
            message = f"database {statement.name!r} is already there"
            raise BindError(DATABASE_ALREADY_EXISTS, message, span=statement.span)
        transaction.put_object(DATABASE_KIND, statement.name, "")
        transaction.commit()
    return Outcome()


def truncate(statement: ast.Truncate, context: StatementContext) -> Outcome:
    """Remove all rows of a table."""
    with context.begin() as transaction:
        key = writable_key(context, statement.table)
        if key not in transaction.tables and statement.if_exists:
            return Outcome()
        table = context.table(statement.table)
        if table.parts:
            transaction.replace_parts(*key, table.parts, [])
        transaction.commit()
    return Outcome(n_written=table.n_rows)


def rename(statement: ast.Rename, context: StatementContext) -> Outcome:
    """Rename tables, in the order written, in one commit."""
    if statement.kind != "TABLE":
        raise NotSupportedError(f"RENAME {statement.kind} is not supported", span=statement.span)
    with context.begin() as transaction:
        for renaming in statement.renamings:
            old = writable_key(context, renaming.old)
            new = writable_key(context, renaming.new)
            if old not in transaction.tables:
                raise context.unknown_table(renaming.old)
            if new in transaction.tables:
                message = f"table {new[1]!r} is already there"
                raise BindError(TABLE_ALREADY_EXISTS, message, span=renaming.new.span)
            transaction.rename_table(*old, *new)
        transaction.commit()
    return Outcome()
