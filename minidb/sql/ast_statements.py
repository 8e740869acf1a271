"""The syntax tree of statements."""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from minidb.record import record
from minidb.source import Span
from minidb.sql.ast_base import Node, ObjectName, Setting, TypeName
from minidb.sql.ast_expr import Expr, FunctionCall, Lambda
from minidb.sql.ast_query import Query, TableExpr


@record
class QueryStatement(Node):
    """A query as a statement, with ``FORMAT name`` and settings that stand behind it."""

    query: Query
    format: str | None = None
    settings: tuple[Setting, ...] = ()


@record
class ColumnDefinition(Node):
    """One column of CREATE TABLE.

    Parameters
    ----------
    type : TypeName or None
        None when the type follows from the default.
    is_nullable : bool or None
        True for NULL, False for NOT NULL, None when neither is written.
    default_kind : str or None
        ``DEFAULT``, ``MATERIALIZED``, ``ALIAS`` or ``EPHEMERAL``.
    default : Expr or None
        The expression behind it.
    is_primary_key : bool
        ``PRIMARY KEY`` behind this column.
    """

    name: str
    type: TypeName | None
    is_nullable: bool | None = None
    default_kind: str | None = None
    default: Expr | None = None
    comment: str | None = None
    is_primary_key: bool = False


@record
class IndexDefinition(Node):
    """``INDEX name expr TYPE type [GRANULARITY n]`` of CREATE TABLE."""

    name: str
    expr: Expr
    type: FunctionCall | None
    granularity: int | None = None


@record
class Engine(Node):
    """``ENGINE = name(arguments)``; `arguments` is None without parentheses."""

    name: str
    arguments: tuple[Expr, ...] | None = None


@record
class CreateTable(Node):
    """CREATE TABLE.

    Parameters
    ----------
    order_by, primary_key : tuple of Expr or None
        The key's parts; ``tuple()`` gives an empty tuple, absence None. `primary_key` holds the
        one written inside the column list or behind it; keys of single columns stand in
        `ColumnDefinition.is_primary_key`.
    query : Query or None
        ``AS SELECT ...``.
    like : ObjectName or None
        ``AS other_table``.
    """

    table: ObjectName
    columns: tuple[ColumnDefinition, ...] = ()
    indexes: tuple[IndexDefinition, ...] = ()
    engine: Engine | None = None
    order_by: tuple[Expr, ...] | None = None
    primary_key: tuple[Expr, ...] | None = None
    partition_by: Expr | None = None
    settings: tuple[Setting, ...] = ()
    comment: str | None = None
    query: Query | None = None
    like: ObjectName | None = None
    if_not_exists: bool = False
    or_replace: bool = False
    is_temporary: bool = False


@record
class CreateView(Node):
    """``CREATE [OR REPLACE] VIEW name [(columns)] AS query``."""

    view: ObjectName
    query: Query
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False
    or_replace: bool = False
    is_materialized: bool = False


@record
class CreateDatabase(Node):
    """``CREATE DATABASE name [ENGINE = ...]``."""

    name: str
    engine: Engine | None = None
    if_not_exists: bool = False


@record
class CreateIndex(Node):
    """``CREATE [UNIQUE] INDEX name ON table (exprs) [TYPE type] [GRANULARITY n]``."""

    name: str
    table: ObjectName
    exprs: tuple[OrderedExpr, ...]
    type: FunctionCall | None = None
    granularity: int | None = None
    is_unique: bool = False
    if_not_exists: bool = False


@record
class OrderedExpr(Node):
    """One key of CREATE INDEX: an expression and whether DESC stands behind it."""

    expr: Expr
    is_descending: bool = False


@record
class CreateFunction(Node):
    """``CREATE [OR REPLACE] FUNCTION name AS (a, b) -> expr``."""

    name: str
    definition: Lambda
    if_not_exists: bool = False
    or_replace: bool = False


@record
class CreateModel(Node):
    """``CREATE MODEL name [EXTENDS base] FROM 'file'``; an extension gives it meaning."""

    name: str
    file: Expr
    base: str | None = None
    if_not_exists: bool = False
    or_replace: bool = False


@record
class Drop(Node):
    """``DROP kind names``.

    `kind` is ``TABLE``, ``VIEW``, ``DATABASE``, ``FUNCTION``, ``MODEL`` or ``INDEX``; `table` is
    the table of ``DROP INDEX name ON table``.
    """

    kind: str
    names: tuple[ObjectName, ...]
    if_exists: bool = False
    is_temporary: bool = False
    table: ObjectName | None = None


@record
class Truncate(Node):
    """``TRUNCATE [TABLE] name``."""

    table: ObjectName
    if_exists: bool = False


@record
class Renaming(Node):
    """One ``old TO new``."""

    old: ObjectName
    new: ObjectName


@record
class Rename(Node):
    """``RENAME kind a TO b, c TO d``, and ``EXCHANGE TABLES a AND b``.

    `kind` is ``TABLE``, ``DATABASE`` or ``EXCHANGE``, which has one pair of names.
    """

    kind: str
    renamings: tuple[Renaming, ...]


@record
class InsertValues(Node):
    """The rows behind VALUES; none when the caller passes them beside the statement."""

    rows: tuple[tuple[Expr, ...], ...]
    row_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False)


@record
class InsertQuery(Node):
    """``INSERT INTO t SELECT ...``."""

    query: Query


