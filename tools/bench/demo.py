"""The demo's 599 images through SQL: tables, layers, argmax."""

from __future__ import annotations

import time

from minidb.dbapi import connect
from nn_ops.demo import NAMES, create_images, demo_statements
from nn_ops.digits import load_digits
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen.form_tables import smartlite_tables
from nn_ops.sqlgen.load import create_tables
from tools.bench.measure import Row, best_of

LIMIT_S = 5.0


def run() -> list[Row]:
    """Measure the whole, and each stage once."""
    best = best_of({"minidb": classify}, rounds=3)
    stages = [Row(f"  of which {name}", seconds) for name, seconds in classify()]
    return [Row("demo: 599 images classified", best["minidb"], limit_s=LIMIT_S), *stages]


def classify() -> list[tuple[str, float]]:
    """Classify the held-out digits in a new database; return each statement's seconds."""
    connection = connect(":memory:")
    create_tables(connection, NAMES, smartlite_tables(lower(load_shipped_model())))
    create_images(connection, load_digits().held_out)
    took = []
    for statement in demo_statements():
        start = time.perf_counter()
        connection.execute(statement.sql)
        took.append((statement.name, time.perf_counter() - start))
    connection.close()
    return took
