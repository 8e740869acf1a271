"""Binarized layers: forward signs, straight-through gradients, the border of -1."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - after the check that torch is there
from torch.nn import functional  # noqa: E402 - torch is looked for first

from quant.binarize import (  # noqa: E402 - torch is looked for first
    BACKGROUND,
    BinActive,
    BinarizeConv2d,
    BinarizeLinear,
    clamp_latent_weights,
)
from quant.errors import QUANT_BAD_OPTION, ExtensionError  # noqa: E402 - torch is looked for first
from quant.estimators import (  # noqa: E402 - torch is looked for first
    binarize_activation,
    binarize_stochastic,
    binarize_weight,
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
    layer = BinarizeLinear(7, 3, binary_input=False).double()
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
    layer = BinarizeConv2d(1, 1, 3, padding=1, padding_value=BACKGROUND, bias=False)
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


def test_the_sign_of_zero_is_one_by_argument() -> None:
    x = torch.tensor([*VALUES, float("nan")])
    assert binarize_activation(x, zero=1)[:-1].tolist() == [-1, -1, -1, -1, 1, 1, 1, 1, 1, 1]
    assert binarize_activation(x, zero=1)[-1].isnan()
    assert binarize_weight(torch.zeros(2), zero=1).tolist() == [1, 1]
    layer = BinarizeLinear(2, 1, zero=1)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
    assert layer(torch.zeros(1, 2)).item() == 2


@pytest.mark.parametrize("p", [-1.5, -1.0, -0.6, 0.0, 0.3, 1.0, 2.0])
def test_stochastic_signs_have_the_documented_probability(p: float) -> None:
    x = torch.full((100_000,), p)
    before = x.clone()
    signs = binarize_stochastic(x, torch.Generator().manual_seed(5))
    expected = min(max((p + 1) / 2, 0.0), 1.0)
    sigma = (expected * (1 - expected) / len(x)) ** 0.5
    assert set(signs.unique().tolist()) <= {-1.0, 1.0}
    assert abs((signs == 1).double().mean().item() - expected) <= 3 * sigma
    assert torch.equal(x, before)


def test_stochastic_signs_repeat_and_pass_the_masked_gradient() -> None:
    x = torch.tensor(VALUES, requires_grad=True)
    first, second = (binarize_stochastic(x, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)
    first.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [float(abs(v) < 1) for v in VALUES]


def test_a_layer_draws_its_signs_only_while_training() -> None:
    layer = BinarizeLinear(400, 1, generator=torch.Generator().manual_seed(0))
    x = torch.zeros(1, 400)
    assert layer(x) != layer(x)
    layer.eval()
    assert layer(x).item() == pytest.approx(layer.bias.item())


@pytest.mark.parametrize("seed", range(100))
def test_gradients_equal_the_formula_and_finite_differences(seed: int) -> None:
    """The estimator's gradient is that of the loss over the signs, times the mask |x| < 1."""
    draw = torch.Generator().manual_seed(seed)

    def pick(*among: int) -> int:
        return among[int(torch.randint(len(among), (), generator=draw))]

    groups = pick(1, 2)
    stride, padding, dilation = pick(1, 2), pick(0, 1), pick(1, 2)
    layer = BinarizeConv2d(
        2 * groups, 3 * groups, (pick(1, 2), pick(2, 3)), stride, padding, dilation, groups,
        padding_value=pick(0, -1), zero=pick(0, 1),
    ).double()  # fmt: skip
    x = torch.randn(2, 2 * groups, 6, 7, generator=draw, dtype=torch.float64) * 1.2
    x.requires_grad_()
    target = torch.randn(layer(x).shape, generator=draw, dtype=torch.float64)

    def loss(signs: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        value = float(layer.padding_value)
        padded = functional.pad(signs, (padding,) * 4, value=value)
        sums = functional.conv2d(padded, weight, bias, stride, 0, dilation, groups)
        return (torch.tanh(sums / 4) * target).sum()

    signs, weight = torch.sign(x.detach()), torch.sign(layer.weight.detach())
    (torch.tanh(layer(x) / 4) * target).sum().backward()
    values = [signs, weight, layer.bias.detach().clone()]
    masks = [x.detach().abs() < 1, torch.ones_like(weight), torch.ones_like(values[2])]
    for place, gradient in enumerate([x.grad, layer.weight.grad, layer.bias.grad]):
        assert gradient is not None
        for cell in torch.randint(gradient.numel(), (6,), generator=draw).tolist():
            step = torch.zeros_like(values[place])
            step.view(-1)[cell] = 1e-5
            above, below = list(values), list(values)
            above[place], below[place] = values[place] + step, values[place] - step
            slope = (loss(*above) - loss(*below)).item() / 2e-5
            expected = slope * float(masks[place].view(-1)[cell])
            assert gradient.view(-1)[cell].item() == pytest.approx(expected, abs=1e-7)


def test_a_convolution_equals_pytorchs_over_the_signs() -> None:
    layer = BinarizeConv2d(4, 6, (3, 2), (2, 1), (1, 2), (1, 2), groups=2).double().eval()
    x = torch.randn(2, 4, 9, 8, dtype=torch.float64)
    wanted = functional.conv2d(
        torch.sign(x), torch.sign(layer.weight), layer.bias, (2, 1), (1, 2), (1, 2), 2
    )
    assert torch.allclose(layer(x), wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("channels", [3, 784])
def test_whether_the_input_stays_real_is_an_argument(channels: int) -> None:
    x = torch.full((1, channels), 0.5)
    binary, real = (
        BinarizeLinear(channels, 1, False),
        BinarizeLinear(channels, 1, False, binary_input=False),
    )
    with torch.no_grad():
        binary.weight.fill_(0.1)
        real.weight.fill_(0.1)
    assert (binary(x).item(), real(x).item()) == (channels, channels / 2)


def test_latent_weights_survive_a_step_and_stay_in_range() -> None:
    layer = BinarizeLinear(5, 4)
    before = layer.weight.detach().clone()
    optimizer = torch.optim.SGD(layer.parameters(), lr=10.0)
    layer(torch.randn(3, 5)).square().sum().backward()
    gradient = layer.weight.grad.clone()
    optimizer.step()
    clamp_latent_weights(layer)
    assert torch.equal(layer.weight, (before - 10 * gradient).clamp(-1, 1))
    assert layer.bias.abs().max() <= 1


def test_a_pruned_weight_counts_as_zero_and_stays_so() -> None:
    layer = BinarizeLinear(3, 2, False)
    mask = torch.tensor([[True, False, True], [True, True, True]])
    layer.prune(mask)
    signs = torch.sign(layer.weight.detach()) * mask
    assert torch.equal(layer(torch.eye(3)), (torch.eye(3) @ signs.T))
    layer(torch.randn(2, 3)).sum().backward()
    assert layer.weight.grad[0, 1] == 0
    again = BinarizeLinear(3, 2, False)
    again.load_state_dict(layer.state_dict())
    assert torch.equal(again(torch.eye(3)), layer(torch.eye(3)))
    again.load_state_dict(BinarizeLinear(3, 2, False).state_dict())
    assert again.mask is None


def test_signs_are_flattened_by_row_column_channel() -> None:
    layer = BinarizeConv2d(2, 1, (1, 2))
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[[0.1, -0.2]], [[0.0, 0.4]]]]))
    assert layer.flat_signs().tolist() == [[1, 0, -1, 1]]


