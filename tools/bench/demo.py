"""The demo's 599 images through SQL: tables, layers, argmax."""

from __future__ import annotations

import time

from minidb.dbapi import connect
from nn_ops.demo import PREFIX
from nn_ops.demo_form import network_statements
from nn_ops.demo_tables import create_tables, image_tables, model_tables
from nn_ops.digits import N_HELD_OUT, N_IMAGES, load_digits
from nn_ops.model_file import load_shipped_model
from nn_ops.network import as_layers
from tools.bench.measure import Row, best_of

LIMIT_S = 5.0


def run() -> list[Row]:
    """Measure the whole, and each layer once."""
    best = best_of({"minidb": classify}, rounds=3)
    layers = [Row(f"  of which {name}", seconds) for name, seconds in classify()]
    return [Row("demo: 599 images classified", best["minidb"], limit_s=LIMIT_S), *layers]


def classify() -> list[tuple[str, float]]:
    """Classify the held-out digits in a new database; return each statement's seconds."""
    network, digits = as_layers(load_shipped_model()), load_digits().held_out
    connection = connect(":memory:")
    create_tables(connection, model_tables(network, PREFIX))
    create_tables(connection, image_tables(digits, PREFIX, N_IMAGES - N_HELD_OUT))
    took = []
    for statement in network_statements(network, PREFIX):
        start = time.perf_counter()
        connection.execute(statement.sql, statement.parameters)
        took.append((statement.name, time.perf_counter() - start))
    connection.close()
    return took
