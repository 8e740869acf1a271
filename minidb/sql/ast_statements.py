"""The syntax tree of statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from minidb.source import Span
from minidb.sql.ast_base import Node, ObjectName, Setting, TypeName
from minidb.sql.ast_expr import Expr, FunctionCall, Lambda
from minidb.sql.ast_query import Query, TableExpr


@dataclass(frozen=True, slots=True)
class QueryStatement(Node):
    """A query as a statement, with ``FORMAT name`` and settings that stand behind it."""

    query: Query
    format: str | None = None
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class IndexDefinition(Node):
    """``INDEX name expr TYPE type [GRANULARITY n]`` of CREATE TABLE."""

    name: str
    expr: Expr
    type: FunctionCall | None
    granularity: int | None = None


@dataclass(frozen=True, slots=True)
class Engine(Node):
    """``ENGINE = name(arguments)``; `arguments` is None without parentheses."""

    name: str
    arguments: tuple[Expr, ...] | None = None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class CreateView(Node):
    """``CREATE [OR REPLACE] VIEW name [(columns)] AS query``."""

    view: ObjectName
    query: Query
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False
    or_replace: bool = False
    is_materialized: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabase(Node):
    """``CREATE DATABASE name [ENGINE = ...]``."""

    name: str
    engine: Engine | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateIndex(Node):
    """``CREATE [UNIQUE] INDEX name ON table (exprs) [TYPE type] [GRANULARITY n]``."""

    name: str
    table: ObjectName
    exprs: tuple[OrderedExpr, ...]
    type: FunctionCall | None = None
    granularity: int | None = None
    is_unique: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class OrderedExpr(Node):
    """One key of CREATE INDEX: an expression and whether DESC stands behind it."""

    expr: Expr
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class CreateFunction(Node):
    """``CREATE [OR REPLACE] FUNCTION name AS (a, b) -> expr``."""

    name: str
    definition: Lambda
    if_not_exists: bool = False
    or_replace: bool = False


@dataclass(frozen=True, slots=True)
class CreateModel(Node):
    """``CREATE MODEL name [EXTENDS base] FROM 'file'``; an extension gives it meaning."""

    name: str
    file: Expr
    base: str | None = None
    if_not_exists: bool = False
    or_replace: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Truncate(Node):
    """``TRUNCATE [TABLE] name``."""

    table: ObjectName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class Renaming(Node):
    """One ``old TO new``."""

    old: ObjectName
    new: ObjectName


@dataclass(frozen=True, slots=True)
class Rename(Node):
    """``RENAME kind a TO b, c TO d``, and ``EXCHANGE TABLES a AND b``.

    `kind` is ``TABLE``, ``DATABASE`` or ``EXCHANGE``, which has one pair of names.
    """

    kind: str
    renamings: tuple[Renaming, ...]


@dataclass(frozen=True, slots=True)
class InsertValues(Node):
    """The rows behind VALUES; none when the caller passes them beside the statement."""

    rows: tuple[tuple[Expr, ...], ...]
    row_spans: tuple[Span, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InsertQuery(Node):
    """``INSERT INTO t SELECT ...``."""

    query: Query


@dataclass(frozen=True, slots=True)
class InsertFormat(Node):
    """``INSERT INTO t FORMAT name`` and the text behind it, as it is."""

    format: str
    data: str


@dataclass(frozen=True, slots=True)
class Insert(Node):
    """INSERT (or REPLACE) INTO a table; `columns` is empty when no list is written."""

    table: ObjectName
    source: InsertValues | InsertQuery | InsertFormat
    columns: tuple[str, ...] = ()
    settings: tuple[Setting, ...] = ()
    is_replace: bool = False


@dataclass(frozen=True, slots=True)
class Delete(Node):
    """``DELETE FROM table WHERE condition``; `where` None means every row."""

    table: ObjectName
    where: Expr | None
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """``column = expr`` of an update."""

    column: str
    expr: Expr


@dataclass(frozen=True, slots=True)
class Update(Node):
    """``UPDATE t SET ...`` and ``ALTER TABLE t UPDATE ...`` alike."""

    table: ObjectName
    assignments: tuple[Assignment, ...]
    where: Expr | None
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class AddColumn(Node):
    """``ADD COLUMN [IF NOT EXISTS] column [FIRST | AFTER name]``."""

    column: ColumnDefinition
    if_not_exists: bool = False
    is_first: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class DropColumn(Node):
    """``DROP COLUMN [IF EXISTS] name``; `is_clear` for CLEAR, which keeps the column."""

    name: str
    if_exists: bool = False
    is_clear: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn(Node):
    """``RENAME COLUMN [IF EXISTS] old TO new``."""

    old: str
    new: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ModifyColumn(Node):
    """``MODIFY COLUMN [IF EXISTS] name [type] [...]`` and ``ALTER COLUMN name TYPE type``.

    What is not written stays as it is; `removed` is DEFAULT, COMMENT, ... behind REMOVE.
    """

    column: ColumnDefinition
    if_exists: bool = False
    removed: str | None = None
    is_first: bool = False
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CommentTable(Node):
    """``MODIFY COMMENT 'text'``."""

    comment: str


@dataclass(frozen=True, slots=True)
class AddIndex(Node):
    """``ADD INDEX name expr TYPE type``."""

    index: IndexDefinition


@dataclass(frozen=True, slots=True)
class DropIndex(Node):
    """``DROP INDEX [IF EXISTS] name``, of ALTER TABLE."""

    name: ObjectName
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Alter(Node):
    """``ALTER TABLE t`` with changes of its definition, all of them or none."""

    table: ObjectName
    alterations: tuple[Alteration, ...]


@dataclass(frozen=True, slots=True)
class Optimize(Node):
    """``OPTIMIZE TABLE table [FINAL]``."""

    table: ObjectName
    is_final: bool = False


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ShowCreate(Node):
    """``SHOW CREATE kind name``; `kind` is ``TABLE``, ``VIEW``, ``DATABASE`` or ``MODEL``."""

    kind: str
    name: ObjectName


@dataclass(frozen=True, slots=True)
class Describe(Node):
    """``DESCRIBE source``: a table, a table function or a query."""

    source: TableExpr


@dataclass(frozen=True, slots=True)
class ExistsStatement(Node):
    """``EXISTS [kind] name``; `kind` as in `ShowCreate`."""

    kind: str
    name: ObjectName


@dataclass(frozen=True, slots=True)
class SetStatement(Node):
    """``SET a = 1, b = 'x'``."""

    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Use(Node):
    """``USE database``."""

    database: str


@dataclass(frozen=True, slots=True)
class Explain(Node):
    """``EXPLAIN [kind] [settings] statement``.

    `kind` is ``AST``, ``QUERY TREE``, ``PLAN`` (also when not written), ``PIPELINE``, ``SYNTAX``,
    ``ESTIMATE`` or ``ANALYZE``.
    """

    kind: str
    statement: Statement
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainModel(Node):
    """``EXPLAIN MODEL name [FORM form]``; an extension gives it meaning."""

    name: str
    form: str | None = None


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
