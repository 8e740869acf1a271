"""Mistakes of the published code that no other test is about; see docs/paper_vs_code.md."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops import executor, reference
from nn_ops.conventions import pack_bits
from nn_ops.geometry import ImageShape
from nn_ops.graph import Input, Linear, Network, Sign, Thermometer, Weights
from nn_ops.lower import lower
from tests.support.sql_forms import FORMS


def wide_network(n_filters: int) -> Network:
    """Return a network whose hidden layer has many filters, no two of them alike."""
    random = np.random.default_rng(5)
    first = Weights(pack_bits(random.random((n_filters, 36)) < 0.5))
    last = Weights(pack_bits(random.random((2, n_filters)) < 0.5))
    nodes = (
        Input("pixels", ImageShape(6, 6, 1), 255),
        Thermometer("encoded", "pixels", (127,)),
        Linear("hidden", "encoded", n_filters, first, random.uniform(0.1, 0.9, n_filters)),
        Sign("signs", "hidden"),
        Linear("logits", "signs", 2, last),
    )
    return Network("wide", nodes, ("a", "b"), {})


@pytest.mark.parametrize("form", FORMS)
def test_filters_above_256_have_numbers_of_their_own(form: str) -> None:
    network = wide_network(300)
    pixels = np.random.default_rng(6).integers(0, 256, (3, 6, 6, 1)).astype(np.uint8)
    expected = reference.run(network, pixels)
    _, logits = FORMS[form](network, pixels).answers()
    assert np.array_equal(logits, expected)
    assert np.array_equal(executor.run(lower(network), pixels), expected)