def test_a_sign_without_estimator_stops_every_gradient() -> None:
    x = torch.tensor([0.5, -0.5], requires_grad=True)
    BinActive()(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1, 1]
    y = BinActive(estimator="none")(x * 1.0)
    assert y.tolist() == [1, -1]
    x.grad = None
    (y + 0 * x).sum().backward()
    assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize(
    "make",
    [
        lambda: BinarizeLinear(2, 2, zero=2),
        lambda: BinarizeLinear(0, 2),
        lambda: BinarizeConv2d(3, 4, 3, groups=2),
        lambda: BinarizeConv2d(3, 4, 3, padding_value=0.5),
        lambda: BinarizeLinear(2, 2).prune(torch.ones(2, 3, dtype=torch.bool)),
    ],
)
def test_bad_sizes_are_refused(make: object) -> None:
    with pytest.raises(ExtensionError) as caught:
        make()
    assert caught.value.code == QUANT_BAD_OPTION


def test_layers_show_what_they_are() -> None:
    shown = repr(nn.Sequential(BinarizeConv2d(3, 4, 3), BinarizeLinear(4, 2), BinActive()))
    assert "3, 4, kernel_size=(3, 3)" in shown
    assert "binary_input=True" in shown
    assert "estimator='masked'" in shown
