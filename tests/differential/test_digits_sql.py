"""The digits network run by SQL: sums of every layer and logits equal PyTorch's, image by image."""

from __future__ import annotations

import numpy as np
import pytest

from minidb.dbapi import connect
from nn_ops.demo_form import distances_query, network_statements
from nn_ops.demo_tables import create_tables, image_tables, model_tables
from nn_ops.digits import load_digits
from nn_ops.forward import run
from nn_ops.model_file import load_shipped_model
from nn_ops.network import as_layers

PREFIX = "digits"
LOGIT_TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def network():
    return as_layers(load_shipped_model())


@pytest.fixture(scope="module")
def digits():
    return load_digits()


@pytest.fixture(scope="module")
def answered(network, digits):
    """A database in which all 1,797 images have been classified."""
    connection = connect(":memory:")
    create_tables(connection, model_tables(network, PREFIX))
    create_tables(connection, image_tables(digits, PREFIX, 0))
    for statement in network_statements(network, PREFIX):
        connection.execute(statement.sql, statement.parameters)
    yield connection
    connection.close()


def sql_sums(connection, network, number):
    """The integer sums of one layer, shape (images, positions, filters), from its SQL."""
    layer = network.layers[number - 1]
    query = distances_query(layer, number, PREFIX, "")
    sql = (
        f"SELECT image, position, channel, distance FROM ({query}) AS d "
        "ORDER BY image, position, channel"
    )
    found = connection.execute(sql, {"layer": number}).numpy()
    n_positions = int(found["position"].max()) + 1
    distances = found["distance"].astype(np.int64)
    return (layer.fan_in - 2 * distances).reshape(-1, n_positions, layer.output.channels)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_sums_of_a_layer_equal_the_packed_network(answered, network, digits, number):
    expected = run(network, digits.pixels).sums[number - 1]
    found = sql_sums(answered, network, number)
    assert np.array_equal(found, expected.reshape(found.shape))


def test_logits_equal_the_packed_network(answered, network, digits):
    found = answered.execute(f"SELECT logit FROM {PREFIX}_logits ORDER BY image, class").numpy()[
        "logit"
    ]
    expected = run(network, digits.pixels).logits
    assert np.abs(found.reshape(expected.shape) - expected).max() <= LOGIT_TOLERANCE


@pytest.mark.torch
def test_sums_and_logits_equal_pytorch(answered, network, digits):
    torch = pytest.importorskip("torch")
    from quant.rebuild import rebuild_network

    images = torch.from_numpy(digits.pixels.astype(np.float64)).reshape(-1, 8, 8)
    with torch.no_grad():
        all_sums, expected = rebuild_network(network).stages(images)
    for number, sums in enumerate(all_sums, start=1):
        found = sql_sums(answered, network, number)
        last = sums.permute(0, 2, 3, 1) if sums.dim() == 4 else sums
        assert np.array_equal(found, last.numpy().reshape(found.shape))
    logits = answered.execute(f"SELECT logit FROM {PREFIX}_logits ORDER BY image, class").numpy()[
        "logit"
    ]
    assert np.abs(logits.reshape(expected.shape) - expected.numpy()).max() <= LOGIT_TOLERANCE


def test_predictions_are_the_largest_logits(answered, network, digits):
    rows = answered.execute(
        f"SELECT image, predicted FROM {PREFIX}_predictions ORDER BY image"
    ).rows()
    expected = run(network, digits.pixels).logits.argmax(axis=1)
    assert [predicted for _, predicted in rows] == expected.tolist()
    assert [image for image, _ in rows] == list(range(len(digits)))


def test_shuffled_tables_and_small_batches_change_nothing(network, digits):
    """Row order and batch size are no part of the answer."""
    few = digits[-12:]
    answers = []
    for shuffle, batch_rows in ((False, 65_536), (True, 65_536), (True, 1_000)):
        connection = connect(":memory:")
        connection.execute(f"SET max_block_size = {batch_rows}")
        tables = [*model_tables(network, PREFIX), *image_tables(few, PREFIX, 0)]
        for table in tables:
            if shuffle:
                np.random.default_rng(7).shuffle(table.rows)
            connection.execute(f"CREATE TABLE {table.name} ({table.columns}) ENGINE = Memory")
            marks = ", ".join("?" * len(table.columns.split(", ")))
            connection.insert_rows(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)
        for statement in network_statements(network, PREFIX):
            connection.execute(statement.sql, statement.parameters)
        answers.append(
            connection.execute(
                f"SELECT image, class, total, logit FROM {PREFIX}_logits ORDER BY image, class"
            ).rows()
        )
        connection.close()
    assert answers[0] == answers[1] == answers[2]
