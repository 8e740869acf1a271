"""An exported network gives in stock ClickHouse what it gives here."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.digits import load_digits
from nn_ops.executor import run
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen.clickhouse import export_clickhouse
from tests.support.sample_networks import VARIANTS, every_node, random_pixels
from tests.support.sql_forms import script_statements

TOLERANCE = 1e-9
N_DIGITS = 200


@pytest.fixture
def run_export(tmp_path, monkeypatch):
    """Export a program, run the files in ClickHouse, and return classes and logits."""
    pytest.importorskip("chdb")
    from chdb import session

    def run_files(program, pixels):
        export_clickhouse(program, "net", tmp_path)
        monkeypatch.chdir(tmp_path)
        server = session.Session(str(tmp_path / "server"))
        try:
            for name in ("prelude.sql", "tables.sql"):
                for statement in script_statements(tmp_path / name):
                    server.query(statement)
            flat = pixels.reshape(len(pixels), -1).tolist()
            (tmp_path / "images.tsv").write_text("".join(f"{n}\t{p}\n" for n, p in enumerate(flat)))
            server.query("INSERT INTO images FROM INFILE 'images.tsv' FORMAT TSV")
            answers = ""
            for statement in script_statements(tmp_path / "smartlite.sql"):
                answers = str(server.query(statement, "TSV"))
        finally:
            server.close()
        rows = [line.split("\t") for line in answers.strip().split("\n")]
        assert [int(row[0]) for row in rows] == list(range(len(pixels)))
        logits = [[float(v) for v in row[2].strip("[]").split(",")] for row in rows]
        return [int(row[1]) for row in rows], np.array(logits)

    return run_files


def check(program, pixels, classes, logits):
    expected = run(program, pixels)
    assert np.abs(logits - expected).max() <= TOLERANCE
    assert classes == expected.argmax(axis=1).tolist()


def test_the_digits_are_read_alike_in_clickhouse(run_export):
    program = lower(load_shipped_model())
    pixels = load_digits().pixels[:N_DIGITS]
    check(program, pixels, *run_export(program, pixels))


@pytest.mark.parametrize("variant", ["pruned, a filter wholly", "groups, padded with -1"])
def test_every_kind_of_stage_runs_alike_in_clickhouse(run_export, variant):
    network = every_node(**VARIANTS[variant])
    program, pixels = lower(network), random_pixels(network, 4)
    check(program, pixels, *run_export(program, pixels))
