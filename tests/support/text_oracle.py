"""Real ClickHouse as the judge of many functions over one table: results compared as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from minidb.columns import split_nulls
from minidb.errors import MiniDBError
from minidb.functions.cast import to_text
from minidb.functions.declaration import ScalarFunction
from minidb.types import IntType
from minidb.types.names import parse_type
from tests.support.call import Input, run
from tests.support.oracle import literal, quoted

chdb = pytest.importorskip("chdb")

SETTINGS = (
    " SETTINGS max_query_size = 100000000, max_ast_elements = 9000000,"
    " max_expanded_ast_elements = 9000000, max_subquery_depth = 10000, session_timezone = 'UTC'"
)
TABLES_PER_QUERY = 60
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Expression:
    """One call on a table: a function's name and, per argument, a column's number or a constant."""

    name: str
    args: tuple[int | Input, ...]

    def sql(self) -> str:
        shown = [f"c{a}" if isinstance(a, int) else constant_sql(a) for a in self.args]
        return f"{self.name}({', '.join(shown)})"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length and the calls to check on them."""

    columns: tuple[Input, ...]
    calls: tuple[Expression, ...]

    def sql(self, number: int) -> str:
        names, shown, cells = [], [], []
        for place, column in enumerate(self.columns):
            data_type = parse_type(column.type)
            is_wide = isinstance(data_type, IntType) and data_type.is_wide
            # ClickHouse is slow to evaluate a call per cell, so wide integers come as text.
            stored = "String" if is_wide else quoted(column.type)
            names.append(f", s{place} {stored}")
            shown.append(f", CAST(s{place}, '{quoted(column.type)}') AS c{place}")
            cells.append([f"'{v}'" if is_wide else literal(data_type, v) for v in column.values])
        rows = [f"({', '.join([str(n), *row])})" for n, row in enumerate(zip(*cells, strict=True))]
        texts = ", ".join(f"ifNull(toString({call.sql()}), 'NULL')" for call in self.calls)
        names_of_types = ", ".join(f"toTypeName({call.sql()})" for call in self.calls)
        return (
            f"SELECT {number} AS t, n, hex(arrayStringConcat([{texts}], '{SEPARATOR}')) AS v, "
            f"if(n = 0, hex(arrayStringConcat([{names_of_types}], '{SEPARATOR}')), '') AS k "
            f"FROM (SELECT n{''.join(shown)} FROM values('n UInt32{''.join(names)}', {', '.join(rows)}))"
        )


def constant_sql(given: Input) -> str:
    value = literal(parse_type(given.type), given.values[0])
    return value if given.type == "String" else f"CAST({value}, '{quoted(given.type)}')"


def differences(
    tables: Sequence[Table],
    functions: dict[str, ScalarFunction],
    is_same: Callable[[str, str], bool] = str.__eq__,
) -> list[str]:
    """Return one line for every type and value that differs from ClickHouse's."""
    found: list[str] = []
    for start in range(0, len(tables), TABLES_PER_QUERY):
        part = tables[start : start + TABLES_PER_QUERY]
        text = " UNION ALL ".join(table.sql(i) for i, table in enumerate(part))
        answer = chdb.query(text + SETTINGS, "TSV").bytes().decode()
        for line in answer.splitlines():
            number, row, values, kinds = line.split("\t")
            split = [bytes.fromhex(v).decode("latin-1").split(SEPARATOR) for v in (values, kinds)]
            found += _compare_row(part[int(number)], int(row), *split, functions, is_same)
    return found


_OURS: dict[int, tuple[Table, list[tuple[str, list[str]]]]] = {}


def ours(table: Table, functions: dict[str, ScalarFunction]) -> list[tuple[str, list[str]]]:
    """Return the type and the texts of every call, computed once per table."""
    known = _OURS.get(id(table))
    if known is None or known[0] is not table:
        known = (table, [_run(table, call, functions) for call in table.calls])
        _OURS.clear()
        _OURS[id(table)] = known
    return known[1]


def _run(
    table: Table, call: Expression, functions: dict[str, ScalarFunction]
) -> tuple[str, list[str]]:
    n_rows = len(table.columns[0].values)
    inputs = [table.columns[a] if isinstance(a, int) else a for a in call.args]
    try:
        column = run(functions[call.name], *inputs)
    except MiniDBError as error:
        return str(error), [str(error)] * n_rows
    inner, is_null = split_nulls(column)
    texts = [text.decode("latin-1") for text in to_text(inner).to_bytes()]
    for row in () if is_null is None else is_null.nonzero()[0].tolist():
        texts[row] = "NULL"
    return column.type.name, texts * (n_rows if len(texts) < n_rows else 1)


def _compare_row(
    table: Table,
    row: int,
    values: list[str],
    kinds: list[str],
    functions: dict[str, ScalarFunction],
    is_same: Callable[[str, str], bool],
) -> list[str]:
    found = []
    given = [f"{c.values[row]!r} of {c.type}" for c in table.columns]
    for place, (call, (kind, texts)) in enumerate(
        zip(table.calls, ours(table, functions), strict=True)
    ):
        shown = f"{call.sql()} with {', '.join(given)}"
        if row == 0 and kind != kinds[place].replace("DateTime('UTC')", "DateTime"):
            found.append(f"{shown}: type {kind}, ClickHouse {kinds[place]}")
        if not is_same(texts[row], values[place]):
            found.append(f"{shown}: {texts[row]!r}, ClickHouse {values[place]!r}")
    return found
