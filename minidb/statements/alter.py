"""ALTER TABLE: another definition, and the rows rewritten in it, in one commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from minidb.binder.computed_columns import names_read
from minidb.columns import Batch
from minidb.errors import (
    ALTER_OF_COLUMN_IS_FORBIDDEN,
    BAD_ARGUMENTS,
    DUPLICATE_COLUMN,
    ILLEGAL_COLUMN,
    NOT_FOUND_COLUMN_IN_BLOCK,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.execution.outcome import Outcome
from minidb.functions.cast import cast_column
from minidb.source import Span
from minidb.sql import ast
from minidb.sql.format import format_expression
from minidb.statements.context import StatementContext
from minidb.statements.definitions import check_defaults, column_definition, table_settings
from minidb.statements.indexes import format_index_type, with_index, without_index
from minidb.statements.names import writable_key
from minidb.statements.writing import Defaults, granule_rows_of
from minidb.storage.definition import DEFAULT_KIND, ColumnDef, IndexDef, TableDef
from minidb.storage.store import StoredTable
from minidb.storage.transaction import columns_of

# Which column of the old table each stored column of the new one takes its values from.
Sources = Mapping[str, str]


def alter(statement: ast.Alter, context: StatementContext) -> Outcome:
    """Change a table's definition, each alteration on what the one before it left."""
    with context.begin(statement.table) as transaction:
        writable_key(context, statement.table)
        for alteration in statement.alterations:
            table = context.table(statement.table)
            altered, sources = _altered(alteration, table.definition, context)
            is_moved = any(name != source for name, source in sources.items())
            is_same = columns_of(altered) == columns_of(table.definition)
            if is_same and not is_moved and len(sources) == len(altered.column_names):
                transaction.redefine_table(altered)
                continue
            batches = _rewritten(table, altered, sources, context)
            transaction.redefine_table(altered, batches, granule_rows_of(context, altered))
        transaction.commit()
    return Outcome()


def _rewritten(
    table: StoredTable, altered: TableDef, sources: Sources, context: StatementContext
) -> Iterator[Batch]:
    """Yield the rows of each part in the new columns; columns without a source get defaults."""
    environment = context.environment()
    types = {column.name: column.type for column in altered.columns}
    for part in table.parts:
        context.execution.check()
        batch = part.read(tuple(sources.values()))
        context.execution.memory.check(2 * batch.nbytes)
        columns = dict(zip(sources, batch.columns, strict=True))
        given = {name: cast_column(column, types[name]) for name, column in columns.items()}
        defaults = Defaults(altered, given, part.n_rows, environment)
        stored = tuple(defaults.column(column) for column in altered.stored_columns)
        yield Batch(stored, part.n_rows)


def _altered(
    alteration: ast.Alteration, definition: TableDef, context: StatementContext
) -> tuple[TableDef, Sources]:
    """Return the definition after one alteration, and where its columns come from."""
    same = {name: name for name in definition.column_names}
    match alteration:
        case ast.AddColumn():
            return _add(alteration, definition, context), same
        case ast.DropColumn():
            return _drop(alteration, definition, same)
        case ast.RenameColumn():
            return _rename(alteration, definition, same)
        case ast.ModifyColumn():
            altered = _modify(alteration, definition, context)
            return altered, {name: name for name in altered.column_names if name in same}
        case ast.CommentTable(comment=comment):
            return replace(definition, comment=comment), same
        case ast.AddIndex(index=index):
            type_sql = "" if index.type is None else format_index_type(index.type)
            expr_sql = format_expression(index.expr)
            added = IndexDef(index.name, expr_sql, type_sql, index.granularity or 1)
            return with_index(definition, added, context.environment(), index), same
        case ast.DropIndex(name=name, if_exists=if_exists):
            return without_index(definition, name, if_exists), same
        case ast.ModifySetting(settings=settings):
            changed = {**dict(definition.settings), **dict(table_settings(settings))}
            return replace(definition, settings=tuple(changed.items())), same
        case _:
            assert_never(alteration)


def _add(alteration: ast.AddColumn, definition: TableDef, context: StatementContext) -> TableDef:
    """Return the definition with one column more."""
    written = alteration.column
    if any(column.name == written.name for column in definition.columns):
        if alteration.if_not_exists:
            return definition
        message = f"column {written.name!r} is already there"
        raise BindError(DUPLICATE_COLUMN, message, span=written.span)
    environment = context.environment()
    column = column_definition(written, environment, definition.columns)
    if written.is_primary_key:
        message = "a column of the key cannot be added"
        raise NotSupportedError(message, span=written.span)
    columns = _placed(list(definition.columns), column, alteration)
    check_defaults(columns, environment)
    return replace(definition, columns=tuple(columns))


def _placed(
    others: list[ColumnDef], column: ColumnDef, alteration: ast.AddColumn | ast.ModifyColumn
) -> list[ColumnDef]:
    """Put a column first, behind another one, or at the end."""
    if alteration.is_first:
        return [column, *others]
    if alteration.after is None:
        return [*others, column]
    names = [other.name for other in others]
    if alteration.after not in names:
        raise _not_found(alteration.after, names, alteration.span)
    place = names.index(alteration.after) + 1
    return [*others[:place], column, *others[place:]]


