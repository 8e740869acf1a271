"""Writes queries as SQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from minidb.sql.ast_base import ObjectName, Setting
from minidb.sql.ast_expr import Expr, Subquery, TupleLiteral
from minidb.sql.ast_query import (
    ArrayJoin,
    CommonTable,
    DerivedTable,
    GroupBy,
    Join,
    Limit,
    OrderItem,
    Query,
    Select,
    SetOperation,
    TableExpr,
    TableFunction,
    TableReference,
    WithExpr,
)
from minidb.sql.format_expr import ExpressionFormatter, write_name, write_value
from minidb.sql.literals import write_quoted_name
from minidb.sql.words import STATEMENT_WORDS


def write_object(node: ObjectName) -> str:
    """Write a table's name."""
    marked = {parameter.name for parameter in node.parameters}
    parts = [node.name] if node.database is None else [node.database, node.name]
    written = [f"{{{p}:Identifier}}" if p in marked else write_name(p) for p in parts]
    return ".".join(written)


def write_settings(settings: Iterable[Setting]) -> str:
    """Write ``a = 1, b = 'x'``."""
    return ", ".join(f"{_setting_name(s.name)} = {write_value(s.value)}" for s in settings)


def _setting_name(name: str) -> str:
    return write_quoted_name(name) if name.lower() in STATEMENT_WORDS else write_name(name)


def write_names(names: Iterable[str]) -> str:
    """Write names with commas between them."""
    return ", ".join(map(write_name, names))


