"""Schemas, rows, and typed SELECT queries over them, which bind and never fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from minidb.types import (
    ArrayType,
    BitsType,
    DataType,
    DateType,
    FloatType,
    IntType,
    NullableType,
    StringType,
)
from tests.strategies.columns import simple_types, values_of
from tests.support.literals import literal

INT64 = IntType(64, True)
FLOAT64 = FloatType(64)
STRING = StringType()
DATE = DateType()
INTS = ArrayType(INT64)
NULLABLE_INT = NullableType(INT64)

# The types that expressions are made of; every schema has a column of each.
WORKING_TYPES: tuple[DataType, ...] = (INT64, FLOAT64, STRING, DATE, INTS, NULLABLE_INT)

SMALL_INTS = st.one_of(st.integers(-3, 3), st.sampled_from([2**63 - 1, -(2**63), 2**31, 255]))
SMALL_TEXTS = st.sampled_from(["", "a", "b", "ab", "aB", "%", "\\", "é", "a\0", "zz top"])


@dataclass(frozen=True, slots=True)
class TableData:
    """A table to make: its columns and rows."""

    name: str
    columns: tuple[tuple[str, DataType], ...]
    rows: tuple[tuple[object, ...], ...]

    def create(self, tail: str = "") -> str:
        """Return CREATE TABLE."""
        columns = ", ".join(f"{name} {data_type.name}" for name, data_type in self.columns)
        return f"CREATE TABLE {self.name} ({columns}) {tail}".rstrip()


@dataclass(frozen=True, slots=True)
class Named:
    """A column that an expression can read: how it is written, and its type."""

    sql: str
    type: DataType


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query and the types of its result columns, which are named by a letter: c0, c1, ..."""

    sql: str
    types: tuple[DataType, ...]
    letter: str

    @property
    def columns(self) -> list[Named]:
        """Return the result columns."""
        return [Named(f"{self.letter}{place}", t) for place, t in enumerate(self.types)]


Scope = Sequence[Named]

# The letter of a query's result columns by how deep its own derived tables nest: no name is both
# an alias and a column, which would be another law.
LETTERS = "abc"


def comparable_types() -> st.SearchStrategy[DataType]:
    """Types whose values can be compared, sorted and grouped by."""
    simple = simple_types()
    return st.one_of(simple, simple.map(NullableType), simple.map(ArrayType))


def small_values(data_type: DataType) -> st.SearchStrategy[object]:
    """Values of which few are different, so that groups, joins and ties happen."""
    match data_type:
        case NullableType(inner=inner):
            return st.none() | small_values(inner)
        case ArrayType(element=element):
            return st.lists(small_values(element), max_size=3)
        case IntType(minimum=low, maximum=high):
            edges = [e for e in (low, high, -1, 0, 1, 2, 3) if low <= e <= high]
            return st.sampled_from(edges)
        case FloatType():
            edges = [0.0, -0.0, 1.0, -1.5, 0.1, 1e30, float("inf"), float("-inf"), float("nan")]
            return st.sampled_from([_rounded(edge, data_type) for edge in edges])
        case StringType():
            return SMALL_TEXTS
        case _:
            return values_of(data_type)


def _rounded(value: float, data_type: DataType) -> float:
    """Return a value that the type can hold."""
    return float(np.float32(value)) if data_type == FloatType(32) else value


@st.composite
def tables(draw: st.DrawFn, name: str, prefix: str, max_rows: int = 14) -> TableData:
    """Tables with a column of every working type, and a few of any comparable type.

    Each column draws a few values, and rows choose among them by the bytes of one text: groups,
    joins and ties happen, and many rows cost no more to draw than few.
    """
    types = [*WORKING_TYPES, *draw(st.lists(comparable_types(), max_size=3))]
    columns = tuple((f"{prefix}{place}", t) for place, t in enumerate(types))
    n_rows = draw(st.sampled_from([1, 0, 2, 3, 5, max_rows - 1, max_rows, max_rows, max_rows]))
    pools = [
        draw(st.lists(st.one_of(small_values(t), values_of(t)), min_size=1, max_size=5))
        for t in types
    ]
    size = n_rows * len(types)
    choices = iter(draw(st.binary(min_size=size, max_size=size)))
    rows = tuple(tuple(pool[next(choices) % len(pool)] for pool in pools) for _ in range(n_rows))
    return TableData(name, columns, rows)