def _drop(
    alteration: ast.DropColumn, definition: TableDef, same: Sources
) -> tuple[TableDef, Sources]:
    """Return the definition without a column, or with it and without its values."""
    name, span = alteration.name, alteration.span
    if not _is_there(name, alteration.if_exists, definition, span):
        return definition, same
    sources = {new: old for new, old in same.items() if old != name}
    _refuse_key(name, definition, span, "dropped")
    if alteration.is_clear:
        return definition, sources
    for column in definition.columns:
        if column.name != name and name in names_read(column.default_sql):
            message = f"column {column.name!r} depends on {name!r}"
            raise BindError(ILLEGAL_COLUMN, message, span=span)
    for index in definition.indexes:
        if name in names_read(index.expr_sql):
            message = f"index {index.name!r} depends on {name!r}"
            raise BindError(ALTER_OF_COLUMN_IS_FORBIDDEN, message, span=span)
    columns = tuple(column for column in definition.columns if column.name != name)
    if not any(column.is_stored for column in columns):
        raise BindError(BAD_ARGUMENTS, "a table keeps at least one column", span=span)
    return replace(definition, columns=columns), sources


def _rename(
    alteration: ast.RenameColumn, definition: TableDef, same: Sources
) -> tuple[TableDef, Sources]:
    """Return the definition with another name for a column."""
    old, new, span = alteration.old, alteration.new, alteration.span
    if not _is_there(old, alteration.if_exists, definition, span):
        return definition, same
    if any(column.name == new for column in definition.columns):
        message = f"column {new!r} is already there"
        raise BindError(DUPLICATE_COLUMN, message, span=span)
    _refuse_key(old, definition, span, "renamed")
    readers = [c.name for c in definition.columns if old in names_read(c.default_sql)]
    readers += [i.name for i in definition.indexes if old in names_read(i.expr_sql)]
    if readers:
        message = f"{', '.join(readers)} would still read {old!r}"
        raise NotSupportedError(message, span=span, hint="drop the default or index first")
    columns = tuple(
        replace(column, name=new) if column.name == old else column for column in definition.columns
    )
    altered = replace(definition, columns=columns)
    return altered, {(new if name == old else name): name for name in same}


def _modify(
    alteration: ast.ModifyColumn, definition: TableDef, context: StatementContext
) -> TableDef:
    """Return the definition with a column of another type, default, comment or place."""
    written, span = alteration.column, alteration.span
    if not _is_there(written.name, alteration.if_exists, definition, span):
        return definition
    old = next(column for column in definition.columns if column.name == written.name)
    environment = context.environment()
    column = old
    if alteration.removed is not None:
        column = _without(old, alteration.removed, span)
    elif written.type is not None or written.default is not None:
        others = [other for other in definition.columns if other.name != old.name]
        column = column_definition(written, environment, others)
        if written.type is None:
            column = replace(column, type=old.type)
        if written.default_kind is None:
            column = replace(column, default_sql=old.default_sql, default_kind=old.default_kind)
    if written.comment is not None:
        column = replace(column, comment=written.comment)
    elif alteration.removed != "COMMENT":
        column = replace(column, comment=old.comment)
    if column.type != old.type:
        _refuse_key(old.name, definition, span, "given another type")
    if column.is_stored != old.is_stored:
        message = "a column cannot become stored or computed by ALTER"
        raise NotSupportedError(message, span=span, hint="drop it and add it again")
    columns = [column if other is old else other for other in definition.columns]
    if alteration.is_first or alteration.after is not None:
        columns = _placed([c for c in columns if c is not column], column, alteration)
    check_defaults(columns, environment)
    return replace(definition, columns=tuple(columns))


def _without(column: ColumnDef, what: str, span: Span) -> ColumnDef:
    """Return the column without its default or comment."""
    if what == "COMMENT":
        return replace(column, comment="")
    if what in ("DEFAULT", "MATERIALIZED", "ALIAS"):
        if column.default_sql is None or column.default_kind != what:
            message = f"column {column.name!r} has no {what}"
            raise BindError(BAD_ARGUMENTS, message, span=span)
        return replace(column, default_sql=None, default_kind=DEFAULT_KIND)
    raise NotSupportedError(f"REMOVE {what} is not supported", span=span)


def _is_there(name: str, if_exists: bool, definition: TableDef, span: Span) -> bool:
    names = [column.name for column in definition.columns]
    if name in names:
        return True
    if if_exists:
        return False
    raise _not_found(name, names, span)


def _not_found(name: str, names: list[str], span: Span) -> BindError:
    hint = did_you_mean(name, names)
    return BindError(NOT_FOUND_COLUMN_IN_BLOCK, f"no column {name!r}", span=span, hint=hint)


def _refuse_key(name: str, definition: TableDef, span: Span, what: str) -> None:
    if name in definition.order_by or name in definition.primary_key:
        message = f"column {name!r} is of the table's key and cannot be {what}"
        raise BindError(ALTER_OF_COLUMN_IS_FORBIDDEN, message, span=span)
