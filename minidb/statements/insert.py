"""INSERT: rows written as VALUES, passed beside the statement, selected, or in a format."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope
from minidb.columns import Batch, Column, concat_columns, split_nulls
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    CANNOT_PARSE_INPUT,
    DUPLICATE_COLUMN,
    ILLEGAL_COLUMN,
    NO_SUCH_COLUMN_IN_TABLE,
    NUMBER_OF_COLUMNS_DOESNT_MATCH,
    WRONG_PARAMETERS,
    BindError,
    InterfaceError,
    InternalError,
    MiniDBError,
    ValueExecutionError,
    did_you_mean,
)
from minidb.execution.outcome import Outcome
from minidb.expr.evaluate import Frame, evaluate
from minidb.formats.arrow import columns_of_table, table_of_stream
from minidb.formats.format import Target as FormatTarget
from minidb.formats.format import format_options
from minidb.formats.registry import find_input_format
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast
from minidb.statements.context import StatementContext
from minidb.statements.given_values import exact_column, given_column
from minidb.statements.names import writable_key
from minidb.statements.query import apply_settings, plan_query, run_plan
from minidb.statements.writing import Defaults, check_count, insert_batches
from minidb.storage.definition import ALIAS_KIND, MATERIALIZED_KIND, ColumnDef, TableDef
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FixedStringType,
    FloatType,
    IntType,
    StringType,
    TupleType,
    UUIDType,
    is_string_like,
    without_null,
)

# Every number of so many digits is told apart from its neighbours by a float.
FLOAT_DIGITS = 15

Rows = Sequence[Sequence[object]]


def insert(statement: ast.Insert, context: StatementContext) -> Outcome:
    """Insert the statement's own rows, those of a query, or none when VALUES stands alone.

    REPLACE INTO is another word for INSERT INTO: no table has a unique key to replace by.
    """
    apply_settings(context, statement.settings)
    match statement.source:
        case ast.InsertQuery(query=query):
            return _insert_query(statement, query, context)
        case ast.InsertValues(rows=rows):
            return _write(statement, context, lambda target, env: _of_values(rows, target, env))
        case ast.InsertFormat() as source:
            return _write(
                statement, context, lambda target, env: _of_format(source, target, context)
            )


def insert_rows(statement: ast.Insert, rows: Rows, context: StatementContext) -> Outcome:
    """Insert rows that the caller passes as Python values or as a stream of Arrow, as one part.

    Raises
    ------
    MiniDBError
        When a row has the wrong length or a value does not fit; nothing is written then.
    """
    if hasattr(rows, "__arrow_c_stream__"):
        return _write(statement, context, lambda target, env: _of_arrow(rows, target))
    return _write(statement, context, lambda target, env: _of_python(rows, target))


@record
class Target:
    """The columns of a table that an INSERT fills, in the order of its values."""

    definition: TableDef
    columns: tuple[ColumnDef, ...]


def _target(statement: ast.Insert, definition: TableDef) -> Target:
    """Return the columns named, or all of them."""
    by_name = {column.name: column for column in definition.columns}
    if not statement.columns:
        return Target(definition, definition.given_columns)
    for place, name in enumerate(statement.columns):
        kind = by_name[name].default_kind if name in by_name else ALIAS_KIND
        if kind == MATERIALIZED_KIND:
            message = f"column {name!r} is MATERIALIZED: its values are computed"
            raise BindError(ILLEGAL_COLUMN, message, span=statement.table.span)
        if kind == ALIAS_KIND:
            message = f"no column {name!r} in table {definition.name!r}"
            hint = did_you_mean(name, by_name)
            raise BindError(NO_SUCH_COLUMN_IN_TABLE, message, span=statement.table.span, hint=hint)
        if name in statement.columns[:place]:
            message = f"column {name!r} stands twice"
            raise BindError(DUPLICATE_COLUMN, message, span=statement.table.span)
    return Target(definition, tuple(by_name[name] for name in statement.columns))


RowSource: TypeAlias = Callable[[Target, Environment], Iterable[Batch]]


def _write(statement: ast.Insert, context: StatementContext, source: RowSource) -> Outcome:
    """Write what `source` yields for the target, in one commit."""
    with context.begin(statement.table) as transaction:
        writable_key(context, statement.table)
        definition = context.table(statement.table).definition
        target = _target(statement, definition)
        environment = context.environment()
        batches = source(target, environment)
        names = [column.name for column in target.columns]
        n_written = insert_batches(context, transaction, definition, names, batches, environment)
        transaction.commit()
    return Outcome(n_written=n_written)


def _insert_query(statement: ast.Insert, query: ast.Query, context: StatementContext) -> Outcome:
    """Insert the rows of a query, by place."""

    def rows(target: Target, environment: Environment) -> Iterable[Batch]:
        planned = plan_query(context, query)
        plan = planned.optimized.plan
        check_count(target.definition, len(target.columns), len(plan.schema), query.span)
        return run_plan(context, plan)

    return _write(statement, context, rows)


def _of_values(
    rows: Sequence[Sequence[ast.Expr]], target: Target, environment: Environment
) -> Iterator[Batch]:
    """Yield the rows behind VALUES; rows next to one another with the same DEFAULTs together."""
    for row in rows:
        if len(row) != len(target.columns):
            message = f"a row of {len(row)} values for {len(target.columns)} columns"
            span = row[0].span.cover(row[-1].span) if row else None
            raise BindError(NUMBER_OF_COLUMNS_DOESNT_MATCH, message, span=span)
    for left_out, group in groupby(rows, _places_of_defaults):
        yield _batch_of_values(list(group), left_out, target, environment)


def _places_of_defaults(row: Sequence[ast.Expr]) -> tuple[int, ...]:
    """Return where a row of VALUES has the word DEFAULT."""
    return tuple(
        place
        for place, expr in enumerate(row)
        if isinstance(expr, ast.Identifier) and expr.name.upper() == "DEFAULT"
    )


def _batch_of_values(
    rows: Sequence[Sequence[ast.Expr]],
    left_out: Sequence[int],
    target: Target,
    environment: Environment,
) -> Batch:
    """Return rows of VALUES as a batch, column by column."""
    given = {
        column.name: _literal_column(column, [row[place] for row in rows], environment)
        for place, column in enumerate(target.columns)
        if place not in left_out
    }
    defaults = Defaults(target.definition, given, len(rows), environment)
    return Batch(tuple(defaults.column(column) for column in target.columns), len(rows))


def _literal_column(
    column: ColumnDef, exprs: Sequence[ast.Expr], environment: Environment
) -> Column:
    """Return one column of VALUES; literals are read at once, the rest is evaluated."""
    values = [_written_value(expr, column.type) for expr in exprs]
    if _NOT_WRITTEN not in values:
        try:
            return given_column(column.type, values)
        except MiniDBError:
            # Value by value, to find the one to point at.
            pass
    parts = [_one_value(column, expr, environment) for expr in exprs]
    return concat_columns(column.type, parts)


# What stands for an expression that the column does not take as it is written.
_NOT_WRITTEN = object()


def _written_value(expr: ast.Expr, data_type: DataType) -> object:
    """Return a constant as the column's type reads it: whole numbers of any size, no conversion.

    An expression would have its own type first: beyond 64 bits that is a rounded Float64.
    """
    bare = without_null(data_type)
    match expr:
        case ast.Literal(value=None):
            return None
        case ast.Literal(value=float() as value) if isinstance(bare, DecimalType):
            return _written_decimal(value, bare, expr.span)
        case ast.Literal(value=value) if type(value) in direct_kinds(bare):
            return value
        case ast.ArrayLiteral(elements=elements) if isinstance(bare, ArrayType):
            items = [_written_value(element, bare.element) for element in elements]
            return items if _NOT_WRITTEN not in items else _NOT_WRITTEN
        case ast.TupleLiteral(elements=elements) if isinstance(bare, TupleType) and len(
            elements
        ) == len(bare.elements):
            pairs = zip(elements, bare.elements, strict=True)
            parts = tuple(_written_value(element, kind) for element, kind in pairs)
            return parts if _NOT_WRITTEN not in parts else _NOT_WRITTEN
        case _:
            return _NOT_WRITTEN


def _written_decimal(value: float, data_type: DecimalType, span: Span) -> decimal.Decimal:
    """Return a number with a point as it was written.

    Raises
    ------
    ValueExecutionError
        ARGUMENT_OUT_OF_BOUND for one with more digits than a float keeps.
    """
    written = decimal.Decimal(repr(value))
    if len(written.as_tuple().digits) > FLOAT_DIGITS:
        message = f"a number of over {FLOAT_DIGITS} digits for {data_type.name}"
        hint = "write it in single quotes, which keeps all of its digits"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message, span=span, hint=hint)
    return written


def direct_kinds(data_type: DataType) -> set[type]:
    """Return the classes of literals that a column takes as they are; text it reads itself."""
    match data_type:
        case IntType():
            return {int, str}
        case FloatType() | DecimalType():
            return {int, float, str}
        case BoolType():
            return {bool, str}
        case (
            StringType() | FixedStringType() | DateType() | DateTimeType() | BitsType() | UUIDType()
        ):
            return {str}
        case EnumType():
            return {int, str}
        case _:
            return set()


def _one_value(column: ColumnDef, expr: ast.Expr, environment: Environment) -> Column:
    """Return one value as a column of one row; the error points at it."""
    try:
        written = _written_value(expr, column.type)
        if written is not _NOT_WRITTEN:
            return given_column(column.type, [written])
        bare = without_null(column.type)
        bound = ExprBinder(environment, Scope(), place="VALUES").bind(expr)
        if isinstance(bare, IntType) or (is_string_like(bound.type) and not is_string_like(bare)):
            # Out of range is an error here, where CAST would wrap around.
            value = evaluate(bound, Frame({}, 1, environment.settings))
            inner, is_null = split_nulls(value)
            if is_null is None or not is_null.any():
                return exact_column(inner, column.type)
        converted = cast_to(environment, bound, column.type)
        return evaluate(converted, Frame({}, 1, environment.settings))
    except MiniDBError as error:
        error.span = error.span or expr.span
        error.hint = error.hint or f"for column {column.name!r} of type {column.type.name}"
        raise


def _of_arrow(rows: object, target: Target) -> Iterator[Batch]:
    """Yield the rows of an object with ``__arrow_c_stream__``, by name or, if none fits, by place."""
    found = table_of_stream(rows)
    names = tuple(column.name for column in target.columns)
    if len(found.column_names) != len(names):
        message = f"{len(found.column_names)} columns for the {len(names)} of the table"
        raise InterfaceError(NUMBER_OF_COLUMNS_DOESNT_MATCH, message)
    if set(found.column_names) != set(names):
        found = found.rename_columns(list(names))
    wanted = FormatTarget(names, tuple(column.type for column in target.columns))
    yield Batch(columns_of_table(found, wanted), found.num_rows)


def _of_format(
    source: ast.InsertFormat, target: Target, context: StatementContext
) -> Iterator[Batch]:
    """Yield the rows that stand behind FORMAT as one batch."""
    read = find_input_format(source.format, source.span).read
    if read is None:
        raise InternalError(f"format {source.format} is for input and cannot read")
    names = tuple(column.name for column in target.columns)
    types = tuple(column.type for column in target.columns)
    wanted = FormatTarget(names, types, options=format_options(context.settings))
    data = source.data.encode("utf-8", "surrogateescape")
    try:
        columns = read(data if context.input is None else context.input, wanted)
    except MiniDBError as error:
        error.span = error.span or source.span
        raise
    yield Batch(tuple(columns), len(columns[0]))


def _of_python(rows: Rows, target: Target) -> Iterator[Batch]:
    """Yield rows of Python values as one batch."""
    if not is_listing(rows):
        message = f"rows are a sequence of sequences, not {type(rows).__name__}"
        raise InterfaceError(WRONG_PARAMETERS, message)
    if not rows:
        return
    width = len(target.columns)
    for number, row in enumerate(rows):
        if not is_listing(row) or len(row) != width:
            message = f"row {number + 1} does not have {width} values"
            raise ValueExecutionError(CANNOT_PARSE_INPUT, message)
    yield Batch(
        tuple(
            python_column(column, [row[place] for row in rows])
            for place, column in enumerate(target.columns)
        ),
        len(rows),
    )


def is_listing(value: object) -> bool:
    """Whether a Python object holds values in order, and is no text."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def python_column(column: ColumnDef, values: list[object]) -> Column:
    """Return Python values as a column; text converts where the column is no text.

    Raises
    ------
    ValueExecutionError
        For a value that does not fit; the hint names the column.
    """
    try:
        return given_column(column.type, values)
    except MiniDBError as error:
        error.hint = error.hint or f"for column {column.name!r} of type {column.type.name}"
        raise
