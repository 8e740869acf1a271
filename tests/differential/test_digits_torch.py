"""The shipped model on all 1,797 digits: packed words and PyTorch find the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from nn_ops.digits import load_digits  # noqa: E402 - after the check that torch is there
from nn_ops.forward import run  # noqa: E402 - torch is looked for first
from nn_ops.model_file import load_shipped_model  # noqa: E402 - torch is looked for first
from nn_ops.network import Network, as_layers  # noqa: E402 - torch is looked for first
from nn_ops.threshold import fold  # noqa: E402 - torch is looked for first
from quant.rebuild import rebuild_network  # noqa: E402 - torch is looked for first
from tests.strategies.networks import certain_batch_norms, images, networks  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

LOGIT_TOLERANCE = 1e-9
"""PyTorch adds the mean's term after scaling, and may fuse the two; the sums are exact."""


def torch_answers(
    network: Network, pixels: NDArray[np.uint8]
) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the sums of every layer, channels last, and the logits of the rebuilt network."""
    image = network.image
    batch = torch.tensor(pixels, dtype=torch.float64).reshape(-1, image.height, image.width)
    with torch.no_grad():
        sums, logits = rebuild_network(network).stages(batch)
    last = [each.permute(0, 2, 3, 1) if each.dim() == 4 else each for each in sums]
    return [each.numpy() for each in last], logits.numpy()


def test_all_digits_have_the_same_sums_and_logits() -> None:
    network, digits = as_layers(load_shipped_model()), load_digits()
    trace = run(network, digits.pixels)
    sums, logits = torch_answers(network, digits.pixels)
    for found, expected in zip(trace.sums, sums, strict=True):
        assert np.array_equal(found, expected)
    assert np.abs(trace.logits - logits).max() <= LOGIT_TOLERANCE
    assert np.array_equal(trace.logits.argmax(axis=1), logits.argmax(axis=1))


def test_the_accuracy_is_the_one_that_the_model_file_states() -> None:
    network, held_out = as_layers(load_shipped_model()), load_digits().held_out
    _, logits = torch_answers(network, held_out.pixels)
    n_right = np.count_nonzero(logits.argmax(axis=1) == held_out.labels)
    assert n_right / len(held_out) == network.training["accuracy_held_out"]
    assert n_right / len(held_out) >= 0.97


def test_the_rebuilt_parameters_are_those_of_the_file() -> None:
    network = as_layers(load_shipped_model())
    for layer, module in zip(network.layers, rebuild_network(network).layers, strict=True):
        assert module.weight.abs().eq(1).all()
        assert module.norm.eps == layer.norm.eps
        for stored, rebuilt in [
            (layer.norm.bias, module.bias),
            (layer.norm.gamma, module.norm.weight),
            (layer.norm.beta, module.norm.bias),
            (layer.norm.mean, module.norm.running_mean),
            (layer.norm.variance, module.norm.running_var),
        ]:
            assert np.array_equal(stored, rebuilt.numpy())


@given(st.data())
def test_any_small_network_has_the_same_sums_and_logits(data: st.DataObject) -> None:
    network = data.draw(networks())
    pixels = data.draw(images(network))
    trace = run(network, pixels)
    sums, logits = torch_answers(network, pixels)
    for found, expected in zip(trace.sums, sums, strict=True):
        assert np.array_equal(found, expected)
    size = 1 + np.abs(logits).max(initial=0.0)
    assert np.abs(trace.logits - logits).max(initial=0.0) <= LOGIT_TOLERANCE * size


@given(st.data(), st.integers(1, 130))
def test_limits_decide_as_torch_does_for_every_sum(data: st.DataObject, fan_in: int) -> None:
    norm = data.draw(certain_batch_norms(3, fan_in))
    distances = np.arange(fan_in + 1)[:, None]
    totals = torch.tensor(fan_in - 2 * distances, dtype=torch.float64) + torch.tensor(norm.bias)
    values = torch.nn.functional.batch_norm(
        totals,
        torch.tensor(norm.mean),
        torch.tensor(norm.variance),
        torch.tensor(norm.gamma),
        torch.tensor(norm.beta),
        eps=norm.eps,
    )
    assert np.array_equal(fold(fan_in, norm).apply(distances), (values > 0).numpy())
