"""Random typed expressions over columns: they bind, and neither engine refuses their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tools.oracle.tables import DAY, INT, MAYBE_INT, MAYBE_TEXT, REAL, SMALL, TEXT, literal


@dataclass(frozen=True, slots=True)
class Named:
    """A column that can be read: as it is written, and its type."""

    sql: str
    type: str


@dataclass(frozen=True, slots=True)
class ExpressionMaker:
    """Draws expressions over columns.

    Parameters
    ----------
    random : Random
        Equal states draw equal expressions.
    columns : sequence of Named
        What can be read.
    subqueries : sequence of str
        Queries of one column of Int64, for IN, EXISTS and scalars; none to leave them out.
    """

    random: Random
    columns: Sequence[Named]
    subqueries: Sequence[str] = ()

    def of_type(self, type_name: str, depth: int) -> str:
        """Return an expression of a type (Int64 stands for all whole numbers' results)."""
        own = [column.sql for column in self.columns if column.type == type_name]
        if own and (depth <= 0 or self.random.random() < 0.5):
            return self.random.choice(own)
        if depth <= 0:
            return f"CAST({literal(self.random, type_name)} AS {type_name})"
        match type_name:
            case "Int64":
                return self.whole(depth - 1)
            case "Nullable(Int64)":
                return self.maybe_whole(depth - 1)
            case "String":
                return self.text(depth - 1)
            case "Nullable(String)":
                return self.maybe_text(depth - 1)
            case "UInt8":
                return self.condition(depth - 1, may_be_null=False)
            case "Float64":
                return self.real(depth - 1)
            case _:
                return self.day(depth - 1)

    def pick(self, *choices: str) -> str:
        """Return one of the texts."""
        return self.random.choice(choices)

    def whole(self, depth: int) -> str:
        """Return an expression of Int64, which wraps around."""
        a, b = self.of_type(INT, depth), self.of_type(INT, depth)
        match self.random.randrange(9):
            case 0 | 1:
                return f"({a} {self.pick('+', '-', '*')} {b})"
            case 2:
                return f"ifNull({self.of_type(MAYBE_INT, depth)}, {b})"
            case 3:
                return f"if({self.condition(depth)}, {a}, {b})"
            case 4:
                return f"toInt64(length({self.of_type(TEXT, depth)}))"
            case 5:
                return f"toInt64({a} % {self.pick('2', '3', '-7', '256')})"
            case 6:
                return f"CASE WHEN {self.condition(depth)} THEN {a} ELSE {b} END"
            case 7:
                return f"toInt64(toDayOfMonth({self.of_type(DAY, depth)}))"
            case _:
                return f"toInt64({self.of_type(SMALL, depth)})"

    def maybe_whole(self, depth: int) -> str:
        """Return an expression of Nullable(Int64)."""
        a, b = self.of_type(MAYBE_INT, depth), self.of_type(INT, depth)
        match self.random.randrange(5):
            case 0:
                return f"nullIf({a}, {b})"
            case 1:
                return f"({a} {self.pick('+', '-', '*')} {b})"
            case 2:
                return f"if({self.condition(depth)}, {a}, NULL)"
            case 3:
                return f"coalesce({a}, {self.of_type(MAYBE_INT, depth)})"
            case _:
                return f"toNullable({b})"

    def text(self, depth: int) -> str:
        """Return an expression of String."""
        a = self.of_type(TEXT, depth)
        match self.random.randrange(6):
            case 0:
                return f"concat({a}, {self.of_type(TEXT, depth)})"
            case 1:
                return f"{self.pick('upper', 'lower', 'reverse', 'trim')}({a})"
            case 2:
                return f"substring({a}, {self.pick('1', '2', '-1')}, {self.pick('1', '2')})"
            case 3:
                return f"toString({self.of_type(INT, depth)})"
            case 4:
                return f"if({self.condition(depth)}, {a}, {self.of_type(TEXT, depth)})"
            case _:
                return f"ifNull({self.of_type(MAYBE_TEXT, depth)}, {a})"

    def maybe_text(self, depth: int) -> str:
        """Return an expression of Nullable(String)."""
        a = self.of_type(MAYBE_TEXT, depth)
        return self.pick(
            f"nullIf({a}, {self.of_type(TEXT, depth)})",
            f"concat({a}, {self.of_type(TEXT, depth)})",
            f"toNullable({self.of_type(TEXT, depth)})",
        )

    def real(self, depth: int) -> str:
        """Return an expression of Float64."""
        a = self.of_type(REAL, depth)
        return self.pick(
            f"({a} * 0.5)", f"({a} - 1)", f"toFloat64({self.of_type(INT, depth)})", f"abs({a})"
        )

    def day(self, depth: int) -> str:
        """Return an expression of Date."""
        a = self.of_type(DAY, depth)
        return self.pick(f"toStartOfMonth({a})", f"greatest({a}, {self.of_type(DAY, depth)})")

    def condition(self, depth: int, may_be_null: bool = True) -> str:
        """Return a condition; unless `may_be_null` it is 0 or 1."""
        form = self.random.randrange(11)
        if not may_be_null:
            return f"ifNull({self.condition(depth)}, 0)"
        if depth > 0 and form < 3:
            a, b = self.condition(depth - 1), self.condition(depth - 1)
            return (f"({a} AND {b})", f"({a} OR {b})", f"(NOT {a})")[form]
        if form == 3:
            name = self.random.choice([c.sql for c in self.columns] or ["NULL"])
            return f"({name} IS {self.pick('', 'NOT ')}NULL)"
        if form == 4:
            low, high = sorted((self.random.randint(-3, 3), self.random.randint(-3, 300)))
            return f"({self.of_type(MAYBE_INT, depth)} BETWEEN {low} AND {high})"
        if form == 5:
            members = ", ".join(literal(self.random, INT) for _ in range(self.random.randint(1, 3)))
            return f"({self.of_type(INT, depth)} {self.pick('', 'NOT ')}IN ({members}))"
        if form == 6:
            pattern = self.pick("'%a%'", "'a_'", "''", "'%'", "'A%'")
            return f"({self.of_type(TEXT, depth)} {self.pick('LIKE', 'NOT LIKE')} {pattern})"
        if form == 7 and self.subqueries:
            return self.with_subquery(self.random.choice(self.subqueries), depth)
        return self.comparison(depth)

    def with_subquery(self, query: str, depth: int) -> str:
        """Return a condition with a query inside, on its own or reading the row around it."""
        column, _, table = query.removeprefix("SELECT ").partition(" FROM ")
        whole = self.of_type(self.pick(INT, MAYBE_INT), depth)
        maybe_not = self.pick("", "NOT ")
        return self.pick(
            f"({whole} {maybe_not}IN ({query}))",
            f"{maybe_not}EXISTS ({query} WHERE {column} > 0)",
            f"({whole} {self.pick('<', '>=')} (SELECT max({column}) FROM {table}))",
            f"{maybe_not}EXISTS (SELECT 1 FROM {table} AS s WHERE s.{column} = {whole})",
            f"((SELECT count() FROM {table} AS s WHERE s.{column} {self.pick('=', '>')} {whole}) > 0)",
        )

    def comparison(self, depth: int, type_name: str = "") -> str:
        """Return a comparison of a column or an expression with a value or another expression."""
        type_name = type_name or self.pick(INT, MAYBE_INT, TEXT, MAYBE_TEXT, DAY, INT)
        sign = self.pick("=", "!=", "<", "<=", ">", ">=")
        left = self.of_type(type_name, depth)
        if self.random.random() < 0.5:
            return f"({left} {sign} {self.of_type(type_name, depth)})"
        value = literal(self.random, type_name)
        return f"({left} {sign} CAST({value} AS {type_name}))"
