"""Joins of two to four small tables of every kind, drawn at random, on both engines."""

from __future__ import annotations

import random

from tests.support.engines import Engines

N_STATEMENTS = 250
KINDS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN")


class Drawer:
    """Draws tables and statements; the seed is fixed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def table(self, number: int) -> list[str]:
        """Return the statements that make a table."""
        draw = self.random
        rows = ", ".join(
            f"({draw.randint(-1, 3)}, {draw.randint(0, 3)}, {draw.choice(['NULL', '0', '1'])})"
            for _ in range(draw.randint(1, 6))
        )
        columns = "a Int32, b UInt8, c Nullable(Int16)"
        return [
            f"CREATE TABLE t{number} ({columns}) ENGINE = MergeTree ORDER BY tuple()",
            f"INSERT INTO t{number} VALUES {rows}",
        ]

    def column(self, tables: list[int]) -> str:
        """Return a column of one of the tables."""
        return f"t{self.random.choice(tables)}.{self.random.choice('abc')}"

    def query(self) -> str:
        """Return a join of some tables with a filter above."""
        draw = self.random
        tables = draw.sample(range(5), draw.randint(2, 4))
        sql = f"SELECT * FROM t{tables[0]}"
        for place, table in enumerate(tables[1:], 1):
            kind = draw.choice(KINDS)
            sql += f" {kind} t{table}"
            if kind == "CROSS JOIN":
                continue
            sql += f" ON {self.column(tables[:place])} = {self.column([table])}"
            if draw.random() < 0.3:
                sql += f" AND {self.column([table])} > {draw.randint(0, 2)}"
            if draw.random() < 0.2:
                sql += f" AND {self.column(tables[:place])} != {self.column([table])}"
        conditions = [
            f"{self.column(tables)} {draw.choice(['=', '<', '>=', '!='])} "
            f"{draw.choice([self.column(tables), str(draw.randint(0, 2))])}"
            for _ in range(draw.randint(0, 2))
        ]
        if draw.random() < 0.2:
            conditions.append(f"{self.column(tables)} IS NULL")
        if conditions:
            sql += f" WHERE {' AND '.join(conditions)}"
        return sql + (" SETTINGS join_use_nulls = 1" if draw.random() < 0.4 else "")


def test_random_joins_answer_as_clickhouse() -> None:
    drawer = Drawer(20)
    with Engines() as engines:
        for number in range(5):
            for sql in drawer.table(number):
                engines.both(sql)
        found = [engines.difference(drawer.query()) for _ in range(N_STATEMENTS)]
    assert not "\n".join(filter(None, found))
