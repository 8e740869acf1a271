"""Queries inside queries as data: their SQL, and their rows by plain loops, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

Value = int | None
Row = tuple[Value, ...]
# By alias: the columns of the row that each query around is at.
Around = Mapping[str, Mapping[str, Value]]
Tables = Mapping[str, Sequence[Mapping[str, Value]]]


class TwoRowsError(Exception):
    """A query that stands for a value has more than one row."""


@dataclass(frozen=True)
class Node:
    """A part of a query."""

    def aliases(self) -> set[str]:
        """Return the tables whose columns are read here and not made here."""
        return {alias for part in self.parts() for alias in part.aliases()}

    def parts(self) -> list[Node]:
        """Return the nodes directly below."""
        values = [getattr(self, declared.name) for declared in fields(self)]
        return [value for value in values if isinstance(value, Node)]

    def check_constants(self, tables: Tables) -> None:
        """Run the values that read nothing around them: their two rows are an error anyway."""
        for part in self.parts():
            part.check_constants(tables)
        if isinstance(self, Scalar) and not self.aliases():
            self.value(tables, {})


@dataclass(frozen=True)
class Column(Node):
    alias: str
    name: str

    def sql(self) -> str:
        return f"{self.alias}.{self.name}"

    def value(self, tables: Tables, around: Around) -> Value:
        return around[self.alias][self.name]

    def aliases(self) -> set[str]:
        return {self.alias}


@dataclass(frozen=True)
class Number(Node):
    number: int

    def sql(self) -> str:
        return f"toInt64({self.number})"

    def value(self, tables: Tables, around: Around) -> Value:
        return self.number


@dataclass(frozen=True)
class Plus(Node):
    left: Node
    right: Node

    def sql(self) -> str:
        return f"({self.left.sql()} + {self.right.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        one, other = (part.value(tables, around) for part in (self.left, self.right))
        return None if one is None or other is None else one + other


@dataclass(frozen=True)
class Scalar(Node):
    query: Query

    def sql(self) -> str:
        return f"({self.query.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        rows = self.query.rows(tables, around)
        if len(rows) > 1:
            raise TwoRowsError
        return rows[0][0] if rows else None


@dataclass(frozen=True)
class Compare(Node):
    symbol: str
    left: Node
    right: Node

    def sql(self) -> str:
        return f"({self.left.sql()} {self.symbol} {self.right.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        one, other = (part.value(tables, around) for part in (self.left, self.right))
        if one is None or other is None:
            return None
        match self.symbol:
            case "=":
                return int(one == other)
            case "<":
                return int(one < other)
            case _:
                return int(one != other)


@dataclass(frozen=True)
class Logic(Node):
    word: str
    left: Node
    right: Node

    def sql(self) -> str:
        return f"({self.left.sql()} {self.word} {self.right.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        both = [part.value(tables, around) for part in (self.left, self.right)]
        decides = int(self.word == "OR")
        if decides in both:
            return decides
        return None if None in both else 1 - decides


@dataclass(frozen=True)
class Not(Node):
    part: Node

    def sql(self) -> str:
        return f"(NOT {self.part.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        value = self.part.value(tables, around)
        return None if value is None else int(not value)


@dataclass(frozen=True)
class Exists(Node):
    query: Query

    def sql(self) -> str:
        return f"EXISTS ({self.query.sql()})"

    def value(self, tables: Tables, around: Around) -> Value:
        return int(bool(self.query.rows(tables, around)))


@dataclass(frozen=True)
class IsIn(Node):
    """ClickHouse's IN: a NULL in the query is no member, and NULL before it gives NULL."""

    operand: Node
    query: Query
    is_negated: bool

    def sql(self) -> str:
        word = "NOT IN" if self.is_negated else "IN"
        return f"({self.operand.sql()} {word} ({self.query.sql()}))"

    def value(self, tables: Tables, around: Around) -> Value:
        value = self.operand.value(tables, around)
        members = [row[0] for row in self.query.rows(tables, around)]
        if value is None:
            return None
        return int((value in members) != self.is_negated)


@dataclass(frozen=True)
class Query(Node):
    """``SELECT shown FROM table AS alias [WHERE where]`` and what may stand behind it.

    `aggregate` is count, sum, min or max of `shown`; `group` a key that is selected beside it
    no further; `first` keeps the rows in order of what is shown and cuts them to so many.
    """

    shown: Node
    table: str
    alias: str
    where: Node | None = None
    aggregate: str | None = None
    group: Node | None = None
    is_distinct: bool = False
    first: int | None = None
    also: Query | None = None

    def sql(self) -> str:
        shown = self.shown.sql()
        if self.aggregate is not None:
            shown = f"{self.aggregate}({shown})"
        text = f"SELECT {'DISTINCT ' if self.is_distinct else ''}{shown} AS v"
        text += f" FROM {self.table} AS {self.alias}"
        if self.where is not None:
            text += f" WHERE {self.where.sql()}"
        if self.group is not None:
            text += f" GROUP BY {self.group.sql()}"
        if self.first is not None:
            text += f" ORDER BY v LIMIT {self.first}"
        if self.also is not None:
            text = f"SELECT v FROM ({text} UNION ALL {self.also.sql()})"
        return text

    def aliases(self) -> set[str]:
        return super().aliases() - {self.alias}

    def rows(self, tables: Tables, around: Around) -> list[Row]:
        inside = [{**around, self.alias: row} for row in tables[self.table]]
        if self.where is not None:
            inside = [one for one in inside if self.where.value(tables, one)]
        if self.aggregate is None:
            values = [self.shown.value(tables, one) for one in inside]
        else:
            groups: dict[Value, list[Value]] = {} if self.group is not None else {None: []}
            for one in inside:
                key = None if self.group is None else self.group.value(tables, one)
                groups.setdefault(key, []).append(self.shown.value(tables, one))
            values = [self._aggregated(group) for group in groups.values()]
        if self.is_distinct:
            values = list(dict.fromkeys(values))
        if self.first is not None:
            values = sorted(values, key=lambda v: (v is None, v or 0))[: self.first]
        found: list[Row] = [(value,) for value in values]
        return found if self.also is None else found + self.also.rows(tables, around)

    def _aggregated(self, group: Sequence[Value]) -> Value:
        known = [value for value in group if value is not None]
        match self.aggregate:
            case "count":
                return len(known)
            case _ if not known:
                return None
            case "sum":
                return sum(known)
            case "min":
                return min(known)
            case _:
                return max(known)
