"""``python -m tools.bench sql``: every question on every engine, answers checked, times compared."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from math import exp, log
from pathlib import Path
from typing import TypeAlias

from tools.bench.measure import Row
from tools.bench.sql import db_benchmark, tpch
from tools.bench.sql.answers import difference
from tools.bench.sql.engines import (
    SQLITE_LIMIT_S,
    ClickHouse,
    DuckDB,
    Engine,
    MiniDB,
    SQLite,
)
from tools.bench.sql.question import Question, Table

N_ROWS = 1_000_000
SCALE = 0.1
ROUNDS = 3
SLOW_S = 5.0
"""A query slower than this is run once: its noise is small beside its time."""

MAX_RATIO_DUCKDB = 6.0

MakeTables: TypeAlias = Callable[[Path], Iterable[Table]]


def run(n_rows: int = N_ROWS, scale: float = SCALE) -> list[Row]:
    """Race all four engines and return two rows a suite: beside SQLite and beside DuckDB.

    Raises
    ------
    SystemExit
        When an answer of minidb differs from DuckDB's.
    """
    rows: list[Row] = []
    group_by, join = db_benchmark.group_by_tables, db_benchmark.join_tables
    suites: tuple[tuple[str, MakeTables, tuple[Question, ...]], ...] = (
        (f"db-benchmark group by, {n_rows:,}", partial(group_by, n_rows), db_benchmark.GROUP_BY),
        (f"db-benchmark join, {n_rows:,}", partial(join, n_rows), db_benchmark.JOIN),
        (f"TPC-H, scale {scale}", partial(tpch.tables, scale), tpch.questions()),
    )
    total: list[dict[str, float]] = []
    for name, make, questions in suites:
        with tempfile.TemporaryDirectory() as folder:
            engines = loaded(make(Path(folder)))
        print(name)
        times = [race(question, engines) for question in questions]
        total += times
        rows += summary(name, times)
    return [*rows, *summary("all", total)]


def loaded(tables: Iterable[Table]) -> list[Engine]:
    """Return one engine of each kind with the tables."""
    engines: list[Engine] = [MiniDB(), SQLite(), DuckDB(), ClickHouse()]
    for table in tables:
        for engine in engines:
            engine.load(table)
    return engines


def race(question: Question, engines: Sequence[Engine]) -> dict[str, float]:
    """Run one question on every engine in turns and return the best seconds of each."""
    best: dict[str, float] = {}
    answers = {}
    for engine in engines:
        start = time.perf_counter()
        try:
            answers[engine.name] = engine.run(question.text(engine.name))
            best[engine.name] = time.perf_counter() - start
        except TimeoutError:
            best[engine.name] = SQLITE_LIMIT_S
    rows = {
        engine.name: engine.rows(answers[engine.name])
        for engine in engines
        if engine.name in answers
    }
    for name, answer in rows.items():
        found = difference(rows["minidb"], answer, question.is_ordered)
        if found is not None and name != "chdb":
            raise SystemExit(f"{question.name}: minidb and {name} differ: {found}")
        if found is not None:
            print(f"  {question.name}: chdb differs: {found}")
    for _ in range(ROUNDS):
        for engine in engines:
            if best[engine.name] < SLOW_S:
                gc.collect()
                start = time.perf_counter()
                engine.run(question.text(engine.name))
                best[engine.name] = min(best[engine.name], time.perf_counter() - start)
    shown = "  ".join(f"{name} {seconds * 1e3:>9.1f}" for name, seconds in best.items())
    print(f"  {question.name:<28} ms: {shown}")
    return best


def summary(suite: str, times: Sequence[dict[str, float]]) -> list[Row]:
    """Return the geometric means of minidb beside those of SQLite and of DuckDB."""
    limits = {"SQLite": 1.0, "DuckDB": MAX_RATIO_DUCKDB, "chdb": None}
    ours = geometric_mean([t["minidb"] for t in times])
    return [
        Row(
            f"{suite}: geometric mean",
            ours,
            peer,
            geometric_mean([t[peer] for t in times]),
            None,
            limit,
        )
        for peer, limit in limits.items()
    ]


def geometric_mean(seconds: Sequence[float]) -> float:
    """Return the geometric mean."""
    return exp(sum(log(s) for s in seconds) / len(seconds))
