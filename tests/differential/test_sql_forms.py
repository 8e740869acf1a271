"""Networks as SQL scripts give what PyTorch gives, at every node or stage."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from nn_ops.lower import lower
from tests.support.sample_networks import VARIANTS, every_node, random_pixels
from tests.support.sql_forms import FORMS, NAMES, run_dl2sql, run_smartlite

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
N_IMAGES = 5


def pytorch_outputs(network, pixels):
    """What PyTorch gives at every node, one row per image."""
    from quant.rebuild import rebuild_network

    shape = network.image.shape
    images = torch.tensor(pixels.reshape(-1, shape.height, shape.width, shape.channels) * 1.0)
    outputs = rebuild_network(network).trace(images)
    return {name: out.numpy().reshape(len(pixels), -1) for name, out in outputs.items()}


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