def database() -> st.SearchStrategy[tuple[TableData, TableData]]:
    """Return two tables whose columns have different names."""
    return st.tuples(tables("t", "x"), tables("u", "y", max_rows=6))


# -- expressions --------------------------------------------------------------------------------


def columns_of_type(scope: Scope, data_type: DataType) -> list[str]:
    """Return the columns of a type, as written."""
    return [column.sql for column in scope if column.type == data_type]


def _either(condition: str, first: str, second: str, form: int) -> str:
    """Return one of the ways to write a choice."""
    match form:
        case 0:
            return f"if({condition}, {first}, {second})"
        case 1:
            return f"({condition} ? {first} : {second})"
        case 2:
            return f"CASE WHEN {condition} THEN {first} ELSE {second} END"
        case _:
            return f"multiIf({condition}, {first}, {second})"


@st.composite
def expressions(draw: st.DrawFn, scope: Scope, data_type: DataType, depth: int) -> str:
    """Expressions of one type, over columns in scope."""
    own = columns_of_type(scope, data_type)
    if own and draw(st.integers(0, 2)) > 0:
        return draw(st.sampled_from(own))
    if depth <= 0:
        return literal(data_type, draw(small_values(data_type)))
    if draw(st.integers(0, 3)) == 0:
        condition = draw(conditions(scope, depth - 1))
        first = draw(expressions(scope, data_type, depth - 1))
        second = draw(expressions(scope, data_type, depth - 1))
        return _either(condition, first, second, draw(st.integers(0, 3)))
    make = {
        INT64: _whole,
        FLOAT64: _fraction,
        STRING: _text,
        DATE: _day,
        INTS: _array,
        NULLABLE_INT: _maybe,
    }.get(data_type)
    if make is None:
        return literal(data_type, draw(small_values(data_type)))
    return draw(make(scope, depth - 1))


