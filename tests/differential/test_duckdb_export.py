"""An exported network gives in stock DuckDB what it gives here."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.digits import load_digits
from nn_ops.executor import run
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen.duckdb import export_duckdb
from tests.support.sample_networks import VARIANTS, every_node, random_pixels
from tests.support.sql_forms import script_statements

duckdb = pytest.importorskip("duckdb")

TOLERANCE = 1e-9
N_DIGITS = 200


def check(tmp_path, monkeypatch, network, pixels):
    program = lower(network)
    export_duckdb(program, "net", tmp_path)
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as server:
        for name in ("prelude.sql", "tables.sql"):
            for statement in script_statements(tmp_path / name):
                server.execute(statement)
        flat = pixels.reshape(len(pixels), -1).tolist()
        server.executemany("INSERT INTO images VALUES (?, ?)", list(enumerate(flat)))
        for statement in script_statements(tmp_path / "smartlite.sql"):
            server.execute(statement)
        rows = server.fetchall()
    expected = run(program, pixels)
    assert [row[0] for row in rows] == list(range(len(pixels)))
    assert np.abs(np.array([row[2] for row in rows]) - expected).max() <= TOLERANCE
    assert [row[1] for row in rows] == expected.argmax(axis=1).tolist()


def test_the_digits_are_read_alike_in_duckdb(tmp_path, monkeypatch):
    check(tmp_path, monkeypatch, load_shipped_model(), load_digits().pixels[:N_DIGITS])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_of_stage_runs_alike_in_duckdb(tmp_path, monkeypatch, variant):
    network = every_node(**VARIANTS[variant])
    check(tmp_path, monkeypatch, network, random_pixels(network, 4))
