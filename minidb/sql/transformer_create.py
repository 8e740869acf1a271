"""Builds the nodes of CREATE; every method is a rule or alias of grammar.lark."""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

from dataclasses import replace
from typing import Any

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast_base import ObjectName
from minidb.sql.ast_expr import Expr, FunctionCall, Identifier, Lambda, TupleLiteral
from minidb.sql.ast_statements import (
    ColumnDefinition,
    CreateDatabase,
    CreateFunction,
    CreateIndex,
    CreateModel,
    CreateTable,
    CreateView,
    Engine,
    IndexDefinition,
    OrderedExpr,
)
from minidb.sql.clauses import Clause
from minidb.sql.literals import read_name, read_number, read_text
from minidb.sql.transformer_expr import Children, appended, span_of, token_span

# Of CREATE OR REPLACE TEMPORARY UNIQUE, what each kind of object takes.
MODIFIERS = {
    "TABLE": {"REPLACE", "TEMPORARY"},
    "VIEW": {"REPLACE"},
    "FUNCTION": {"REPLACE"},
    "MODEL": {"REPLACE"},
    "INDEX": {"UNIQUE"},
    "DATABASE": set(),
}


class CreateTransformer:
    """The methods for everything that begins with CREATE."""

    def create_word(self, c: Children) -> tuple[int, set[str]]:
        """CREATE: where it stands, and the words behind it."""
        return c[0].start_pos, c[1]

    def create_modifiers(self, c: Children) -> set[str]:
        """The words between CREATE and the kind of object."""
        return c[0] | {c[-1].type} if c else set()

    def if_not_exists(self, c: Children) -> bool:
        """Whether IF NOT EXISTS is written."""
        return bool(c)

    # --------------------------------------------------------------------------------------- table

    def create_table(self, c: Children) -> CreateTable:
        """CREATE TABLE."""
        start, modifiers = _modifiers(c, "TABLE")
        fields: dict[str, Any] = {}
        for name, value, span in c[4]:
            if name in fields:
                raise SqlSyntaxError(SYNTAX_ERROR, f"{_spoken(name)} is written twice", span=span)
            fields[name] = value
        items, inner_key = _split_columns(fields.pop("columns", []))
        if inner_key is not None:
            if "primary_key" in fields:
                raise SqlSyntaxError(
                    SYNTAX_ERROR, "the primary key is written twice", span=inner_key[1]
                )
            fields["primary_key"] = inner_key[0]
        query = c[6] if len(c) == 7 else None
        ends = [c[3].span.end, *(span.end for _, _, span in c[4])]
        return CreateTable(
            c[3],
            columns=tuple(i for i in items if isinstance(i, ColumnDefinition)),
            indexes=tuple(i for i in items if isinstance(i, IndexDefinition)),
            query=query,
            if_not_exists=c[2],
            or_replace="REPLACE" in modifiers,
            is_temporary="TEMPORARY" in modifiers,
            span=Span(start, query.span.end if query is not None else max(ends)),
            **fields,
        )

    def table_clauses(self, c: Children) -> list[tuple[str, Any, Span]]:
        """Collect the clauses of CREATE TABLE."""
        if not c:
            return []
        clause = c[1]
        if isinstance(clause, Clause):
            clause = ("settings", clause.value, clause.span)
        return appended(c[0], clause)

    def columns(self, c: Children) -> tuple[str, Any, Span]:
        """The list of columns."""
        return "columns", c[1], span_of(c)

    def column_items(self, c: Children) -> Children:
        """Collect columns, keys and indexes."""
        if len(c) == 1:
            return c
        return appended(c[0], c[2])

    def column(self, c: Children) -> ColumnDefinition:
        """One column."""
        type_ = c[1] if len(c) == 3 else None
        fields: dict[str, Any] = {}
        end = c[0].end_pos if type_ is None else type_.span.end
        for token, attributes in c[-1]:
            for name, value in attributes.items():
                if name in fields:
                    raise SqlSyntaxError(
                        SYNTAX_ERROR,
                        f"{token.value.upper()} is one attribute too many",
                        span=token_span(token),
                    )
                fields[name] = value
            end = token.end_pos
        if type_ is None and "default" not in fields:
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                f"column {read_name(c[0].value)!r} has no type",
                span=token_span(c[0]),
                hint="write a type behind the name: a UInt8",
            )
        span = Span(c[0].start_pos, end)
        return ColumnDefinition(read_name(c[0].value), type_, span=span, **fields)

    def column_attributes(self, c: Children) -> Children:
        """Collect what stands behind a column's type."""
        if not c:
            return []
        return appended(c[0], c[1])

    def column_attribute(self, c: Children) -> tuple[Any, dict[str, Any]]:
        """One attribute of a column."""
        token = c[0]
        match token.type:
            case "NULL" | "NOT":
                return token, {"is_nullable": token.type == "NULL"}
            case "PRIMARY":
                return token, {"is_primary_key": True}
            case "COMMENT":
                return token, {"comment": read_text(c[1].value)}
            case _:
                default = c[1] if len(c) == 2 else None
                return token, {"default_kind": token.type, "default": default}

    def primary_key(self, c: Children) -> tuple[str, Any, Span]:
        """``PRIMARY KEY key``."""
        return "primary_key", _key(c[2]), span_of(c)

    def index(self, c: Children) -> IndexDefinition:
        """``INDEX name expr TYPE type``."""
        granularity = _granularity(c[6]) if len(c) == 7 else None
        return IndexDefinition(
            read_name(c[1].value), c[2], _index_type(c[4]), granularity, span=span_of(c)
        )

    def engine(self, c: Children) -> tuple[str, Any, Span]:
        """``ENGINE = name``."""
        return "engine", c[-1], span_of(c)

    def engine_name(self, c: Children) -> Engine:
        """An engine with or without arguments."""
        arguments = None if len(c) == 1 else tuple(c[2]) if len(c) == 4 else ()
        return Engine(read_name(c[0].value), arguments, span=span_of(c))

    def table_order(self, c: Children) -> tuple[str, Any, Span]:
        """``ORDER BY key``."""
        return "order_by", _key(c[2]), span_of(c)

    def table_partition(self, c: Children) -> tuple[str, Any, Span]:
        """``PARTITION BY expr``."""
        return "partition_by", c[2], span_of(c)

    def table_comment(self, c: Children) -> tuple[str, Any, Span]:
        """``COMMENT 'text'``."""
        return "comment", read_text(c[1].value), span_of(c)

    def table_like(self, c: Children) -> tuple[str, Any, Span]:
        """``AS other_table``."""
        return "like", c[1], span_of(c)

    # ------------------------------------------------------------------------------- other objects

    def view_columns(self, c: Children) -> tuple[str, ...]:
        """The names of a view's columns."""
        return tuple(c[1]) if c else ()

    def create_view(self, c: Children) -> CreateView:
        """CREATE VIEW."""
        start, modifiers = _modifiers(c, "VIEW")
        return CreateView(
            c[3],
            c[6],
            c[4],
            c[2],
            "REPLACE" in modifiers,
            span=Span(start, c[6].span.end),
        )

    def create_materialized(self, c: Children) -> CreateView:
        """CREATE MATERIALIZED VIEW."""
        view = self.create_view([c[0], *c[2:]])
        return replace(view, is_materialized=True)

    def create_database(self, c: Children) -> CreateDatabase:
        """CREATE DATABASE."""
        start, _ = _modifiers(c, "DATABASE")
        engine = c[4][1] if len(c) == 5 else None
        end = engine.span.end if engine is not None else c[3].end_pos
        return CreateDatabase(read_name(c[3].value), engine, c[2], span=Span(start, end))

    def create_function(self, c: Children) -> CreateFunction:
        """CREATE FUNCTION."""
        start, modifiers = _modifiers(c, "FUNCTION")
        if not isinstance(c[5], Lambda):
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                "a function is defined by a lambda",
                span=c[5].span,
                hint="write CREATE FUNCTION f AS (a, b) -> a + b",
            )
        return CreateFunction(
            read_name(c[3].value),
            c[5],
            c[2],
            "REPLACE" in modifiers,
            span=Span(start, c[5].span.end),
        )

    def create_model(self, c: Children) -> CreateModel:
        """CREATE MODEL."""
        start, modifiers = _modifiers(c, "MODEL")
        base = read_name(c[5].value) if len(c) == 8 else None
        return CreateModel(
            read_name(c[3].value),
            c[-1],
            base,
            c[2],
            "REPLACE" in modifiers,
            span=Span(start, c[-1].span.end),
        )

    def create_index(self, c: Children) -> CreateIndex:
        """CREATE INDEX."""
        start, modifiers = _modifiers(c, "INDEX")
        table: ObjectName = c[5]
        return CreateIndex(
            read_name(c[3].value),
            table,
            tuple(OrderedExpr(k.expr, k.is_descending, span=k.span) for k in c[7]),
            c[9].get("type"),
            c[9].get("granularity"),
            "UNIQUE" in modifiers,
            c[2],
            span=Span(start, c[8].end_pos),
        )

    def index_keys(self, c: Children) -> Children:
        """Collect the keys of an index."""
        return self.column_items(c)

    def index_clauses(self, c: Children) -> dict[str, Any]:
        """TYPE and GRANULARITY of an index."""
        if not c:
            return {}
        if c[1].type == "TYPE":
            return {**c[0], "type": _index_type(c[2])}
        return {**c[0], "granularity": _granularity(c[2])}