def _whole(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of Int64."""
    one = expressions(scope, INT64, depth)
    text = expressions(scope, STRING, depth)
    array = expressions(scope, INTS, depth)
    return st.one_of(
        st.tuples(one, st.sampled_from("+-*"), one).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        one.map(lambda x: f"toInt64({x} % 3)"),
        one.map(lambda x: f"toInt64(intDiv({x}, 2))"),
        one.map(lambda x: f"(-{x})"),
        one.map(lambda x: f"toInt64(bitCount({x}))"),
        one.map(lambda x: f"toInt64(if({x} != 0, intDiv(7, if({x} = 0, 1, {x} % 5 + 6)), 0))"),
        text.map(lambda x: f"toInt64(length({x}))"),
        array.map(lambda x: f"toInt64(arraySum({x}))"),
        array.map(lambda x: f"{x}[1]"),
        array.map(lambda x: f"toInt64(arrayCount(e -> e > 0, {x}))"),
        expressions(scope, DATE, depth).map(lambda x: f"toInt64(toDayOfMonth({x}))"),
        expressions(scope, NULLABLE_INT, depth).map(lambda x: f"ifNull({x}, toInt64(-1))"),
        conditions(scope, depth).map(lambda x: f"toInt64(if({x}, 1, 0))"),
    )


def _fraction(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of Float64."""
    one = expressions(scope, FLOAT64, depth)
    return st.one_of(
        st.tuples(one, st.sampled_from("+-*/"), one).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        expressions(scope, INT64, depth).map(lambda x: f"toFloat64({x})"),
        one.map(lambda x: f"sqrt({x})"),
        one.map(lambda x: f"floor({x})"),
    )


def _text(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of String."""
    one = expressions(scope, STRING, depth)
    return st.one_of(
        st.tuples(one, one).map(lambda t: f"concat({t[0]}, {t[1]})"),
        st.tuples(one, one).map(lambda t: f"({t[0]} || {t[1]})"),
        one.map(lambda x: f"upper({x})"),
        one.map(lambda x: f"substring({x}, 2)"),
        expressions(scope, INT64, depth).map(lambda x: f"toString({x})"),
        expressions(scope, DATE, depth).map(lambda x: f"toString({x})"),
    )


def _day(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of Date."""
    one = expressions(scope, DATE, depth)
    return st.one_of(
        one.map(lambda x: f"toStartOfMonth({x})"),
        st.tuples(one, one).map(lambda t: f"greatest({t[0]}, {t[1]})"),
    )


def _array(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of Array(Int64), lambdas among them."""
    one = expressions(scope, INTS, depth)
    item = expressions(scope, INT64, depth)
    inner = [*scope, Named("e", INT64)]
    body = expressions(inner, INT64, depth)
    test = conditions(inner, depth)
    return st.one_of(
        st.tuples(item, item).map(lambda t: f"[{t[0]}, {t[1]}]"),
        st.tuples(body, one).map(lambda t: f"arrayMap(e -> {t[0]}, {t[1]})"),
        st.tuples(test, one).map(lambda t: f"arrayFilter(e -> {t[0]}, {t[1]})"),
        one.map(lambda x: f"arraySort({x})"),
        one.map(lambda x: f"arrayReverse({x})"),
        st.tuples(one, one).map(lambda t: f"arrayConcat({t[0]}, {t[1]})"),
    )


def _maybe(scope: Scope, depth: int) -> st.SearchStrategy[str]:
    """Return expressions of Nullable(Int64)."""
    one = expressions(scope, NULLABLE_INT, depth)
    whole = expressions(scope, INT64, depth)
    return st.one_of(
        st.tuples(whole, whole).map(lambda t: f"nullIf({t[0]}, {t[1]})"),
        st.tuples(one, whole).map(lambda t: f"({t[0]} + {t[1]})"),
        st.tuples(conditions(scope, depth), whole).map(lambda t: f"if({t[0]}, {t[1]}, NULL)"),
        st.tuples(one, one).map(lambda t: f"coalesce({t[0]}, {t[1]})"),
    )


@st.composite
def conditions(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    """Conditions: comparisons of every comparable type, joined by AND, OR and NOT."""
    form = draw(st.integers(0, 13))
    if form >= 12 and scope:
        # True for most rows, so that what comes behind has rows to work on.
        column = draw(st.sampled_from([column.sql for column in scope]))
        return f"({column} = {column})"
    if depth > 0 and form < 3:
        first, second = draw(conditions(scope, depth - 1)), draw(conditions(scope, depth - 1))
        return (f"({first} AND {second})", f"({first} OR {second})", f"(NOT {first})")[form]
    if form == 3 and scope:
        return f"({draw(st.sampled_from([column.sql for column in scope]))} IS NULL)"
    if form == 4:
        low, high = draw(SMALL_INTS), draw(SMALL_INTS)
        return f"({draw(expressions(scope, INT64, depth - 1))} BETWEEN {low} AND {high})"
    if form == 5:
        negation = draw(st.sampled_from(["", "NOT "]))
        members = ", ".join(map(str, draw(st.lists(st.integers(-3, 3), min_size=1, max_size=3))))
        return f"({draw(expressions(scope, INT64, depth - 1))} {negation}IN ({members}))"
    if form == 6:
        return f"({draw(expressions(scope, STRING, depth - 1))} LIKE '%a_')"
    if form == 7:
        array, item = (draw(expressions(scope, kind, depth - 1)) for kind in (INTS, INT64))
        return f"has({array}, {item})"
    return draw(comparisons(scope, depth))


@st.composite
def comparisons(draw: st.DrawFn, scope: Scope, depth: int) -> str:
    """Comparisons of a column, or of an expression, with a constant or another expression."""
    sign = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    if scope and draw(st.booleans()):
        column = draw(st.sampled_from(list(scope)))
        constant = literal(column.type, draw(small_values(column.type)))
        pair = (column.sql, constant)
    else:
        data_type = draw(st.sampled_from(WORKING_TYPES))
        pair = tuple(draw(expressions(scope, data_type, depth - 1)) for _ in range(2))
    left, right = draw(st.permutations(pair))
    return f"({left} {sign} {right})"


@st.composite
def aggregates(draw: st.DrawFn, scope: Scope) -> tuple[str, DataType]:
    """Return aggregates over expressions, with the type of the result."""
    whole = draw(expressions(scope, INT64, 1))
    any_column = draw(st.sampled_from(list(scope))) if scope else Named("1::Int64", INT64)
    if isinstance(any_column.type, ArrayType):
        # Inside Nullable an array cannot be; extremes of arrays are another test's business.
        any_column = Named(whole, INT64)
    is_nullable = isinstance(any_column.type, NullableType)
    condition = draw(conditions(scope, 1))
    count = IntType(64, False)
    choices: list[tuple[str, DataType]] = [
        ("count()", count),
        (f"count({any_column.sql})", count),
        (f"countIf({condition})", count),
        (f"sum({whole})", INT64),
        (f"sumIf({whole}, {condition})", INT64),
        (f"sum({draw(expressions(scope, FLOAT64, 1))})", FLOAT64),
        (f"avg({draw(expressions(scope, FLOAT64, 1))})", FLOAT64),
        (f"min({any_column.sql})", any_column.type),
        (f"max({any_column.sql})", any_column.type),
        (f"any({any_column.sql})", any_column.type),
        (f"anyLast({whole})", INT64),
        (f"argMin({whole}, {any_column.sql})", NULLABLE_INT if is_nullable else INT64),
        (f"argMax({whole}, {draw(expressions(scope, FLOAT64, 1))})", INT64),
        (f"groupArray({whole})", INTS),
        (f"groupUniqArray({whole})", INTS),
        (f"uniqExact({any_column.sql})", count),
        (f"count(DISTINCT {whole})", count),
        (f"sum(DISTINCT {whole})", INT64),
        (f"groupBitXor({whole})", INT64),
    ]
    text, data_type = draw(st.sampled_from(choices))
    if draw(st.integers(0, 3)) == 0 and "If(" not in text:
        text += f" FILTER (WHERE {condition})"
    return text, data_type


# -- queries ------------------------------------------------------------------------------------


@st.composite
def sources(draw: st.DrawFn, data: Sequence[TableData], depth: int) -> tuple[str, Scope]:
    """What stands in FROM, and the columns it shows."""
    first = data[0]
    scope = [Named(name, t) for name, t in first.columns]
    form = draw(st.integers(0, 9 if depth > 0 else 2))
    if form <= 1:
        return first.name, scope
    if form == 2:
        qualified = [Named(f"v.{column.sql}", column.type) for column in scope]
        return f"{first.name} AS v", draw(st.sampled_from([scope, qualified]))
    if form <= 7:
        inner = draw(queries(data, depth - 1))
        return f"({inner.sql}){draw(st.sampled_from(['', ' AS v', ' v']))}", inner.columns
    second = data[1]
    both = [*scope, *(Named(name, t) for name, t in second.columns)]
    return draw(_joins(first, second, both)), both


@st.composite
def _joins(draw: st.DrawFn, first: TableData, second: TableData, both: Scope) -> str:
    """Return joins of two tables."""
    form = draw(st.integers(0, 3))
    if form < 2:
        return f"{first.name}{(', ', ' CROSS JOIN ')[form]}{second.name}"
    pairs = [(a, b) for a, s in first.columns for b, t in second.columns if s == t]
    left, right = draw(st.sampled_from(pairs))
    on = f"{left} = {right}"
    if form == 3:
        on += f" AND {draw(conditions(both, 1))}"
    return f"{first.name} {draw(st.sampled_from(['JOIN', 'INNER JOIN']))} {second.name} ON {on}"


@st.composite
def tails(draw: st.DrawFn, scope: Scope) -> str:
    """ORDER BY, LIMIT and OFFSET."""
    text = ""
    # Bits have no order that a result could be sorted by in every engine; they group and compare.
    sortable = [c.sql for c in scope if not isinstance(c.type, BitsType)]
    if sortable and draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from(sortable), min_size=1, max_size=2, unique=True))
        orders = st.sampled_from(["", " DESC", " NULLS FIRST", " DESC NULLS FIRST"])
        text += " ORDER BY " + ", ".join(key + draw(orders) for key in keys)
    if draw(st.integers(0, 2)) == 0:
        text += f" LIMIT {draw(st.sampled_from([5, 3, 2, 1, 0]))}"
        if draw(st.booleans()):
            text += f" OFFSET {draw(st.integers(0, 3))}"
    return text


@st.composite
def plain_queries(draw: st.DrawFn, data: Sequence[TableData], depth: int) -> QueryText:
    """SELECT [DISTINCT] ... [WHERE] [ORDER BY] [LIMIT], later columns reading earlier aliases."""
    source, scope = draw(sources(data, depth))
    letter = LETTERS[depth]
    items: list[str] = []
    outputs: list[Named] = []
    for place in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            column = draw(st.sampled_from(list(scope)))
        else:
            data_type = draw(st.sampled_from(WORKING_TYPES))
            column = Named(draw(expressions([*scope, *outputs], data_type, 2)), data_type)
        items.append(f"{column.sql} AS {letter}{place}")
        outputs.append(Named(f"{letter}{place}", column.type))
    distinct = draw(st.sampled_from(["", "", "DISTINCT "]))
    text = f"SELECT {distinct}{', '.join(items)} FROM {source}"
    visible = [*scope, *outputs]
    if draw(st.integers(0, 2)) == 0:
        text += f" WHERE {draw(conditions(visible, 2))}"
    text += draw(tails(outputs if distinct else visible))
    return QueryText(text, tuple(output.type for output in outputs), letter)


@st.composite
def grouped_queries(draw: st.DrawFn, data: Sequence[TableData], depth: int) -> QueryText:
    """SELECT keys, aggregates ... GROUP BY ... [HAVING] [ORDER BY] [LIMIT]."""
    source, scope = draw(sources(data, depth))
    n_keys = draw(st.integers(0, 2))
    keys: list[tuple[str, DataType]] = []
    for _ in range(n_keys):
        if scope and draw(st.booleans()):
            column = draw(st.sampled_from(list(scope)))
            keys.append((column.sql, column.type))
        else:
            data_type = draw(st.sampled_from([INT64, STRING, NULLABLE_INT, DATE]))
            keys.append((draw(expressions(scope, data_type, 1)), data_type))
    found = draw(st.lists(aggregates(scope), min_size=1, max_size=3))
    outputs = [*keys, *found]
    result = QueryText("", tuple(t for _, t in outputs), LETTERS[depth])
    named = result.columns
    items = ", ".join(f"{o[0]} AS {name.sql}" for o, name in zip(outputs, named, strict=True))
    text = f"SELECT {items} FROM {source}"
    if draw(st.integers(0, 2)) == 0:
        text += f" WHERE {draw(conditions(scope, 2))}"
    if n_keys:
        by = [draw(st.sampled_from([named[i].sql, str(i + 1)])) for i in range(n_keys)]
        text += f" GROUP BY {', '.join(by)}"
    if draw(st.integers(0, 3)) == 0:
        text += f" HAVING {draw(conditions(named, 1))}"
    return replace(result, sql=text + draw(tails(named)))


@st.composite
def unions(draw: st.DrawFn, data: Sequence[TableData], depth: int) -> QueryText:
    """Two or three queries of the same types, joined by UNION ALL."""
    first = draw(plain_queries(data, depth - 1))
    letter = LETTERS[depth]
    columns = ", ".join(f"{c.sql} AS {letter}{i}" for i, c in enumerate(first.columns))
    items = ", ".join(
        f"{literal(t, draw(small_values(t)))} AS {letter}{place}"
        for place, t in enumerate(first.types)
    )
    second = f"SELECT {items} FROM numbers({draw(st.integers(0, 2))})"
    text = f"SELECT {columns} FROM ({first.sql}) UNION ALL {second}"
    if draw(st.booleans()):
        text += f" UNION ALL SELECT {columns} FROM ({first.sql})"
    return replace(first, sql=text, letter=letter)


def queries(data: Sequence[TableData], depth: int = 1) -> st.SearchStrategy[QueryText]:
    """Queries over the tables; derived tables nest up to `depth`."""
    plain, grouped = plain_queries(data, depth), grouped_queries(data, depth)
    if depth < 1:
        return st.one_of(plain, grouped)
    return st.one_of(plain, grouped, unions(data, depth))
