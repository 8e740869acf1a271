"""``python -m tools.slt.generate FOLDER``: files of random queries, answered by SQLite.

The shapes are those of random expressions, aggregates, groupings and ranges that SQLite's own corpus
is made of, in the spelling of its ``mysql`` flavour. Only what the two dialects answer alike is drawn.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tools.slt.values import flat_values, hashed

HASH_ABOVE = 8
COLUMNS = ("col0", "col1", "col2")
TABLES = {
    "tab0": ((97, 1, 99), (15, 81, 47), (87, 21, 10)),
    "tab1": ((51, 14, 96), (85, 5, 59), (91, 47, 68)),
    "tab2": ((64, 77, 40), (75, 67, 58), (46, 51, 23)),
}


class Drawing:
    """Draws queries.

    Parameters
    ----------
    seed : int
        The same seed gives the same queries.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def expr(self, columns: Sequence[str], depth: int = 3) -> str:
        """Return an expression of whole numbers."""
        draw = self.random
        if depth == 0 or draw.random() < 0.25:
            leaf = (
                draw.choice(columns)
                if columns and draw.random() < 0.5
                else str(draw.randint(1, 99))
            )
            return f"{draw.choice(('', '', '- ', '+ ', '- - '))}{leaf}"
        match draw.randrange(9):
            case 0 | 1 | 2:
                sign = draw.choice(("+", "-", "*"))
                return f"{self.expr(columns, depth - 1)} {sign} {self.expr(columns, depth - 1)}"
            case 3:
                return f"( {self.expr(columns, depth - 1)} )"
            case 4:
                return f"{draw.choice(('- ', '+ '))}( {self.expr(columns, depth - 1)} )"
            case 5:
                return (
                    f"NULLIF ( {self.expr(columns, depth - 1)}, {self.expr(columns, depth - 1)} )"
                )
            case 6:
                return f"COALESCE ( {self.expr(columns, depth - 1)}, {self.expr(columns, 1)} )"
            case 7:
                return f"CAST ( {self.expr(columns, depth - 1)} AS SIGNED )"
            case _:
                test = self.condition(columns, 1)
                one, other = self.expr(columns, depth - 1), self.expr(columns, 1)
                return f"CASE WHEN {test} THEN {one} ELSE {other} END"

    def condition(self, columns: Sequence[str], depth: int = 2) -> str:
        """Return a condition."""
        draw = self.random
        value = self.expr(columns, 1)
        match draw.randrange(9 if depth else 6):
            case 0 | 1:
                sign = draw.choice(("<", "<=", ">", ">=", "=", "<>"))
                return f"{value} {sign} {self.expr(columns, 1)}"
            case 2:
                word = draw.choice(("", "NOT "))
                return f"{value} {word}BETWEEN {self.expr(columns, 1)} AND {self.expr(columns, 1)}"
            case 3:
                word = draw.choice(("", "NOT "))
                items = ", ".join(self.expr(columns, 1) for _ in range(draw.randint(1, 3)))
                return f"{value} {word}IN ( {items} )"
            case 4:
                return f"{value} IS {draw.choice(('', 'NOT '))}NULL"
            case 5:
                return f"( {value} ) IS {draw.choice(('', 'NOT '))}NULL"
            case 6:
                return f"NOT ( {self.condition(columns, depth - 1)} )"
            case _:
                word = draw.choice(("AND", "OR"))
                return f"{self.condition(columns, depth - 1)} {word} {self.condition(columns, depth - 1)}"

    def aggregate(self, columns: Sequence[str]) -> str:
        """Return an aggregate of whole numbers."""
        draw = self.random
        name = draw.choice(("COUNT", "SUM", "MIN", "MAX"))
        if name == "COUNT" and draw.random() < 0.5:
            return "COUNT ( * )"
        how = draw.choice(("", "", "DISTINCT ", "ALL "))
        return f"{name} ( {how}{self.expr(columns, 1)} )"

    def source(self) -> tuple[str, tuple[str, ...]]:
        """Return a FROM and the columns that it has."""
        draw = self.random
        table = draw.choice(tuple(TABLES))
        match draw.randrange(5):
            case 0:
                return f"{table} AS cor0", tuple(f"cor0.{name}" for name in COLUMNS)
            case 1:
                other = draw.choice(tuple(TABLES))
                join = draw.choice((",", " CROSS JOIN"))
                names = tuple(f"cor0.{n}" for n in COLUMNS) + tuple(f"cor1.{n}" for n in COLUMNS)
                return f"{table} AS cor0{join} {other} AS cor1", names
            case _:
                return table, COLUMNS

    def query(self, kind: str) -> tuple[str, int]:
        """Return a query and the number of its columns."""
        draw = self.random
        source, columns = self.source()
        word = draw.choice(("", "", "ALL ", "DISTINCT "))
        where = f" WHERE {self.condition(columns)}" if draw.random() < 0.5 else ""
        width = draw.randint(1, 3)
        match kind:
            case "expr":
                return f"SELECT {word}{self.expr((), 4)} AS col0", 1
            case "select":
                items = [f"{self.expr(columns)} AS col{place}" for place in range(width)]
                return f"SELECT {word}{', '.join(items)} FROM {source}{where}", width
            case "aggregates":
                items = [
                    f"{self.aggregate(columns)} {draw.choice('+-*')} {self.expr((), 1)}"
                    for _ in range(width)
                ]
                return f"SELECT {word}{', '.join(items)} FROM {source}{where}", width
            case _:
                key = draw.choice(columns)
                having = f" HAVING {self.condition((key,), 1)}" if draw.random() < 0.4 else ""
                items = [f"{self.expr((key,), 2)}", self.aggregate(columns)][:width]
                text = (
                    f"SELECT {word}{', '.join(items)} FROM {source}{where} GROUP BY {key}{having}"
                )
                return text, len(items)


def in_sqlite(sql: str) -> str:
    """Return a query in SQLite's spelling."""
    return sql.replace(" DIV ", " / ").replace("AS SIGNED", "AS INTEGER")


def make_file(kind: str, seed: int, n_queries: int) -> str:
    """Return the text of one file."""
    drawing, lines = Drawing(seed), ["hash-threshold 8", ""]
    connection = sqlite3.connect(":memory:")
    for name, rows in TABLES.items():
        setup = [f"CREATE TABLE {name}(col0 INTEGER, col1 INTEGER, col2 INTEGER)"]
        setup += [f"INSERT INTO {name} VALUES({', '.join(map(str, row))})" for row in rows]
        for sql in setup:
            connection.execute(sql)
            lines += ["statement ok", sql, ""]
    while n_queries:
        sql, width = drawing.query(kind)
        try:
            found = connection.execute(in_sqlite(sql)).fetchall()
        except sqlite3.Error:
            continue
        if any(
            isinstance(value, float) or abs(value or 0) > 1 << 50 for row in found for value in row
        ):
            continue
        values = flat_values(found, "I" * width, "rowsort")
        shown = [hashed(values)] if len(values) > HASH_ABOVE else values
        lines += [f"query {'I' * width} rowsort", sql, "----", *shown, ""]
        n_queries -= 1
    connection.close()
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m tools.slt.generate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=1, help="files of each kind")
    parser.add_argument("--queries", type=int, default=60, help="queries of each file")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    for kind in ("expr", "select", "aggregates", "groupby"):
        for number in range(options.files):
            text = make_file(kind, options.seed + number, options.queries)
            path = options.folder / f"random_{kind}_{number}.slt"
            path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