def _spoken(field: str) -> str:
    return field.replace("_", " ").upper() if field != "like" else "AS"


def _modifiers(c: Children, kind: str) -> tuple[int, set[str]]:
    start, modifiers = c[0]
    wrong = modifiers - MODIFIERS[kind]
    if wrong:
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            f"a {kind.lower()} cannot be created with {min(wrong)}",
            span=Span(start, start + len("CREATE")),
        )
    return start, modifiers


def _split_columns(items: Children) -> tuple[Children, tuple[tuple[Expr, ...], Span] | None]:
    """Take the PRIMARY KEY out of a column list."""
    rest: Children = []
    key: tuple[tuple[Expr, ...], Span] | None = None
    for item in items:
        if not isinstance(item, tuple):
            rest.append(item)
        elif key is not None:
            raise SqlSyntaxError(SYNTAX_ERROR, "the primary key is written twice", span=item[2])
        else:
            key = (item[1], item[2])
    return rest, key


def _key(expr: Expr) -> tuple[Expr, ...]:
    """Return the parts of a sorting or primary key."""
    if isinstance(expr, TupleLiteral):
        return expr.elements
    if isinstance(expr, FunctionCall) and expr.name == "tuple":
        return expr.arguments
    return (expr,)


def _index_type(expr: Expr) -> FunctionCall:
    if isinstance(expr, FunctionCall):
        return expr
    if isinstance(expr, Identifier) and len(expr.parts) == 1:
        return FunctionCall(expr.name, (), span=expr.span, name_span=expr.span)
    raise SqlSyntaxError(SYNTAX_ERROR, "expected the type of an index", span=expr.span)


def _granularity(token: Any) -> int:
    value = read_number(token.value, token_span(token))
    if not isinstance(value, int):
        raise SqlSyntaxError(SYNTAX_ERROR, "expected a whole number", span=token_span(token))
    return value