class QueryFormatter(ExpressionFormatter):
    """Writes SELECT, set operations and what stands in FROM."""

    def query(self, node: Query) -> str:
        """Write a query without parentheses around it."""
        match node:
            case Select():
                return self._select(node)
            case SetOperation():
                return self._set_operation(node)
            case _:
                assert_never(node)

    def _set_operation(self, node: SetOperation) -> str:
        word = node.operator if node.quantifier is None else f"{node.operator} {node.quantifier}"
        written = [
            self.query(operand)
            if _stands_bare(operand, node, index)
            else f"({self.query(operand)})"
            for index, operand in enumerate(node.operands)
        ]
        return f" {word} ".join(written)

    def _select(self, node: Select) -> str:
        parts: list[str] = []
        if node.with_items:
            items = ", ".join(map(self._with_item, node.with_items))
            parts.append(f"WITH {'RECURSIVE ' if node.is_recursive else ''}{items}")
        parts.append("SELECT")
        if node.distinct_on:
            parts.append(f"DISTINCT ON ({self.elements(node.distinct_on)})")
        elif node.is_distinct:
            parts.append("DISTINCT")
        parts.append(self.elements(node.projection))
        if node.source is not None:
            parts.append(f"FROM {self.source(node.source)}")
        self._filters(parts, PREWHERE=node.prewhere, WHERE=node.where)
        if node.group_by is not None:
            parts += self._group_by(node.group_by)
        self._filters(parts, HAVING=node.having)
        if node.windows:
            windows = (f"{write_name(w.name)} AS ({self.window(w.spec)})" for w in node.windows)
            parts.append(f"WINDOW {', '.join(windows)}")
        self._filters(parts, QUALIFY=node.qualify)
        if node.order_by:
            parts.append(f"ORDER BY {self.order_items(node.order_by)}")
        if node.limit_by is not None:
            by = node.limit_by
            limit = self._limit(Limit(by.count, by.offset))
            parts.append(f"{limit} BY {self.elements(by.exprs)}")
        if node.limit is not None:
            parts.append(self._limit(node.limit))
        if node.settings:
            parts.append(f"SETTINGS {write_settings(node.settings)}")
        return " ".join(parts)

    def _filters(self, parts: list[str], **clauses: Expr | None) -> None:
        for word, condition in clauses.items():
            if condition is not None:
                parts.append(f"{word} {self.element(condition)}")

    def _with_item(self, node: CommonTable | WithExpr) -> str:
        match node:
            case CommonTable(name=name, query=query, columns=columns):
                listed = f" ({write_names(columns)})" if columns else ""
                return f"{write_name(name)}{listed} AS ({self.query(query)})"
            case WithExpr(expr=expr, name=name):
                return f"{self.expr(expr)} AS {write_name(name)}"
            case _:
                assert_never(node)

    def _group_by(self, node: GroupBy) -> list[str]:
        parts: list[str] = []
        match node.mode:
            case "ALL":
                parts.append("GROUP BY ALL")
            case "GROUPING SETS":
                sets = ", ".join(map(self._grouping_set, node.sets))
                parts.append(f"GROUP BY GROUPING SETS ({sets})")
            case _ if node.exprs:
                parts.append(f"GROUP BY {self.elements(node.exprs)}")
        if node.mode in ("ROLLUP", "CUBE"):
            parts.append(f"WITH {node.mode}")
        if node.with_totals:
            parts.append("WITH TOTALS")
        return parts

    def _grouping_set(self, keys: tuple[Expr, ...]) -> str:
        """Write one set; of a set of one tuple a comma tells that the tuple is the key."""
        is_one_tuple = len(keys) == 1 and isinstance(keys[0], TupleLiteral)
        return f"({self.elements(keys)}{',' if is_one_tuple else ''})"

    def order_items(self, items: Iterable[OrderItem]) -> str:
        """Write the keys of ORDER BY."""
        return ", ".join(map(self._order_item, items))

    def _order_item(self, node: OrderItem) -> str:
        nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[node.nulls_first]
        return f"{self.element(node.expr)}{' DESC' if node.is_descending else ''}{nulls}"

    def _limit(self, node: Limit) -> str:
        parts: list[str] = []
        if node.count is not None:
            parts.append(f"LIMIT {self.element(node.count)}")
        if node.offset is not None:
            parts.append(f"OFFSET {self.element(node.offset)}")
        if node.with_ties:
            parts.append("WITH TIES")
        return " ".join(parts)

    # ---------------------------------------------------------------------------------------- FROM

    def source(self, node: TableExpr) -> str:
        """Write what stands in FROM."""
        match node:
            case TableReference(name=name):
                return write_object(name) + _alias_final(node.alias, node.is_final)
            case DerivedTable(query=query):
                return f"({self.query(query)})" + _alias_final(node.alias, node.is_final)
            case TableFunction(name=name, arguments=arguments):
                written = f"{write_name(name)}({self._table_arguments(arguments)})"
                return written + _alias_final(node.alias, is_final=False)
            case Join():
                return self._join(node)
            case ArrayJoin(source=source, exprs=exprs):
                word = "LEFT ARRAY JOIN" if node.is_left else "ARRAY JOIN"
                return f"{self.source(source)} {word} {self.elements(exprs)}"
            case _:
                assert_never(node)

    def _table_arguments(self, arguments: tuple[Expr, ...]) -> str:
        """Write arguments; a query that is the only one stands bare, as in view(SELECT 1)."""
        match arguments:
            case (Subquery(query=Select() as query),):
                return self.query(query)
            case _:
                return self.elements(arguments)

    def _join(self, node: Join) -> str:
        right = self.source(node.right)
        if isinstance(node.right, (Join, ArrayJoin)):
            right = f"({right})"
        if node.kind == "COMMA":
            return f"{self.source(node.left)}, {right}"
        words = [self.source(node.left)]
        if node.is_global:
            words.append("GLOBAL")
        if node.strictness is not None:
            words.append(node.strictness)
        words += [node.kind, "JOIN", right]
        if node.on is not None:
            words += ["ON", self.element(node.on)]
        if node.using:
            words.append(f"USING ({self.elements(node.using)})")
        return " ".join(words)


def _alias_final(alias: str | None, is_final: bool) -> str:
    written = "" if alias is None else f" AS {write_name(alias)}"
    return written + (" FINAL" if is_final else "")


def _stands_bare(operand: Query, parent: SetOperation, index: int) -> bool:
    """Say whether an operand of a set operation needs no parentheses."""
    if isinstance(operand, Select):
        return True
    if operand.operator == "INTERSECT":
        # It binds tighter; in a chain of INTERSECT only the first operand may be bare.
        return parent.operator != "INTERSECT" or index == 0
    if parent.operator == "INTERSECT" or index > 0:
        return False
    # Neighbours under the same UNION would become one node.
    is_same = (operand.operator, operand.quantifier) == (parent.operator, parent.quantifier)
    return operand.operator == "EXCEPT" or not is_same
