"""One case of the fuzzer: tables, the parts of a query, and what has to hold between queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from minidb.sql import ast
from minidb.sql.format import format_expression, format_query
from minidb.sql.parser import parse_expression, parse_statement
from tools.oracle.tables import TableData

Kind: TypeAlias = Literal[
    "norec",
    "tlp_where",
    "tlp_aggregate",
    "tlp_having",
    "tlp_distinct",
    "pqs",
    "metamorphic",
    "differential",
]
KINDS: tuple[Kind, ...] = (
    "norec",
    "tlp_where",
    "tlp_aggregate",
    "tlp_having",
    "tlp_distinct",
    "pqs",
    "metamorphic",
    "differential",
)


@dataclass(frozen=True, slots=True)
class Case:
    """Tables and a query with a predicate, which the kind of case puts together.

    Parameters
    ----------
    kind : str
        Which property is checked.
    tables : tuple of TableData
        What there is to read.
    query : Select or SetOperation
        The query without the predicate.
    predicate : Expr or None
        Of NoREC, TLP and PQS.
    settings : tuple of (name, value)
        Of a metamorphic case: what must change nothing.
    is_restarted : bool
        Whether a metamorphic case opens the database again before the second query.
    pivot : tuple of (table, row number)
        Of PQS: the rows that have to be found together.
    """

    kind: Kind
    tables: tuple[TableData, ...]
    query: ast.Query
    predicate: ast.Expr | None = None
    settings: tuple[tuple[str, str], ...] = ()
    is_restarted: bool = False
    pivot: tuple[tuple[str, str], ...] = ()

    def setup(self) -> Iterator[str]:
        """Yield the statements that make the tables, each in one part."""
        for table in self.tables:
            yield from replace(table, rows_per_part=0).statements()

    def setup_again(self) -> Iterator[str]:
        """Yield the statements that make the tables in several parts, where the case asks so."""
        for table in self.tables:
            if table.rows_per_part:
                yield f"DROP TABLE {table.name}"
                yield from table.statements()

    def queries(self) -> tuple[str, ...]:
        """Return the queries whose answers are compared: one, or two that have to agree."""
        match self.kind:
            case "norec":
                return self._norec()
            case "tlp_where":
                return text(self.query), self._united("where")
            case "tlp_having":
                return text(self.query), self._united("having")
            case "tlp_distinct":
                whole = text(replace(self._select(), is_distinct=True))
                return whole, f"SELECT DISTINCT * FROM ({self._united('where')})"
            case "tlp_aggregate":
                return self._aggregate()
            case "pqs":
                return (text(replace(self._select(), where=self.predicate)),)
            case "metamorphic":
                plain = text(self.query)
                tail = ", ".join(f"{name} = {value}" for name, value in self.settings)
                return plain, f"{plain} SETTINGS {tail}" if tail else plain
            case "differential":
                return (text(self.query),)

    def _select(self) -> ast.Select:
        if not isinstance(self.query, ast.Select):
            raise ValueError(f"{self.kind} needs a SELECT")
        return self.query

    def _norec(self) -> tuple[str, str]:
        """Count with a filter that can be optimized, and with one that cannot."""
        counted = parse_query("SELECT count()")
        select = self._select()
        filtered = replace(select, where=self.predicate, projection=counted.projection)
        predicate = format_expression(self.predicate) if self.predicate is not None else "1"
        shown = parse_query(f"SELECT {predicate} AS p_").projection
        inner = text(replace(select, projection=shown))
        return text(filtered), f"SELECT countIf(ifNull(p_, 0) != 0) FROM ({inner})"

    def partitions(self, clause: str) -> list[str]:
        """Return the query with the predicate true, false and unknown."""
        if self.predicate is None:
            raise ValueError(f"{self.kind} needs a predicate")
        written = format_expression(self.predicate)
        thirds = (f"({written})", f"(NOT ({written}))", f"(({written}) IS NULL)")
        select = self._select()
        changes: list[dict[str, Any]] = [{clause: parse_expression(third)} for third in thirds]
        return [text(replace(select, **change)) for change in changes]

    def probe(self) -> str | None:
        """Return the query for the predicate over the pivot's values alone; None without pivot."""
        values = []
        rows = {(table.name, row[0]): (table, row) for table in self.tables for row in table.rows}
        for place in self.pivot:
            if place not in rows:
                return None
            table, row = rows[place]
            values += [
                f"CAST({value} AS {kind}) AS {name}"
                for (name, kind), value in zip(table.columns, row, strict=True)
            ]
        if not values or self.predicate is None:
            return None
        return f"SELECT {format_expression(self.predicate)} AS p_ FROM (SELECT {', '.join(values)})"

    def turned(self, value: str) -> Case:
        """Return the case with a predicate that is true where the old one has a value."""
        if self.predicate is None:
            raise ValueError("there is no predicate to turn")
        written = format_expression(self.predicate)
        forms = {"0": f"(NOT ({written}))", "\\N": f"(({written}) IS NULL)"}
        return replace(self, predicate=parse_expression(forms.get(value, written)))

    def _united(self, clause: str) -> str:
        return " UNION ALL ".join(self.partitions(clause))

    def _aggregate(self) -> tuple[str, str]:
        """Aggregate everything at once, and the aggregates of the partitions."""
        outer = []
        for place, item in enumerate(self._select().projection):
            call = item.expr if isinstance(item, ast.Alias) else item
            if not isinstance(call, ast.FunctionCall) or not is_of_parts(call):
                raise ValueError("the aggregate cannot be put together from parts")
            name = call.name
            outer.append(f"{'sum' if name == 'count' else name}(a{place}) AS a{place}")
        return text(self.query), f"SELECT {', '.join(outer)} FROM ({self._united('where')})"


def is_of_parts(call: ast.FunctionCall) -> bool:
    """Whether an aggregate of everything follows from those of parts.

    Of an empty part sum, min and max are NULL then, as their argument may be NULL.
    """
    if call.name == "count":
        return True
    arguments = call.arguments
    return (
        call.name in ("sum", "min", "max")
        and len(arguments) == 1
        and isinstance(arguments[0], ast.FunctionCall)
        and arguments[0].name == "toNullable"
    )


def parse_query(sql: str) -> ast.Select:
    """Return the tree of a SELECT."""
    statement = parse_statement(sql)
    if not isinstance(statement, ast.QueryStatement) or not isinstance(statement.query, ast.Select):
        raise ValueError(f"no SELECT: {sql}")
    return statement.query


def text(query: ast.Query) -> str:
    """Return a query as SQL text."""
    return format_query(query)
