"""Random queries whose operands mix all types, so that promotion, NULLs and names are compared.

Unlike `tests.strategies.queries`, these may be wrong: then both engines must refuse them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

COLUMNS = {
    "u8": "UInt8", "u16": "UInt16", "u32": "UInt32", "u64": "UInt64", "u256": "UInt256",
    "i8": "Int8", "i16": "Int16", "i32": "Int32", "i64": "Int64", "i128": "Int128",
    "f32": "Float32", "f64": "Float64", "b": "Bool", "s": "String", "fs": "FixedString(3)",
    "d": "Date", "dt": "DateTime", "nu8": "Nullable(UInt8)", "ni32": "Nullable(Int32)",
    "ns": "Nullable(String)", "nf": "Nullable(Float64)", "au": "Array(UInt8)", "ai": "Array(Int32)",
    "ast": "Array(String)", "tp": "Tuple(UInt8, String)",
}  # fmt: skip
WHOLE = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "nu8", "ni32")
WIDE = ("u256", "i128")
FLOATS = ("f32", "f64", "nf")
TEXTS = ("s", "ns")
KEYS = ("u8", "i16", "s", "ns", "nu8", "d", "b", "au")
LITERALS = (
    "0", "1", "2", "7", "-1", "-3", "255", "256", "65535", "-129", "4294967296", "1.5", "-0.25", "1e3", "NULL",
    "18446744073709551615", "0x1F", "0b101",
)  # fmt: skip
TEXT_LITERALS = ("''", "'a'", "'ab'", "'7'", "'%b'", "'it\\'s'", "'é'")

VALUES = {
    "UInt8": ("0", "1", "2", "7", "255"), "UInt16": ("0", "1", "300", "65535"), "UInt32": ("0", "3", "4294967295"),
    "UInt64": ("0", "5", "9223372036854775807", "18446744073709551615"), "UInt256": ("0", "1", str((1 << 256) - 1), str(1 << 130)),
    "Int8": ("-128", "-1", "0", "127"), "Int16": ("-32768", "-2", "0", "300"), "Int32": ("-2147483648", "-7", "0", "9"),
    "Int64": ("-9223372036854775808", "-7", "0", "12"), "Int128": ("-5", "0", str(1 << 100), str(-(1 << 100))),
    "Float32": ("0", "1.5", "-2.25", "nan"), "Float64": ("0", "-1.5", "0.1", "1e20", "nan", "-inf"),
    "Bool": ("true", "false"), "String": ("''", "'a'", "'ab'", "'7'", "'B'", "'a b'"), "FixedString(3)": ("'abc'", "'a'", "''"),
    "Date": ("'2020-01-31'", "'1970-01-01'", "'2024-02-29'"), "DateTime": ("'2020-01-31 12:30:05'", "'1970-01-01 00:00:00'"),
    "Array(UInt8)": ("[]", "[1]", "[3, 1, 2]", "[0, 255]"), "Array(Int32)": ("[]", "[-1, 1]", "[5]", "[2, 2]"),
    "Array(String)": ("[]", "['a', 'b']", "['']"), "Tuple(UInt8, String)": ("(1, 'a')", "(2, '')"),
}  # fmt: skip


def table_statements(name: str, n_rows: int, seed: int) -> list[str]:
    """Return the statements that make and fill a table with a column of every shared type."""
    random = Random(f"{name} {seed}")
    columns = ", ".join(f"`{column}` {data_type}" for column, data_type in COLUMNS.items())
    rows = []
    for number in range(n_rows):
        cells = [str(number)]
        for data_type in COLUMNS.values():
            bare = (
                data_type.removeprefix("Nullable(").removesuffix(")")
                if "Null" in data_type
                else data_type
            )
            values = VALUES[bare] + (("NULL",) if bare != data_type else ())
            cells.append(random.choice(values))
        rows.append(f"({', '.join(cells)})")
    return [
        f"CREATE TABLE {name} (id UInt32, {columns}) ENGINE = MergeTree ORDER BY id",
        f"INSERT INTO {name} VALUES {', '.join(rows)}",
    ]


@dataclass(frozen=True, slots=True)
class Generated:
    """A query, and whether its rows have an order."""

    sql: str
    is_ordered: bool


class QueryMaker:
    """Draws queries over the tables `t` and `u`; equal seeds give equal queries."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def column(self, names: tuple[str, ...]) -> str:
        name = self.pick(*names)
        return self.pick(name, name, name, f"t.{name}", f"`{name}`")

    # -- expressions ------------------------------------------------------------------------

    def number(self, depth: int) -> str:
        """Return a whole number, most often."""
        if depth <= 0 or self.random.random() < 0.2:
            return self.pick(*LITERALS) if self.random.random() < 0.4 else self.column(WHOLE)
        a, b = self.number(depth - 1), self.number(depth - 1)
        match self.random.randrange(16):
            case 0 | 1 | 2:
                return f"{self.shielded(a)} {self.pick('+', '-', '*')} {self.shielded(b)}"
            case 3:
                return f"{a} {self.pick('/', '+')} {self.fraction(depth - 1)}"
            case 4:
                return f"{self.pick('intDiv', 'modulo', 'positiveModulo', 'intDivOrZero')}({a}, {self.pick('2', '7', '-3', '256')})"
            case 5:
                return f"{self.pick('bitAnd', 'bitOr', 'bitXor')}({self.column(WHOLE)}, {self.column(WHOLE)})"
            case 6:
                return f"{self.pick('abs', 'negate', 'bitCount', 'sign', 'toInt64', 'toUInt8', 'isNull', 'toTypeName')}({a})"
            case 7:
                return f"({self.condition(depth - 1)} ? {a} : {b})"
            case 8:
                return f"multiIf({self.condition(depth - 1)}, {a}, {self.condition(depth - 1)}, {b}, {self.number(0)})"
            case 9:
                return f"case when {self.condition(depth - 1)} then {a} else {b} end"
            case 10:
                return f"{self.pick('ifNull', 'coalesce', 'nullIf', 'greatest', 'least')}({self.column(WHOLE)}, {self.column(WHOLE)})"
            case 11:
                function = self.pick("length", "arraySum", "empty", "notEmpty", "arrayUniq")
                return f"{function}({self.array(depth - 1)})"
            case 12:
                return f"{self.pick('au', 'ai', 'ast', '[1, 2, 3]', '[u8, i8]', 'range(4)')}[{self.pick('1', '-1', '2', '9', 'u8')}]"
            case 13:
                function = self.pick("length(", "position('abab', ", "empty(", "lengthUTF8(")
                return f"{function}{self.text(depth - 1)})"
            case 14:
                return f"{self.pick('toYear', 'toMonth', 'toDayOfWeek', 'toUnixTimestamp')}({self.column(('d', 'dt'))})"
            case _:
                return f"CAST({self.column(WHOLE[:8])} AS {self.pick('UInt8', 'Int32', 'Float64', 'String', 'Nullable(Int64)', 'UInt256', 'Bool')})"

    def shielded(self, sql: str) -> str:
        return f"({sql})" if self.random.random() < 0.5 else sql

    def fraction(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.5:
            return (
                self.column((*FLOATS, *WIDE))
                if self.random.random() < 0.8
                else self.pick("0.5", "-2.5", "1e10")
            )
        return f"{self.pick('abs', 'floor', 'round', 'sqrt', 'toFloat32', 'negate', 'isNaN', 'ceil')}({self.fraction(depth - 1)})"

    def text(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.3:
            return self.pick(*TEXT_LITERALS) if self.random.random() < 0.3 else self.column(TEXTS)
        a = self.text(depth - 1)
        match self.random.randrange(7):
            case 0:
                return f"{a} || {self.text(depth - 1)}"
            case 1:
                return f"{self.pick('upper', 'lower', 'reverse', 'trim', 'hex', 'toTypeName')}({a})"
            case 2:
                return f"substring({a}, {self.pick('1', '2', '-1')}, {self.pick('1', '2')})"
            case 3:
                return f"toString({self.pick(*COLUMNS)})"
            case 4:
                return f"if({self.condition(depth - 1)}, {a}, {self.text(0)})"
            case 5:
                return f"{self.pick('concat', 'ifNull', 'coalesce')}({a}, {self.text(0)})"
            case _:
                return f"replaceAll({a}, 'a', 'xy')"

    def array(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.4:
            return self.pick(
                "au", "ai", "[1, 2, 3]", "[u8, i8]", "[]", "[NULL, 1]", "[1.5, u16]", "range(4)"
            )
        a = self.array(depth - 1)
        match self.random.randrange(6):
            case 0:
                return f"arrayMap(x -> {self.pick('x + 1', 'x * u8', 'x > 1', 'toString(x)', '-x', 'x = 2')}, {a})"
            case 1:
                return (
                    f"arrayFilter(x -> {self.pick('x > 1', 'x % 2', 'x = u8', 'not x', '1')}, {a})"
                )
            case 2:
                return f"{self.pick('arraySort', 'arrayReverse', 'arrayDistinct', 'arrayEnumerate')}({a})"
            case 3:
                return f"arrayConcat({a}, {self.array(0)})"
            case 4:
                return f"arraySlice({a}, {self.pick('1', '2', '-2')}, 2)"
            case _:
                return f"arrayMap((x, y) -> x + y, {a}, {a})"

    def condition(self, depth: int) -> str:
        if depth <= 0:
            return f"{self.column(WHOLE)} {self.pick('=', '<', '>', '!=')} {self.pick('0', '1', '5', '-1', 'u8', 'i64')}"
        match self.random.randrange(12):
            case 0 | 1:
                return f"({self.condition(depth - 1)} {self.pick('and', 'OR')} {self.condition(depth - 1)})"
            case 2:
                return f"not {self.condition(depth - 1)}"
            case 3:
                return f"{self.number(depth - 1)} {self.pick('=', '<', '>=', '<=', '!=', '<>', '==')} {self.number(depth - 1)}"
            case 4:
                return f"{self.text(depth - 1)} {self.pick('=', '<', '>=', '!=')} {self.text(depth - 1)}"
            case 5:
                return f"{self.number(0)} {self.pick('', 'not ')}in ({self.pick('1', '0, 1, 255', '1, NULL', '-1, 300')})"
            case 6:
                return (
                    f"{self.number(depth - 1)} between {self.pick('0', '-5')} and {self.number(0)}"
                )
            case 7:
                return f"{self.column((*WHOLE, *TEXTS, *FLOATS))} is {self.pick('', 'not ')}null"
            case 8:
                return f"{self.column(TEXTS)} {self.pick('like', 'not like', 'ilike')} {self.pick(*TEXT_LITERALS)}"
            case 9:
                return f"{self.pick('d', 'dt')} {self.pick('=', '>', '<=')} {self.pick(chr(39) + '2020-01-31' + chr(39), 'd', 'dt')}"
            case 10:
                return f"has({self.array(0)}, {self.pick('1', 'u8', '-1')})"
            case _:
                return f"{self.fraction(depth - 1)} {self.pick('=', '<', '>')} {self.number(depth - 1)}"

    def anything(self, depth: int = 2) -> str:
        kind = self.random.randrange(8)
        if kind < 3:
            return self.number(depth)
        makers = (self.fraction, self.text, self.array, self.condition)
        if kind < 7:
            return makers[kind - 3](depth)
        return self.pick(
            "tp",
            "tp.1",
            "(u8, s)",
            "(i8, [s])",
            "[(1, s)]",
            "tp.2 || 'x'",
            "NULL",
            "toTypeName(tp)",
            "d + u8",
            "dt - 5",
            "d - d",
            "b",
            "not b",
            "true",
            "b = true",
            "b + 1",
            "hex(fs)",
            "length(fs)",
            "fs = 'abc'",
            "fs || s",
            "replaceAll(fs, 'a', 'xy')",
            "fs in ('abc')",
            "toDate(dt)",
        )

    def aggregate(self) -> str:
        match self.random.randrange(9):
            case 0:
                return self.pick("count()", "count(*)", f"count({self.column(tuple(COLUMNS))})")
            case 1 | 2:
                return f"{self.pick('sum', 'avg', 'min', 'max')}({self.column(WHOLE)}{self.pick('', ' + 1', ' * u8', ' % 5', ' / 4')})"
            case 3:
                return f"{self.pick('min', 'max', 'uniqExact')}({self.column(tuple(COLUMNS))})"
            case 4:
                function = self.pick("sumIf", "avgIf", "maxIf")
                return self.pick(
                    f"countIf({self.condition(1)})",
                    f"{function}({self.column(WHOLE)}, {self.condition(1)})",
                )
            case 5:
                return (
                    f"{self.pick('groupBitAnd', 'groupBitOr', 'groupBitXor')}({self.column(WHOLE)})"
                )
            case 6:
                return f"{self.pick('stddevSamp', 'varPop', 'stddevPop', 'sum', 'avg')}({self.column(FLOATS)})"
            case 7:
                return f"{self.pick('argMin', 'argMax')}({self.column(tuple(COLUMNS))}, id)"
            case _:
                return f"groupArray({self.column(WHOLE)})"

    # -- queries ----------------------------------------------------------------------------

    def query(self) -> Generated:
        match self.random.randrange(8):
            case 0 | 1 | 2:
                return self.plain()
            case 3 | 4:
                return self.grouped()
            case 5:
                return self.nested()
            case 6:
                return self.joined()
            case _:
                return self.united()

    def plain(self) -> Generated:
        items = [self.anything() for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.3:
            items[0] += self.pick(" as x", " x", " AS `y z`")
        where = f" where {self.condition(2)}" if self.random.random() < 0.5 else ""
        order, is_ordered = self.order()
        # NaNs of different bits are several rows of DISTINCT in ClickHouse.
        may_repeat = is_ordered or any("sqrt" in item or "/" in item for item in items)
        distinct = "distinct " if not may_repeat and self.random.random() < 0.3 else ""
        return Generated(f"select {distinct}{', '.join(items)} from t{where}{order}", is_ordered)

    def order(self) -> tuple[str, bool]:
        if self.random.random() < 0.5:
            return "", False
        key = self.column((*WHOLE, *FLOATS, "s", "ns", "d", "au"))
        text = f" order by {key}{self.pick('', ' desc', ' asc', ' nulls first', ' desc nulls last')}, id"
        if self.random.random() < 0.5:
            text += self.pick(
                " limit 5", " limit 3, 4", " limit 4 offset 2", " offset 10", " limit 0"
            )
        return text, True

    def grouped(self) -> Generated:
        keys = [
            self.pick(*KEYS, "u8 % 2", "i16 > 0", "toString(u8)", "length(s)", "s = 'a'")
            for _ in range(self.random.randint(0, 2))
        ]
        items = [*keys, *(self.aggregate() for _ in range(self.random.randint(1, 3)))]
        text = f"select {', '.join(items)} from t"
        if self.random.random() < 0.4:
            text += f" where {self.condition(1)}"
        if keys:
            text += f" group by {', '.join(keys)}"
        if self.random.random() < 0.3:
            text += (
                f" having {self.pick('count() > 1', 'sum(u8) > 3', 'max(i32) >= min(i32)', '1')}"
            )
        return Generated(text, False)

    def nested(self) -> Generated:
        inner = f"select {self.anything()} as p, {self.number(1)} as q, s from t where {self.condition(1)}"
        outer = self.pick(
            "p",
            "p, q",
            "*",
            "q + 1 as q, p",
            "count(), max(q)",
            "s, count() as n, n + 1",
            "toTypeName(p), q",
        )
        tail = " group by s" if outer.startswith("s,") else ""
        return Generated(
            f"select {outer} from ({inner}){self.pick('', ' as w', ' w')}{tail}", False
        )

    def joined(self) -> Generated:
        left, right = (
            self.pick("u8", "i16", "s", "d", "u16", "nu8"),
            self.pick("u8", "i32", "s", "d", "id", "ni32"),
        )
        if (left in ("s", "d") or right in ("s", "d")) and left != right:
            right = left
        items = self.pick(
            "t.id, u.id",
            "id, u.u8, t.s",
            "count()",
            "t.u8 + u.i32, u.s",
            "*",
            "sum(t.u8 * u.u8)",
            "t.*",
            "u.id, u.nu8",
        )
        on = (
            f"t.{left} = u.{right}"
            if self.random.random() < 0.7
            else f"t.{left} = u.{right} and {self.pick('t.id < u.id', 'u.u8 > 1', 't.b')}"
        )
        source = self.pick(
            f"t join u on {on}",
            f"t inner join u on {on}",
            f"t, u where {on}",
            f"t cross join u where {on}",
        )
        return Generated(f"select {items} from {source}", False)

    def united(self) -> Generated:
        first, second = (
            self.pick("number", "text", "fraction"),
            self.pick("number", "text", "fraction"),
        )
        if "text" in (first, second):
            second = first
        parts = [
            f"select {getattr(self, first)(1)} as x, id from t",
            f"select {getattr(self, second)(1)}, id from t",
        ]
        return Generated(" union all ".join(parts), False)
