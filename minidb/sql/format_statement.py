"""Writes statements as SQL."""

from __future__ import annotations

from typing import assert_never

from minidb.sql.ast_expr import Expr, FunctionCall, TupleLiteral
from minidb.sql.ast_statements import (
    AddColumn,
    AddIndex,
    Alter,
    Alteration,
    ColumnDefinition,
    CommentTable,
    CreateDatabase,
    CreateFunction,
    CreateIndex,
    CreateModel,
    CreateTable,
    CreateView,
    Delete,
    Describe,
    Drop,
    DropColumn,
    DropIndex,
    Engine,
    ExistsStatement,
    Explain,
    ExplainModel,
    IndexDefinition,
    Insert,
    InsertFormat,
    InsertQuery,
    InsertValues,
    ModifyColumn,
    ModifySetting,
    Optimize,
    QueryStatement,
    Rename,
    RenameColumn,
    SetStatement,
    Show,
    ShowCreate,
    Statement,
    Truncate,
    Update,
    Use,
)
from minidb.sql.format_expr import write_name, write_type
from minidb.sql.format_query import QueryFormatter, write_names, write_object, write_settings
from minidb.sql.literals import write_text
from minidb.sql.operators import PRECEDENCE_PRIMARY


class StatementFormatter(QueryFormatter):
    """Writes every statement."""

    def statement(self, node: Statement) -> str:
        """Write a statement without a semicolon."""
        match node:
            case QueryStatement():
                return self._query_statement(node)
            case CreateTable() | CreateView() | CreateDatabase() | CreateIndex():
                return self._create(node)
            case CreateFunction():
                head = _create_head("FUNCTION", node.or_replace, node.if_not_exists)
                return f"{head} {write_name(node.name)} AS {self.expr(node.definition)}"
            case CreateModel():
                head = _create_head("MODEL", node.or_replace, node.if_not_exists)
                base = f" EXTENDS {write_name(node.base)}" if node.base is not None else ""
                return f"{head} {write_name(node.name)}{base} FROM {self.expr(node.file, PRECEDENCE_PRIMARY)}"
            case Insert():
                return self._insert(node)
            case Delete() | Update():
                return self._change(node)
            case Alter():
                changes = ", ".join(map(self._alteration, node.alterations))
                return f"ALTER TABLE {write_object(node.table)} {changes}"
            case Explain():
                settings = f" {write_settings(node.settings)}" if node.settings else ""
                return f"EXPLAIN {node.kind}{settings} {self.statement(node.statement)}"
            case ExplainModel(name=name, form=form):
                written = f" FORM {write_name(form)}" if form is not None else ""
                settings = f" {write_settings(node.settings)}" if node.settings else ""
                return f"EXPLAIN MODEL{settings} {write_name(name)}{written}"
            case Describe(source=source):
                return f"DESCRIBE TABLE {self.source(source)}"
            case Drop() | Truncate() | Rename() | Optimize():
                return _write_maintenance(node)
            case Show() | ShowCreate() | ExistsStatement() | SetStatement() | Use():
                return _write_session(node)
            case _:
                assert_never(node)

    def _query_statement(self, node: QueryStatement) -> str:
        parts = [self.query(node.query)]
        if node.format is not None:
            parts.append(f"FORMAT {write_name(node.format)}")
        if node.settings:
            parts.append(f"SETTINGS {write_settings(node.settings)}")
        return " ".join(parts)

    # -------------------------------------------------------------------------------------- CREATE

    def _create(self, node: CreateTable | CreateView | CreateDatabase | CreateIndex) -> str:
        match node:
            case CreateTable():
                return self._create_table(node)
            case CreateView():
                kind = "MATERIALIZED VIEW" if node.is_materialized else "VIEW"
                head = _create_head(kind, node.or_replace, node.if_not_exists)
                columns = f" ({write_names(node.columns)})" if node.columns else ""
                return f"{head} {write_object(node.view)}{columns} AS {self.query(node.query)}"
            case CreateDatabase():
                head = _create_head("DATABASE", or_replace=False, if_not_exists=node.if_not_exists)
                engine = f" {self._engine(node.engine)}" if node.engine is not None else ""
                return f"{head} {write_name(node.name)}{engine}"
            case CreateIndex():
                return self._create_index(node)
            case _:
                assert_never(node)

    def _create_table(self, node: CreateTable) -> str:
        kind = "TEMPORARY TABLE" if node.is_temporary else "TABLE"
        parts = [_create_head(kind, node.or_replace, node.if_not_exists), write_object(node.table)]
        items = [*map(self._column, node.columns), *map(self._index, node.indexes)]
        if items:
            parts.append(f"({', '.join(items)})")
        if node.like is not None:
            parts.append(f"AS {write_object(node.like)}")
        if node.engine is not None:
            parts.append(self._engine(node.engine))
        if node.partition_by is not None:
            parts.append(f"PARTITION BY {self.expr(node.partition_by)}")
        if node.primary_key is not None:
            parts.append(f"PRIMARY KEY {self._key(node.primary_key)}")
        if node.order_by is not None:
            parts.append(f"ORDER BY {self._key(node.order_by)}")
        if node.settings:
            parts.append(f"SETTINGS {write_settings(node.settings)}")
        if node.comment is not None:
            parts.append(f"COMMENT {write_text(node.comment)}")
        if node.query is not None:
            parts.append(f"AS {self.query(node.query)}")
        return " ".join(parts)

    def _key(self, key: tuple[Expr, ...]) -> str:
        """Write a key; its only part, when a tuple itself, needs a comma behind it."""
        is_one_tuple = len(key) == 1 and isinstance(key[0], TupleLiteral)
        return f"({self.elements(key)}{',' if is_one_tuple else ''})"

    def _column(self, node: ColumnDefinition) -> str:
        parts = [write_name(node.name)]
        if node.type is not None:
            parts.append(write_type(node.type))
        if node.is_nullable is not None:
            parts.append("NULL" if node.is_nullable else "NOT NULL")
        if node.is_primary_key:
            parts.append("PRIMARY KEY")
        if node.default_kind is not None:
            parts.append(node.default_kind)
        if node.default is not None:
            parts.append(self.expr(node.default))
        if node.comment is not None:
            parts.append(f"COMMENT {write_text(node.comment)}")
        return " ".join(parts)

    def _index(self, node: IndexDefinition) -> str:
        type_ = self._index_type(node.type)
        granularity = "" if node.granularity is None else f" GRANULARITY {node.granularity}"
        return f"INDEX {write_name(node.name)} {self.expr(node.expr)}{type_}{granularity}"

    def _index_type(self, node: FunctionCall | None) -> str:
        if node is None:
            return ""
        return f" TYPE {self.expr(node) if node.arguments else write_name(node.name)}"

    def _engine(self, node: Engine) -> str:
        arguments = "" if node.arguments is None else f"({self.elements(node.arguments)})"
        return f"ENGINE = {write_name(node.name)}{arguments}"

    def _create_index(self, node: CreateIndex) -> str:
        kind = "UNIQUE INDEX" if node.is_unique else "INDEX"
        head = _create_head(kind, or_replace=False, if_not_exists=node.if_not_exists)
        keys = ", ".join(
            f"{self.element(key.expr)}{' DESC' if key.is_descending else ''}" for key in node.exprs
        )
        type_ = self._index_type(node.type)
        granularity = "" if node.granularity is None else f" GRANULARITY {node.granularity}"
        table = write_object(node.table)
        return f"{head} {write_name(node.name)} ON {table} ({keys}){type_}{granularity}"

    # ------------------------------------------------------------------------------- changing rows

    def _insert(self, node: Insert) -> str:
        parts = ["REPLACE INTO" if node.is_replace else "INSERT INTO", write_object(node.table)]
        if node.columns:
            parts.append(f"({write_names(node.columns)})")
        if node.settings:
            parts.append(f"SETTINGS {write_settings(node.settings)}")
        match node.source:
            case InsertQuery(query=query):
                parts.append(self.query(query))
            case InsertValues(rows=rows):
                parts.append("VALUES")
                if rows:
                    parts.append(", ".join(f"({self.elements(row)})" for row in rows))
            case InsertFormat(format=name, data=data):
                return f"{' '.join(parts)} FORMAT {write_name(name)}\n{data}"
            case _:
                assert_never(node.source)
        return " ".join(parts)

    def _change(self, node: Delete | Update) -> str:
        where = "" if node.where is None else f" WHERE {self.element(node.where)}"
        # Only the form with ALTER has settings.
        settings = f" SETTINGS {write_settings(node.settings)}" if node.settings else ""
        if isinstance(node, Delete):
            if settings:
                return f"ALTER TABLE {write_object(node.table)} DELETE{where}{settings}"
            return f"DELETE FROM {write_object(node.table)}{where}"
        assignments = ", ".join(
            f"{write_name(a.column)} = {self.expr(a.expr)}" for a in node.assignments
        )
        if settings:
            return f"ALTER TABLE {write_object(node.table)} UPDATE {assignments}{where}{settings}"
        return f"UPDATE {write_object(node.table)} SET {assignments}{where}"

    def _alteration(self, node: Alteration) -> str:
        match node:
            case AddColumn():
                exists = " IF NOT EXISTS" if node.if_not_exists else ""
                return f"ADD COLUMN{exists} {self._column(node.column)}{_write_place(node)}"
            case DropColumn():
                word = "CLEAR" if node.is_clear else "DROP"
                return f"{word} COLUMN{_if_exists(node.if_exists)} {write_name(node.name)}"
            case RenameColumn():
                names = f"{write_name(node.old)} TO {write_name(node.new)}"
                return f"RENAME COLUMN{_if_exists(node.if_exists)} {names}"
            case ModifyColumn():
                return self._modify_column(node)
            case CommentTable():
                return f"MODIFY COMMENT {write_text(node.comment)}"
            case AddIndex():
                return f"ADD {self._index(node.index)}"
            case DropIndex():
                return f"DROP INDEX{_if_exists(node.if_exists)} {write_object(node.name)}"
            case ModifySetting():
                return f"MODIFY SETTING {write_settings(node.settings)}"
            case _:
                assert_never(node)

    def _modify_column(self, node: ModifyColumn) -> str:
        exists, column = _if_exists(node.if_exists), node.column
        if node.removed is not None:
            name = write_name(column.name)
            return f"MODIFY COLUMN{exists} {name} REMOVE {write_name(node.removed)}"
        if column.type is None and column.default_kind is None and column.comment is not None:
            name, comment = write_name(column.name), write_text(column.comment)
            return f"COMMENT COLUMN{exists} {name} {comment}"
        return f"MODIFY COLUMN{exists} {self._column(column)}{_write_place(node)}"


