"""The questions of the db-benchmark (h2oai, kept by DuckDB Labs) on a million rows.

The tables are made by its rules: K = 100 groups, no missing values, rows in random order; the
tables of the join questions share 90 % of their keys. The answer of a join is summed inside the
engine, so that no engine is measured by how it hands a million rows to Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tools.bench.sql.question import Columns, Question, Table

N_GROUPS = 100
SEED = 108

X: Columns = (
    *(("id1", "String"), ("id2", "String"), ("id3", "String")),
    *(("id4", "Int32"), ("id5", "Int32"), ("id6", "Int32")),
    *(("v1", "Int32"), ("v2", "Int32"), ("v3", "Float64")),
)

LARGEST_TWO = """SELECT id6, v3 FROM (
  SELECT id6, v3, row_number() OVER (PARTITION BY id6 ORDER BY v3 DESC) AS place FROM x) AS t
WHERE place <= 2"""

# SQLite has neither medians nor deviations: what its users write instead.
SQLITE_MEDIAN = """WITH ranked AS (
  SELECT id4, id5, v3, row_number() OVER (PARTITION BY id4, id5 ORDER BY v3) AS place,
         count(*) OVER (PARTITION BY id4, id5) AS n FROM x)
SELECT id4, id5, avg(CASE WHEN place IN ((n + 1) / 2, (n + 2) / 2) THEN v3 END) AS median_v3,
       sqrt((sum(v3 * v3) - sum(v3) * sum(v3) / count(*)) / (count(*) - 1)) AS sd_v3
FROM ranked GROUP BY id4, id5"""
MEDIAN = """SELECT id4, id5, median(v3) AS median_v3, {deviation}(v3) AS sd_v3
FROM x GROUP BY id4, id5"""
SQLITE_CORRELATION = """SELECT id2, id4,
  pow(count(*) * sum(v1 * v2) - sum(v1) * sum(v2), 2) * 1.0
  / ((count(*) * sum(v1 * v1) - sum(v1) * sum(v1))
     * (count(*) * sum(v2 * v2) - sum(v2) * sum(v2))) AS r2
FROM x GROUP BY id2, id4"""

GROUP_BY: tuple[Question, ...] = (
    Question("sum v1 by id1", "SELECT id1, sum(v1) FROM x GROUP BY id1"),
    Question("sum v1 by id1:id2", "SELECT id1, id2, sum(v1) FROM x GROUP BY id1, id2"),
    Question("sum v1 mean v3 by id3", "SELECT id3, sum(v1), avg(v3) FROM x GROUP BY id3"),
    Question("mean v1:v3 by id4", "SELECT id4, avg(v1), avg(v2), avg(v3) FROM x GROUP BY id4"),
    Question("sum v1:v3 by id6", "SELECT id6, sum(v1), sum(v2), sum(v3) FROM x GROUP BY id6"),
    Question(
        "median v3 sd v3 by id4 id5",
        MEDIAN.format(deviation="stddevSamp"),
        {
            "SQLite": SQLITE_MEDIAN,
            "DuckDB": MEDIAN.format(deviation="stddev_samp"),
        },
    ),
    Question("max v1 - min v2 by id3", "SELECT id3, max(v1) - min(v2) FROM x GROUP BY id3"),
    Question("largest two v3 by id6", LARGEST_TWO),
    Question(
        "regression v1 v2 by id2 id4",
        "SELECT id2, id4, pow(corr(v1, v2), 2) AS r2 FROM x GROUP BY id2, id4",
        {"SQLite": SQLITE_CORRELATION},
    ),
    Question(
        "sum v3 count by id1:id6",
        "SELECT id1, id2, id3, id4, id5, id6, sum(v3), count(*) FROM x "
        "GROUP BY id1, id2, id3, id4, id5, id6",
    ),
)

_SUMS = "SELECT count(*), sum(l.v1), sum(r.v2) FROM l"
JOIN: tuple[Question, ...] = (
    Question("small inner on int", f"{_SUMS} INNER JOIN small AS r ON l.id1 = r.id1"),
    Question("medium inner on int", f"{_SUMS} INNER JOIN medium AS r ON l.id2 = r.id2"),
    Question("medium outer on int", f"{_SUMS} LEFT JOIN medium AS r ON l.id2 = r.id2"),
    Question("medium inner on factor", f"{_SUMS} INNER JOIN medium AS r ON l.id5 = r.id5"),
    Question("big inner on int", f"{_SUMS} INNER JOIN big AS r ON l.id3 = r.id3"),
)


def group_by_tables(n_rows: int, folder: Path) -> Iterator[Table]:
    """Write the table of the group-by questions and yield it."""
    random = np.random.default_rng(SEED)
    many = max(n_rows // N_GROUPS, 1)
    few = random.integers(1, N_GROUPS + 1, (4, n_rows))
    wide = random.integers(1, many + 1, (2, n_rows))
    frame = pd.DataFrame(
        {
            "id1": [f"id{number:03d}" for number in few[0]],
            "id2": [f"id{number:03d}" for number in few[1]],
            "id3": [f"id{number:010d}" for number in wide[0]],
            "id4": few[2],
            "id5": few[3],
            "id6": wide[1],
            "v1": random.integers(1, 6, n_rows),
            "v2": random.integers(1, 16, n_rows),
            "v3": np.round(random.uniform(0, 100, n_rows), 6),
        }
    )
    yield _written(folder, "x", X, frame)


def join_tables(n_rows: int, folder: Path) -> Iterator[Table]:
    """Write the four tables of the join questions and yield them."""
    random = np.random.default_rng(SEED)
    sizes = [max(n_rows // 1_000_000, 1), max(n_rows // 1_000, 1), n_rows]
    pools = [random.permutation(int(size * 1.1) + 1) + 1 for size in sizes]

    def keys(level: int, n: int, tail: bool) -> np.ndarray:
        """Return n keys of a level; those of the first table and of the others overlap by 90 %."""
        pool, size = pools[level], sizes[level]
        start = size // 10 if tail else 0
        part = pool[start : start + size]
        return random.permutation(np.resize(part, n))

    for name, levels, tail in (("l", 3, False), ("small", 1, True), ("medium", 2, True)):
        n = n_rows if name == "l" else sizes[levels - 1]
        yield _join_table(folder, name, [keys(i, n, tail) for i in range(levels)], random)
    yield _join_table(folder, "big", [keys(i, n_rows, True) for i in range(3)], random)


def _join_table(
    folder: Path, name: str, keys: list[np.ndarray], random: np.random.Generator
) -> Table:
    """Write one table of the join questions: integer keys, the same as texts, and a value."""
    n = len(keys[0])
    value = "v1" if name == "l" else "v2"
    frame = pd.DataFrame({f"id{i + 1}": k for i, k in enumerate(keys)})
    for i, k in enumerate(keys):
        frame[f"id{i + 4}"] = [f"id{number}" for number in k]
    frame[value] = np.round(random.uniform(0, 100, n), 6)
    columns = [(f"id{i + 1}", "Int32") for i in range(len(keys))]
    columns += [(f"id{i + 4}", "String") for i in range(len(keys))]
    return _written(folder, name, [*columns, (value, "Float64")], frame)


def _written(folder: Path, name: str, columns: Columns, frame: pd.DataFrame) -> Table:
    """Write a frame as CSV."""
    file = folder / f"{name}.csv"
    frame.to_csv(file, index=False)
    return Table(name, columns, file)
