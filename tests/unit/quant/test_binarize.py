"""Binarized layers: forward signs, straight-through gradients, the border of -1."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from quant.binarize import (  # noqa: E402 - after the check that torch is there
    BinarizeConv2d,
    BinarizeLinear,
    binarize_activation,
    binarize_weight,
    clamp_latent_weights,
)

pytestmark = pytest.mark.torch

VALUES = [-2.0, -1.0, -0.999, -0.5, -0.0, 0.0, 0.5, 0.999, 1.0, 2.0]


def test_the_sign_of_zero_is_zero() -> None:
    signs = binarize_activation(torch.tensor(VALUES)).tolist()
    assert signs == [-1, -1, -1, -1, 0, 0, 1, 1, 1, 1]


def test_an_activations_gradient_passes_strictly_inside_one() -> None:
    x = torch.tensor(VALUES, requires_grad=True)
    arriving = torch.arange(1.0, 11.0)
    binarize_activation(x).backward(arriving)
    assert x.grad is not None
    expected = [g if abs(v) < 1 else 0.0 for v, g in zip(VALUES, arriving.tolist(), strict=True)]
    assert x.grad.tolist() == expected


def test_a_weights_gradient_passes_unchanged() -> None:
    x = torch.tensor(VALUES, requires_grad=True)
    arriving = torch.arange(1.0, 11.0)
    binarize_weight(x).backward(arriving)
    assert x.grad is not None
    assert torch.equal(x.grad, arriving)


def test_a_linear_layers_gradients_use_the_binary_weights() -> None:
    layer = BinarizeLinear(7, 3).double()
    x = torch.randn(5, 7, dtype=torch.float64, requires_grad=True)
    arriving = torch.randn(5, 3, dtype=torch.float64)
    layer(x).backward(arriving)
    assert x.grad is not None
    assert layer.weight.grad is not None
    assert layer.bias.grad is not None
    assert torch.allclose(x.grad, arriving @ torch.sign(layer.weight), rtol=0, atol=1e-12)
    assert torch.allclose(layer.weight.grad, arriving.T @ x, rtol=0, atol=1e-12)
    assert torch.allclose(layer.bias.grad, arriving.sum(0), rtol=0, atol=1e-12)


def test_the_border_of_a_convolution_is_minus_one() -> None:
    layer = BinarizeConv2d(1, 1, 3, padding=1)
    with torch.no_grad():
        layer.weight.fill_(0.25)
    sums = layer(torch.ones(1, 1, 2, 2))
    assert sums.flatten().tolist() == [-1.0] * 4  # four of +1, five of -1


def test_the_bias_is_real() -> None:
    layer = BinarizeLinear(2, 1)
    with torch.no_grad():
        layer.bias.fill_(0.25)
        layer.weight.fill_(-0.1)
    assert layer(torch.ones(1, 2)).item() == -1.75


def test_clamping_keeps_latent_weights_in_range() -> None:
    network = torch.nn.Sequential(BinarizeLinear(4, 3), torch.nn.Linear(3, 1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(3.0)
    clamp_latent_weights(network)
    first, other = network
    assert first.weight.max().item() == first.bias.max().item() == 1.0
    assert other.weight.min().item() == 3.0
