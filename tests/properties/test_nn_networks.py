"""Whole graphs three times: plain loops, the lowered program and PyTorch find the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from nn_ops import executor, reference
from nn_ops.conventions import unpack_signs
from nn_ops.errors import NN_SHAPE_MISMATCH, NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.graph import BatchNorm, Input, Network, Node, Sign, shapes_of
from nn_ops.lower import lower
from tests.strategies.graphs import graph_images, graphs
from tests.support.torch_graph import run_graph

pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
"""Of reals: PyTorch may add in another order, and fuse a product with the sum that follows."""


def has_a_zero(network: Network, by_torch: dict[str, np.ndarray]) -> bool:
    """Return whether a sign would be taken of a 0 that has none, or of what rounding left of it."""
    signs = [node for node in network.nodes if isinstance(node, Sign)]
    return any(np.abs(by_torch[node.input]).min(initial=1) < TOLERANCE for node in signs)


@given(st.data())
def test_every_node_gives_what_torch_gives(data: st.DataObject) -> None:
    network = data.draw(graphs())
    pixels = data.draw(graph_images(network))
    by_torch = run_graph(network, pixels)
    if has_a_zero(network, by_torch):
        return
    for row, image in enumerate(pixels):
        plain = reference.trace(network, image.ravel().tolist())
        for node in network.nodes:
            expected = by_torch[node.name][row].ravel()
            found = np.array(reference.values_of(plain[node.name]))
            assert np.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE), node.name


@given(st.data())
def test_every_stage_gives_what_plain_loops_give(data: st.DataObject) -> None:
    network = data.draw(graphs())
    pixels = data.draw(graph_images(network))
    try:
        found = executor.trace(lower(network), pixels)
    except ExtensionError as error:
        if error.code != NN_SIGN_OF_ZERO:
            raise
        return
    shapes = shapes_of(network)
    for row, image in enumerate(pixels):
        plain = reference.trace(network, image.ravel().tolist())
        for name, column in found.items():
            is_packed = column.dtype == np.uint64
            values = unpack_signs(column, shapes[name].channels) if is_packed else column
            expected = reference.values_of(plain[name])
            assert np.allclose(values[row].ravel(), expected, rtol=TOLERANCE, atol=TOLERANCE), name


def test_a_reference_run_gives_logits_by_image_and_class() -> None:
    network = doubling()
    pixels = np.array([[[[1], [2]]], [[[3], [4]]]])
    assert reference.run(network, pixels).tolist() == [[2.0, 4.0], [6.0, 8.0]]
    assert reference.run(network, pixels[:0]).shape == (0, 2)


def doubling() -> Network:
    """Return a network that doubles two pixels."""
    two, zero = np.full(1, 2.0), np.zeros(1)
    nodes: tuple[Node, ...] = (
        Input("pixels", ImageShape(1, 2, 1), 255),
        BatchNorm("double", "pixels", two, zero, zero, np.full(1, 0.75), 0.25),
    )
    return Network("doubling", nodes, ("a", "b"), {})


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ExtensionError) as caught:
        reference.run(doubling(), np.zeros((1, 3), np.uint8))
    assert caught.value.code == NN_SHAPE_MISMATCH
