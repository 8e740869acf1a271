"""The shipped model on all 1,797 digits: packed words and PyTorch find the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from nn_ops.conventions import unpack_signs  # noqa: E402 - after the check that torch is there
from nn_ops.digits import load_digits  # noqa: E402 - torch is looked for first
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError  # noqa: E402 - torch is looked for first
from nn_ops.executor import trace  # noqa: E402 - torch is looked for first
from nn_ops.graph import BatchNorm, Conv, Linear, Network, Sign  # noqa: E402 - torch is looked for first
from nn_ops.lower import lower  # noqa: E402 - torch is looked for first
from nn_ops.model_file import load_shipped_model  # noqa: E402 - torch is looked for first
from quant.rebuild import RebuiltLayer, RebuiltNorm, rebuild_network  # noqa: E402 - torch is looked for first
from tests.strategies.graphs import graph_images, graphs  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
"""PyTorch adds in another order, and may fuse a product with the sum that follows it."""


def torch_trace(network: Network, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    """Return what every node of the rebuilt network gives."""
    images = torch.tensor(pixels, dtype=torch.float64)
    return {name: x.numpy() for name, x in rebuild_network(network).trace(images).items()}


def assert_equal(network: Network, pixels: NDArray[np.uint8]) -> None:
    """Compare every stage with PyTorch's node: equal signs, and reals within the tolerance."""
    expected, program = torch_trace(network, pixels), lower(network)
    try:
        found = trace(program, pixels)
    except ExtensionError as error:
        if error.code != NN_SIGN_OF_ZERO:
            raise
        read = [node.input for node in network.nodes if isinstance(node, Sign) and not node.zero]
        if not any((expected[name] == 0).any() for name in read):
            raise
        return
    for stage in program.stages:
        values = expected[stage.name]
        if stage.kind == "signs":
            signs = unpack_signs(found[stage.name], stage.output.channels)
            assert np.array_equal(signs, values), stage.name
        else:
            size = 1 + np.abs(values).max(initial=0.0)
            difference = np.abs(found[stage.name] - values).max(initial=0.0)
            assert difference <= TOLERANCE * size, stage.name


def test_all_digits_have_the_same_signs_and_logits() -> None:
    network, digits = load_shipped_model(), load_digits()
    assert_equal(network, digits.pixels)
    logits = trace(lower(network), digits.pixels)["norm3"].reshape(len(digits), -1)
    answers = torch_trace(network, digits.pixels)["norm3"].reshape(len(digits), -1)
    assert np.array_equal(logits.argmax(axis=1), answers.argmax(axis=1))


def test_the_accuracy_is_the_one_that_the_model_file_states() -> None:
    network, held_out = load_shipped_model(), load_digits().held_out
    logits = torch_trace(network, held_out.pixels)["norm3"].reshape(len(held_out), -1)
    n_right = np.count_nonzero(logits.argmax(axis=1) == held_out.labels)
    assert n_right == 583
    assert n_right / len(held_out) == network.training["accuracy_held_out"]


def test_the_rebuilt_parameters_are_those_of_the_file() -> None:
    network = load_shipped_model()
    modules = iter(rebuild_network(network).layers)
    stored = [node for node in network.nodes if isinstance(node, Conv | Linear | BatchNorm)]
    for node in stored:
        module = next(m for m in modules if isinstance(m, RebuiltLayer | RebuiltNorm))
        if isinstance(node, BatchNorm):
            assert module.eps == node.eps
            pairs = [
                (node.gamma, module.weight),
                (node.beta, module.bias),
                (node.mean, module.running_mean),
                (node.variance, module.running_var),
            ]
        else:
            assert module.weight.abs().eq(1).all()
            pairs = [(node.bias, module.bias)]
        for values, rebuilt in pairs:
            assert np.array_equal(values, rebuilt.numpy())


@given(st.data())
def test_any_small_network_has_the_same_signs_and_logits(data: st.DataObject) -> None:
    network = data.draw(graphs())
    assert_equal(network, data.draw(graph_images(network)))
