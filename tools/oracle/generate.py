"""Random cases: tables, a query over them, and a property that has to hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from minidb.optimizer.rules import BUILTIN_RULES
from minidb.sql import ast
from minidb.sql.parser import parse_expression, parse_statement
from tools.oracle.cases import KINDS, Case, Kind, parse_query
from tools.oracle.expressions import ExpressionMaker, Named
from tools.oracle.tables import (
    DAY,
    INT,
    MAYBE_INT,
    MAYBE_TEXT,
    SMALL,
    TABLE_NAMES,
    TEXT,
    TableData,
    make_table,
)

BATCH_ROWS = (1, 2, 7, 1024)
SELECTED = (INT, MAYBE_INT, TEXT, MAYBE_TEXT, SMALL, DAY)


def make_case(seed: int, kind: Kind | None = None) -> Case:
    """Return the case of a seed; the kinds take turns unless one is asked for."""
    random = Random(seed)
    kind = kind or KINDS[seed % len(KINDS)]
    first, second = TABLE_NAMES
    tables = (make_table(random, first, "x"), make_table(random, second, "y", 5))
    maker = CaseMaker(random, tables)
    match kind:
        case "norec" | "tlp_where" | "tlp_distinct":
            return Case(kind, tables, maker.plain(), maker.predicate())
        case "tlp_aggregate":
            return Case(kind, tables, maker.aggregated(), maker.predicate())
        case "tlp_having":
            query, predicate = maker.grouped()
            return Case(kind, tables, query, predicate)
        case "pqs":
            return maker.pivoted()
        case "metamorphic":
            return maker.varied()
        case "differential":
            return Case(kind, tables, maker.any_query())


@dataclass(slots=True)
class CaseMaker:
    """Draws queries over two tables.

    Parameters
    ----------
    random : Random
        Equal states draw equal cases.
    tables : pair of TableData
        What FROM reads.
    """

    random: Random
    tables: tuple[TableData, TableData]
    source: str = ""
    columns: tuple[Named, ...] = ()

    def __post_init__(self) -> None:
        first, second = self.tables
        left = tuple(Named(name, kind) for name, kind in first.columns[1:])
        right = tuple(Named(name, kind) for name, kind in second.columns[1:])
        kind = self.random.choice((INT, MAYBE_INT, TEXT))
        left_int = next(c.sql for c in left if c.type == kind)
        right_int = next(c.sql for c in right if c.type == kind)
        match self.random.randrange(8):
            case 0 | 1 | 2 | 3:
                self.source, self.columns = first.name, left
            case 4:
                self.source, self.columns = f"{first.name}, {second.name}", (*left, *right)
            case 5:
                inner = self.maker(left).condition(1)
                shown = ", ".join(c.sql for c in left)
                text = f"(SELECT {first.columns[0][0]}, {shown} FROM {first.name} WHERE {inner})"
                self.source, self.columns = f"{text} AS d", left
            case 6:
                self.source = f"t INNER JOIN u ON {left_int} = {right_int}"
                self.columns = (*left, *right)
            case _:
                extra = self.maker((*left, *right)).condition(0)
                on = f"{left_int} = {right_int}"
                on += f" AND {extra}" if self.random.random() < 0.3 else ""
                side = self.random.choice(("LEFT", "RIGHT", "FULL", "LEFT SEMI", "LEFT ANTI"))
                self.source = f"t {side} JOIN u ON {on}"
                is_half = side in ("LEFT SEMI", "LEFT ANTI")
                self.columns = left if is_half else (*left, *right)

    def maker(self, columns: tuple[Named, ...] | None = None) -> ExpressionMaker:
        """Return a maker of expressions over columns."""
        shown = self.columns if columns is None else columns
        second = self.tables[1]
        numbers = [name for name, kind in second.columns if kind in (INT, MAYBE_INT)]
        subqueries = tuple(f"SELECT {number} FROM {second.name}" for number in numbers)
        return ExpressionMaker(self.random, shown, subqueries)

    def predicate(self) -> ast.Expr:
        """Return a condition over the columns in FROM."""
        return parse_expression(self.maker().condition(2))

    def items(self, least: int = 1) -> str:
        """Return a list of result columns, c0, c1, ..."""
        kinds = [self.random.choice(SELECTED) for _ in range(self.random.randint(least, 3))]
        exprs = [self.maker().of_type(kind, 2) for kind in kinds]
        return ", ".join(f"{expr} AS c{place}" for place, expr in enumerate(exprs))

    def plain(self) -> ast.Select:
        """Return a SELECT of expressions, without clauses behind FROM."""
        return parse_query(f"SELECT {self.items()} FROM {self.source}")

    def aggregated(self) -> ast.Select:
        """Return a SELECT of aggregates that can be put together from those of parts."""
        calls = []
        for place in range(self.random.randint(1, 3)):
            number = f"toNullable({self.maker().of_type(INT, 1)})"
            maybe = self.maker().of_type(self.random.choice((MAYBE_INT, MAYBE_TEXT)), 1)
            call = self.random.choice(
                (
                    f"sum({number})",
                    f"min(toNullable({maybe}))",
                    f"max(toNullable({maybe}))",
                    "count()",
                    f"count({maybe})",
                )
            )
            calls.append(f"{call} AS a{place}")
        return parse_query(f"SELECT {', '.join(calls)} FROM {self.source}")

    def grouped(self) -> tuple[ast.Select, ast.Expr]:
        """Return a SELECT with GROUP BY, and a condition over its keys and aggregates."""
        key = self.maker().of_type(self.random.choice((INT, MAYBE_INT, TEXT, MAYBE_TEXT)), 1)
        number = self.maker().of_type(INT, 1)
        maybe = self.maker().of_type(MAYBE_INT, 1)
        sql = (
            f"SELECT {key} AS k, count() AS n, sum({number}) AS s, max({maybe}) AS m "
            f"FROM {self.source} GROUP BY k"
        )
        over = (Named("toInt64(n)", INT), Named("s", INT), Named("m", MAYBE_INT))
        kind = self.random.choice((INT, MAYBE_INT, MAYBE_INT))
        condition = ExpressionMaker(self.random, over).comparison(1, kind)
        return parse_query(sql), parse_expression(condition)

    def any_query(self) -> ast.Query:
        """Return a query of any form whose rows are determined up to their order."""
        where = f" WHERE {self.maker().condition(2)}" if self.random.random() < 0.6 else ""
        match self.random.randrange(11):
            case 0 | 1 | 2:
                sql = f"SELECT {self.items()} FROM {self.source}{where}"
            case 8:
                sql = self._ordered(where)
            case 9:
                sql = self._grouping_sets(where)
            case 10:
                sql = self._array_joined(where)
            case 3:
                select, predicate = self.grouped()
                return replace(select, having=predicate) if where else select
            case 4:
                return self.aggregated()
            case 5:
                sql = f"SELECT DISTINCT {self.items()} FROM {self.source}{where}"
            case 6:
                sql = self._set_operation(where)
            case _:
                sql = self._windowed(where)
        statement = parse_statement(sql)
        if not isinstance(statement, ast.QueryStatement):
            raise ValueError(f"no query: {sql}")
        return statement.query

    def _ordered(self, where: str) -> str:
        """Return a query with an order that leaves nothing open, and a limit."""
        kind = self.random.choice((INT, MAYBE_INT, TEXT, MAYBE_TEXT, DAY))
        key = self.maker().of_type(kind, 1)
        direction = self.random.choice(("", " DESC", " NULLS FIRST", " DESC NULLS FIRST"))
        numbers = ", ".join(self._row_numbers())
        tail = self.random.choice((" LIMIT 3", " LIMIT 2 OFFSET 1", " LIMIT 1 BY k", " OFFSET 2"))
        items = f"{numbers}, {key} AS k"
        return f"SELECT {items} FROM {self.source}{where} ORDER BY k{direction}, {numbers}{tail}"

    def _grouping_sets(self, where: str) -> str:
        """Return a query that groups by several sets of keys."""
        first = self.maker().of_type(self.random.choice((INT, TEXT)), 1)
        second = self.maker().of_type(self.random.choice((MAYBE_INT, TEXT)), 1)
        keys = self.random.choice(
            ("ROLLUP(j, k)", "CUBE(j, k)", "GROUPING SETS ((j), (k), ())", "j, k WITH ROLLUP")
        )
        items = (
            f"{first} AS j, {second} AS k, count() AS n, sum({self.maker().of_type(INT, 1)}) AS s"
        )
        return f"SELECT {items} FROM {self.source}{where} GROUP BY {keys}"

    def _array_joined(self, where: str) -> str:
        """Return a query with a row for each element of an array."""
        whole, other = self.maker().of_type(INT, 1), self.maker().of_type(INT, 0)
        array = self.random.choice((f"[{whole}, {other}]", "range(3)", f"[{whole}]", "[1, 2]"))
        left = self.random.choice(("", "LEFT "))
        item = self.maker().of_type(TEXT, 1)
        first = self.tables[0]
        names = {column.sql for column in self.columns}
        if not names & {name for name, _ in first.columns}:
            return f"SELECT {item} AS c0 FROM {self.source}{where}"
        inner = f"(SELECT {item} AS c0, {array} AS xs FROM {self.source}{where})"
        return f"SELECT c0, e FROM {inner} {left}ARRAY JOIN xs AS e"

    def _set_operation(self, where: str) -> str:
        kinds = [self.random.choice((INT, MAYBE_INT, TEXT)) for _ in range(2)]

        def items() -> str:
            exprs = [self.maker().of_type(kind, 1) for kind in kinds]
            return ", ".join(f"{expr} AS c{place}" for place, expr in enumerate(exprs))

        operator = self.random.choice(
            ("UNION ALL", "UNION DISTINCT", "EXCEPT DISTINCT", "INTERSECT DISTINCT", "INTERSECT")
        )
        first = f"SELECT {items()} FROM {self.source}{where}"
        return f"{first} {operator} SELECT {items()} FROM {self.source}"

    def _windowed(self, where: str) -> str:
        number = self.maker().of_type(INT, 1)
        part = self.maker().of_type(self.random.choice((INT, TEXT)), 1)
        key = ", ".join(name for name in self._row_numbers())
        call = self.random.choice(
            (
                "row_number()",
                "rank()",
                f"sum({number})",
                f"max({number})",
                "count()",
                f"lagInFrame({number})",
            )
        )
        frame = self.random.choice(
            (
                "",
                " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
                " ROWS UNBOUNDED PRECEDING",
                " ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
                " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            )
        )
        if call.startswith(("row_number", "rank")):
            frame = ""
        over = f"PARTITION BY {part} ORDER BY {key}{frame}"
        return f"SELECT {key}, {call} OVER ({over}) AS w FROM {self.source}{where}"

    def _row_numbers(self) -> list[str]:
        """Return the columns that tell the rows of FROM apart."""
        names = {column.sql for column in self.columns}
        return [
            table.columns[0][0]
            for table in self.tables
            if names & {name for name, _ in table.columns[1:]}
        ]

    def pivoted(self) -> Case:
        """Return a SELECT with a predicate that has to be true for one row of the tables.

        The row is drawn from each table; the predicate is asked over the row's values alone and
        turned so that it is true. Without rows there is nothing to find, and no pivot.
        """
        self._join_freely()
        used = [t for t in self.tables if t.columns[0][0] in self._row_numbers()]
        if not all(table.rows for table in used):
            used = []
        predicate = self.maker().condition(2)
        rows = [self.random.choice(table.rows) for table in used]
        numbers = ", ".join(self._row_numbers())
        query = parse_query(f"SELECT {numbers} FROM {self.source}")
        pivot = tuple((table.name, row[0]) for table, row in zip(used, rows, strict=True))
        return Case("pqs", self.tables, query, parse_expression(predicate), pivot=pivot)

    def _join_freely(self) -> None:
        """Read one table, or both without a condition: every pair of rows is there."""
        first, second = self.tables
        left = tuple(Named(name, kind) for name, kind in first.columns[1:])
        right = tuple(Named(name, kind) for name, kind in second.columns[1:])
        is_single = self.random.random() < 0.6
        self.source = first.name if is_single else f"{first.name}, {second.name}"
        self.columns = left if is_single else (*left, *right)

    def varied(self) -> Case:
        """Return a query that is run a second time under something that must change nothing."""
        query = self.any_query()
        tables = self.tables
        settings: tuple[tuple[str, str], ...] = ()
        is_restarted = False
        match self.random.randrange(4):
            case 0:
                settings = (("max_block_size", str(self.random.choice(BATCH_ROWS))),)
            case 1:
                rule = self.random.choice(BUILTIN_RULES).name
                settings = (("disabled_rules", f"'{rule}'"),)
            case 2:
                is_restarted = True
            case _:
                size = self.random.choice((1, 2, 3))
                tables = (replace(tables[0], rows_per_part=size), tables[1])
                every = ", ".join(rule.name for rule in BUILTIN_RULES)
                settings = (("max_block_size", "2"), ("disabled_rules", f"'{every}'"))
        return Case("metamorphic", tables, query, None, settings, is_restarted)
