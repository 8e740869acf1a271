"""Networks as SQL scripts give what PyTorch gives, at every node."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.sample_networks import VARIANTS, every_node, random_pixels
from tests.support.sql_forms import NAMES, run_dl2sql

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
N_IMAGES = 5


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_node_of_the_dl2sql_form_equals_pytorch(variant):
    from tests.support.torch_graph import run_graph

    network = every_node(**VARIANTS[variant])
    pixels = random_pixels(network, N_IMAGES)
    expected = run_graph(network, pixels)
    found = run_dl2sql(network, pixels)
    for number, node in enumerate(network.nodes[1:], start=1):
        values = found.values(NAMES.stage(number, node.name), "value")
        wanted = expected[node.name].reshape(N_IMAGES, -1)
        assert np.abs(values - wanted).max() <= TOLERANCE, node.name
    classes, logits = found.answers()
    assert classes == expected["logits"].reshape(N_IMAGES, -1).argmax(axis=1).tolist()
    assert np.abs(logits - expected["logits"].reshape(N_IMAGES, -1)).max() <= TOLERANCE