def _if_exists(is_written: bool) -> str:
    return " IF EXISTS" if is_written else ""


def _write_place(node: AddColumn | ModifyColumn) -> str:
    if node.is_first:
        return " FIRST"
    return "" if node.after is None else f" AFTER {write_name(node.after)}"


def _create_head(kind: str, or_replace: bool, if_not_exists: bool) -> str:
    replace = "OR REPLACE " if or_replace else ""
    return f"CREATE {replace}{kind}{' IF NOT EXISTS' if if_not_exists else ''}"


def _write_maintenance(node: Drop | Truncate | Rename | Optimize) -> str:
    match node:
        case Drop():
            kind = f"{'TEMPORARY ' if node.is_temporary else ''}{node.kind}"
            exists = " IF EXISTS" if node.if_exists else ""
            table = f" ON {write_object(node.table)}" if node.table is not None else ""
            return f"DROP {kind}{exists} {', '.join(map(write_object, node.names))}{table}"
        case Truncate():
            exists = " IF EXISTS" if node.if_exists else ""
            return f"TRUNCATE TABLE{exists} {write_object(node.table)}"
        case Rename():
            if node.kind == "EXCHANGE":
                pair = node.renamings[0]
                return f"EXCHANGE TABLES {write_object(pair.old)} AND {write_object(pair.new)}"
            pairs = ", ".join(
                f"{write_object(r.old)} TO {write_object(r.new)}" for r in node.renamings
            )
            return f"RENAME {node.kind} {pairs}"
        case Optimize():
            return f"OPTIMIZE TABLE {write_object(node.table)}{' FINAL' if node.is_final else ''}"
        case _:
            assert_never(node)


def _write_session(node: Show | ShowCreate | ExistsStatement | SetStatement | Use) -> str:
    match node:
        case Show():
            return _write_show(node)
        case ShowCreate():
            return f"SHOW CREATE {node.kind} {write_object(node.name)}"
        case ExistsStatement():
            return f"EXISTS {node.kind} {write_object(node.name)}"
        case SetStatement():
            return f"SET {write_settings(node.settings)}"
        case Use():
            return f"USE {write_name(node.database)}"
        case _:
            assert_never(node)


def _write_show(node: Show) -> str:
    parts = ["SHOW", node.what]
    if node.table is not None:
        parts.append(f"FROM {write_object(node.table)}")
    if node.database is not None:
        parts.append(f"FROM {write_name(node.database)}")
    if node.pattern is not None:
        words = "NOT " if node.is_negated else ""
        words += "ILIKE" if node.is_case_insensitive else "LIKE"
        parts.append(f"{words} {write_text(node.pattern)}")
    return " ".join(parts)
