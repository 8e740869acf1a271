"""Networks as SQL scripts give what PyTorch gives, at every node or stage."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from minidb.errors import MiniDBError
from nn_ops.conventions import pack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Conv, Input, Linear, Network, Normalize, Sign, Weights
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen.relations import EQUAL_IDS, WRONG_PIXEL, WRONG_SIZE, ZERO_HAS_NO_SIGN
from tests.support.sample_networks import VARIANTS, every_node, random_pixels
from tests.support.sql_forms import FORMS, NAMES, run_dl2sql, run_smartlite

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
N_IMAGES = 5


def pytorch_outputs(network, pixels):
    """What PyTorch gives at every node, one row per image."""
    from tests.support.torch_graph import run_graph

    shape = network.image.shape
    images = pixels.reshape(-1, shape.height, shape.width, shape.channels)
    outputs = run_graph(network, images)
    return {name: out.reshape(len(pixels), -1) for name, out in outputs.items()}


@cache
def sample(variant):
    """A network, its images, and what PyTorch gives at every node, one row per image."""
    network = every_node(**VARIANTS[variant])
    pixels = random_pixels(network, N_IMAGES)
    return network, pixels, pytorch_outputs(network, pixels)


def check_answers(found, logits):
    classes, values = found.answers()
    assert np.abs(values - logits).max() <= TOLERANCE
    assert classes == values.argmax(axis=1).tolist()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_node_of_the_dl2sql_form_equals_pytorch(variant):
    network, pixels, expected = sample(variant)
    found = run_dl2sql(network, pixels)
    for number, node in enumerate(network.nodes[1:], start=1):
        values = found.values(NAMES.stage(number, node.name), "value")
        assert np.abs(values - expected[node.name]).max() <= TOLERANCE, node.name
    check_answers(found, expected["logits"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_stage_of_the_smartlite_form_equals_pytorch(variant):
    network, pixels, expected = sample(variant)
    found = run_smartlite(network, pixels)
    for number, stage in enumerate(lower(network).stages, start=1):
        column = "2 * toInt8(bit) - 1" if stage.kind == "signs" else "value"
        values = found.values(NAMES.stage(number, stage.name), column)
        assert np.abs(values - expected[stage.name]).max() <= TOLERANCE, stage.name
    check_answers(found, expected["logits"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("settings", [{}, {"max_threads": 2, "max_block_size": 1000}])
def test_rows_in_any_order_change_nothing(form, settings):
    network, pixels, expected = sample("pruned, a filter wholly")
    check_answers(FORMS[form](network, pixels, shuffles=True, **settings), expected["logits"])


def sign_of_nothing():
    """A network of which one sign is of 0: its filter has no weight left, and no bias."""
    kept = pack_bits(np.array([[True] * 12, [False] * 12]))
    nodes = (
        Input("image", ImageShape(2, 2, 3), 255),
        Normalize("norm", "image", (0.3, 0.4, 0.5), (0.5, 0.25, 0.5)),
        Conv("conv", "norm", Window((2, 2)), 2, Weights(kept, kept)),
        Sign("sign", "conv", 0),
        Linear("logits", "sign", 2, Weights(pack_bits(np.eye(2, dtype=np.bool_)))),
    )
    return Network("nothing", nodes, ("a", "b"), {})


def test_a_sign_of_zero_is_refused_where_no_bit_can_hold_it():
    network = sign_of_nothing()
    pixels = random_pixels(network, 2)
    with pytest.raises(MiniDBError) as caught:
        run_smartlite(network, pixels)
    assert caught.value.code.number == 395
    assert ZERO_HAS_NO_SIGN in caught.value.message
    check_answers(run_dl2sql(network, pixels), pytorch_outputs(network, pixels)["logits"])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("(1, range(3))", WRONG_SIZE),
        ("(1, arrayResize([17], 64))", WRONG_PIXEL),
        ("(1, arrayResize([-1], 64))", WRONG_PIXEL),
        ("(1, arrayResize([1], 64)), (1, arrayResize([2], 64))", EQUAL_IDS),
    ],
)
def test_images_that_the_network_does_not_take(form, rows, message):
    found = FORMS[form](load_shipped_model(), np.zeros((1, 8, 8, 1), np.uint8))
    columns = "(id UInt64, pixels Array(Int16)) ENGINE = Memory"
    found.connection.execute(f"CREATE OR REPLACE TABLE {NAMES.images} {columns}")
    found.connection.execute(f"INSERT INTO {NAMES.images} VALUES {rows}")
    (statement,) = (each for each in found.statements if each.name == "pixels")
    with pytest.raises(MiniDBError) as caught:
        found.connection.execute(statement.sql)
    assert message in caught.value.message