@record
class InsertFormat(Node):
    """``INSERT INTO t FORMAT name`` and the text behind it, as it is."""

    format: str
    data: str


@record
class Insert(Node):
    """INSERT (or REPLACE) INTO a table; `columns` is empty when no list is written."""

    table: ObjectName
    source: InsertValues | InsertQuery | InsertFormat
    columns: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    is_replace: bool = False


@record
class Delete(Node):
    """``DELETE FROM table WHERE condition``; `where` None means every row."""

    table: ObjectName
    where: Expr | None
    settings: tuple[Setting, ...] = ()


@record
class Assignment(Node):
    """``column = expr`` of an update."""

    column: str
    expr: Expr


@record
class Update(Node):
    """``UPDATE t SET ...`` and ``ALTER TABLE t UPDATE ...`` alike."""

    table: ObjectName
    assignments: tuple[Assignment, ...]
    where: Expr | None
    settings: tuple[Setting, ...] = ()


@record
class AddColumn(Node):
    """``ADD COLUMN [IF NOT EXISTS] column [FIRST | AFTER name]``."""

    column: ColumnDefinition
    if_not_exists: bool = False
    is_first: bool = False
    after: str | None = None


@record
class DropColumn(Node):
    """``DROP COLUMN [IF EXISTS] name``; `is_clear` for CLEAR, which keeps the column."""

    name: str
    if_exists: bool = False
    is_clear: bool = False


@record
class RenameColumn(Node):
    """``RENAME COLUMN [IF EXISTS] old TO new``."""

    old: str
    new: str
    if_exists: bool = False


@record
class ModifyColumn(Node):
    """``MODIFY COLUMN [IF EXISTS] name [type] [...]`` and ``ALTER COLUMN name TYPE type``.

    What is not written stays as it is; `removed` is DEFAULT, COMMENT, ... behind REMOVE.
    """

    column: ColumnDefinition
    if_exists: bool = False
    removed: str | None = None
    is_first: bool = False
    after: str | None = None


@record
class CommentTable(Node):
    """``MODIFY COMMENT 'text'``."""

    comment: str


@record
class AddIndex(Node):
    """``ADD INDEX name expr TYPE type``."""

    index: IndexDefinition


@record
class DropIndex(Node):
    """``DROP INDEX [IF EXISTS] name``, of ALTER TABLE."""

    name: ObjectName
    if_exists: bool = False


@record
class ModifySetting(Node):
    """``MODIFY SETTING a = 1``."""

    settings: tuple[Setting, ...]


Alteration: TypeAlias = (
    AddColumn
    | DropColumn
    | RenameColumn
    | ModifyColumn
    | CommentTable
    | AddIndex
    | DropIndex
    | ModifySetting
)


@record
class Alter(Node):
    """``ALTER TABLE t`` with changes of its definition, all of them or none."""

    table: ObjectName
    alterations: tuple[Alteration, ...]


@record
class Optimize(Node):
    """``OPTIMIZE TABLE table [FINAL]``."""

    table: ObjectName
    is_final: bool = False


@record
class Show(Node):
    """``SHOW what [FROM database] [[NOT] LIKE|ILIKE pattern]``.

    `what` is ``TABLES``, ``DATABASES``, ``FUNCTIONS``, ``SETTINGS``, ``COLUMNS``, ``MODELS`` or
    any other plural word, which an extension may give a meaning. `table` is that of SHOW COLUMNS.
    """

    what: str
    database: str | None = None
    pattern: str | None = None
    is_negated: bool = False
    is_case_insensitive: bool = False
    table: ObjectName | None = None


@record
class ShowCreate(Node):
    """``SHOW CREATE kind name``; `kind` is ``TABLE``, ``VIEW``, ``DATABASE`` or ``MODEL``."""

    kind: str
    name: ObjectName


@record
class Describe(Node):
    """``DESCRIBE source``: a table, a table function or a query."""

    source: TableExpr


@record
class ExistsStatement(Node):
    """``EXISTS [kind] name``; `kind` as in `ShowCreate`."""

    kind: str
    name: ObjectName


@record
class SetStatement(Node):
    """``SET a = 1, b = 'x'``."""

    settings: tuple[Setting, ...]


@record
class Use(Node):
    """``USE database``."""

    database: str


@record
class Explain(Node):
    """``EXPLAIN [kind] [settings] statement``.

    `kind` is ``AST``, ``QUERY TREE``, ``PLAN`` (also when not written), ``PIPELINE``, ``SYNTAX``,
    ``ESTIMATE`` or ``ANALYZE``.
    """

    kind: str
    statement: Statement
    settings: tuple[Setting, ...] = ()


@record
class ExplainModel(Node):
    """``EXPLAIN MODEL [settings] name`` or ``... name FORM form``; an extension gives it meaning."""

    name: str
    form: str | None = None
    settings: tuple[Setting, ...] = ()


Statement: TypeAlias = (
    QueryStatement
    | CreateTable
    | CreateView
    | CreateDatabase
    | CreateIndex
    | CreateFunction
    | CreateModel
    | Drop
    | Truncate
    | Rename
    | Insert
    | Delete
    | Update
    | Alter
    | Optimize
    | Show
    | ShowCreate
    | Describe
    | ExistsStatement
    | SetStatement
    | Use
    | Explain
    | ExplainModel
)
