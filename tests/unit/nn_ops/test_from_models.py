"""The script that EXPLAIN MODEL prints runs as it stands, on the tables in which models are kept."""

from __future__ import annotations

import numpy as np
import pytest

from minidb.dbapi import connect
from nn_ops.executor import run
from nn_ops.geometry import ImageShape
from nn_ops.graph import Input, Linear, Network, Normalize, Sign
from nn_ops.lower import lower
from nn_ops.model_file import write_network
from nn_ops.sqlgen.form_tables import dl2sql_tables, smartlite_tables
from nn_ops.sqlgen.load import create_images
from nn_ops.sqlgen.statement import Names
from tests.support.sample_networks import VARIANTS, every_node, random_pixels, random_weights

NAMES = Names("net")
TOLERANCE = 1e-9
N_IMAGES = 3
EXACT = {"limits", "thresholds", "normalize", "image", "pruned_filters"}


def explained(tmp_path, network, pixels, form):
    """A database in which the printed script of a form has run."""
    path = tmp_path / "net.safetensors"
    write_network(network, path)
    connection = connect(":memory:")
    connection.execute(f"CREATE MODEL net FROM '{path}'")
    create_images(connection, NAMES, pixels)
    lines = connection.execute(f"EXPLAIN MODEL net FORM {form}").rows()
    for statement in "\n".join(line for (line,) in lines).split(";\n"):
        if statement.strip():
            connection.execute(statement.rstrip(";"))
    return connection


def check(connection, network, pixels):
    rows = connection.execute("SELECT id, class, logits FROM net_answers ORDER BY id").rows()
    expected = run(lower(network), pixels)
    assert np.abs(np.array([row[2] for row in rows]) - expected).max() <= TOLERANCE
    assert [row[1] for row in rows] == expected.argmax(axis=1).tolist()


@pytest.mark.parametrize("form", ["smartlite", "dl2sql"])
@pytest.mark.parametrize("variant", ["pruned, a filter wholly", "thermometer, padded with -1"])
def test_the_printed_script_runs_and_its_tables_are_the_same(tmp_path, variant, form):
    network = every_node(**VARIANTS[variant])
    pixels = random_pixels(network, N_IMAGES)
    connection = explained(tmp_path, network, pixels, form)
    check(connection, network, pixels)
    is_smartlite = form == "smartlite"
    tables = smartlite_tables(lower(network)) if is_smartlite else dl2sql_tables(network)
    for table in tables:
        if table.name == "classes":
            continue
        columns = ", ".join(table.columns)
        found = connection.execute(f"SELECT {columns} FROM {NAMES.of(table.name)}").rows()
        wanted = set(table.rows())
        assert wanted <= set(found), table.name
        if table.name in EXACT:
            assert len(found) == table.n_rows, table.name


@pytest.mark.parametrize("zero", [0, 1])
@pytest.mark.parametrize("form", ["smartlite", "dl2sql"])
def test_signs_of_normalized_pixels(tmp_path, form, zero):
    """A sign of a normalized pixel is a threshold; at 51 of 255 the first channel is exactly 0."""
    weights = random_weights(np.random.default_rng(1), 4, 12)
    image = Input("image", ImageShape(2, 2, 3), 255)
    mean = (0.2 if zero else 0.3001, 0.5, 0.7)
    nodes = (
        image,
        Normalize("norm", "image", mean, (0.5, 0.25, 0.5)),
        Sign("sign", "norm", zero),
        Linear("logits", "sign", 4, weights),
    )
    network = Network("signs", nodes, tuple("abcd"), {})
    pixels = np.array([[51, 127, 178] * 4, [52, 128, 179] * 4, [0, 255, 180] * 4], np.uint8)
    connection = explained(tmp_path, network, pixels, form)
    check(connection, network, pixels)
