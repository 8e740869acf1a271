"""Random tables: a few columns of the types that expressions are made of, values near bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

INT, MAYBE_INT = "Int64", "Nullable(Int64)"
TEXT, MAYBE_TEXT = "String", "Nullable(String)"
SMALL, DAY, REAL = "UInt8", "Date", "Float64"
TABLE_NAMES = ("t", "u")
TYPES = (INT, MAYBE_INT, TEXT, MAYBE_TEXT, SMALL, DAY, REAL)

# Of ten values eight are those at which something changes.
BOUNDARY_SHARE = 0.8
BOUNDARIES: dict[str, tuple[str, ...]] = {
    INT: ("0", "1", "-1", "2", "9223372036854775807", "-9223372036854775808", "255", "256"),
    TEXT: ("''", "'a'", "'A'", "'ab'", "'%'", "'_'", "' '", "'é'", "'\\\\'"),
    SMALL: ("0", "1", "2", "127", "128", "255"),
    DAY: ("'1970-01-01'", "'1970-01-02'", "'2020-02-29'", "'2149-06-06'"),
    REAL: ("0", "-0.5", "1.5", "1e10", "-1e300"),
}


def bare(type_name: str) -> str:
    """Return a type without Nullable."""
    return type_name.removeprefix("Nullable(").removesuffix(")")


def literal(random: Random, type_name: str) -> str:
    """Return a value of a type as SQL text; NULL where the type holds it."""
    inner = bare(type_name)
    if inner != type_name and random.random() < 0.3:
        return "NULL"
    if random.random() < BOUNDARY_SHARE:
        return random.choice(BOUNDARIES[inner])
    match inner:
        case "Int64":
            return str(random.randint(-(10**6), 10**6))
        case "String":
            return "'" + "".join(random.choices("abcXY z0", k=random.randint(1, 4))) + "'"
        case "UInt8":
            return str(random.randint(0, 255))
        case "Date":
            return f"'20{random.randint(0, 49):02}-{random.randint(1, 12):02}-15'"
        case _:
            return str(random.randint(-999, 999) / 4)


@dataclass(frozen=True, slots=True)
class TableData:
    """A table: its columns, its rows as SQL texts, and after how many rows a new INSERT begins.

    Parameters
    ----------
    name : str
        Of the table.
    columns : tuple of (name, type)
        The first holds the row's number, which no two rows share.
    rows : tuple of tuple of str
        One text per column.
    rows_per_part : int
        Rows of one INSERT; 0 for all in one.
    key : str
        The column behind ORDER BY, empty for none.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    rows_per_part: int = 0
    key: str = ""

    def statements(self) -> Iterator[str]:
        """Yield the statements that make the table and fill it."""
        columns = ", ".join(f"{name} {type_name}" for name, type_name in self.columns)
        order = self.key or "tuple()"
        yield f"CREATE TABLE {self.name} ({columns}) ENGINE = MergeTree ORDER BY {order}"
        size = self.rows_per_part or len(self.rows) or 1
        for start in range(0, len(self.rows), size):
            rows = ", ".join(f"({', '.join(row)})" for row in self.rows[start : start + size])
            yield f"INSERT INTO {self.name} VALUES {rows}"


def make_table(random: Random, name: str, prefix: str, most_rows: int = 12) -> TableData:
    """Return a table with a column of most types; few different values, so that rows meet."""
    types = [INT, MAYBE_INT, TEXT, *random.sample(TYPES, random.randint(1, 4))]
    columns = ((f"{prefix}id", "UInt32"), *((f"{prefix}{i}", t) for i, t in enumerate(types)))
    n_rows = random.choice((0, 1, 2, 5, most_rows, most_rows))
    pools = [[literal(random, t) for _ in range(random.randint(1, 5))] for t in types]
    rows = tuple(
        (str(number), *(random.choice(pool) for pool in pools)) for number in range(n_rows)
    )
    return TableData(name, columns, rows)
