"""Networks: their sizes, gradients in every weight, two steps at reduced width, their arguments."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - after the check that torch is there

from nn_ops.errors import NN_SHAPE_MISMATCH  # noqa: E402 - torch is looked for first
from quant.binarize import binarized_layers, clamp_latent_weights  # noqa: E402 - torch is looked for first
from quant.errors import QUANT_BAD_OPTION, QUANT_UNKNOWN_NAME, ExtensionError  # noqa: E402 - as above
from quant.losses import make_loss  # noqa: E402 - torch is looked for first
from quant.networks import NETWORKS, build, load_family  # noqa: E402 - torch is looked for first
from quant.networks.parts import Normalize, Thermometer  # noqa: E402 - torch is looked for first
from quant.regimes import Step, falling, settings_at  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

IMAGENET = {"layout": "imagenet", "image_size": 224, "classes": 1000}


def n_parameters(name: str, arguments: dict[str, Any]) -> int:
    with torch.device("meta"):
        return sum(one.numel() for one in build(name, arguments).parameters())


@pytest.mark.parametrize(
    ("name", "arguments", "count"),
    [
        ("cnn3", {}, 43_018),
        ("cnn3", {"real_weights": True}, 43_018),
        ("mnist", {}, 42_730),
        ("vgg_cifar10_binary", {}, 36_461_450),
        ("alexnet_binary", {}, 77_196_920),
        ("resnet_binary", {}, 4_338_030),
        ("resnet_binary", {"idle_last_norm": True}, 4_338_030),
        ("digits", {}, 45 * 64 + 64 + 576 * 128 + 128 + 512 * 10 + 10 + 2 * (64 + 128 + 10)),
    ],
)
def test_parameters_are_as_many_as_the_originals(
    name: str, arguments: dict[str, Any], count: int
) -> None:
    assert n_parameters(name, arguments) == count


def test_resnets_of_torchvisions_depths_have_their_convolutions() -> None:
    """Weights of the convolutions and the last layer, as in K. He et al., CVPR 2016."""
    known = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
    for depth, count in known.items():
        network_end = 2 * (512 * (1 if depth < 50 else 4)) + 2 * 1000  # the two norms of the end
        assert n_parameters("resnet_binary", {**IMAGENET, "depth": depth}) == count + network_end


SMALL: list[tuple[str, dict[str, Any]]] = [
    ("digits", {"width": 0.25}),
    ("digits", {"image_size": 11, "channels": 3, "classes": 4, "width": 0.1, "stochastic": True}),
    ("mnist", {}),
    ("mnist", {"real_weights": True}),
    ("cnn3", {}),
    ("cnn3", {"stochastic": True, "width": 0.5}),
    ("cnn3", {"real_weights": True, "depth": 2}),
    ("vgg_cifar10_binary", {"width": 0.03, "classes": 7}),
    ("vgg_cifar10_binary", {"width": 0.05, "depth": 12, "image_size": 16, "zero": 1}),
    ("alexnet_binary", {"width": 0.03, "image_size": 67, "classes": 12}),
    ("alexnet_binary", {"width": 0.03, "image_size": 67, "depth": 6, "classes": 5}),
    ("resnet_binary", {"width": 0.1}),
    ("resnet_binary", {"width": 0.1, "depth": 20, "image_size": 16, "inflate": 1, "classes": 5}),
    *(
        ("resnet_binary", {**IMAGENET, "depth": d, "image_size": 40, "classes": 6, "width": 0.05})
        for d in (18, 34, 50, 101, 152)
    ),
]


@pytest.mark.parametrize(("name", "arguments"), SMALL)
def test_two_steps_reach_every_weight(name: str, arguments: dict[str, Any]) -> None:
    torch.manual_seed(7)
    network = build(name, arguments)
    options = load_family(name).options
    size = arguments.get("image_size", options.image_size)
    channels = arguments.get("channels", options.channels)
    images = torch.randn(12, channels, size, size)
    if name == "digits":
        images = (images * 4 + 8).clamp(0, 16).round()
    labels = torch.arange(12) % arguments.get("classes", options.classes)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    loss = make_loss("cross_entropy")
    for _ in range(2):
        optimizer.zero_grad()
        loss(network(images), labels).backward()
        dead = [
            key
            for key, one in network.named_parameters()
            if key.endswith("weight") and (one.grad is None or not one.grad.count_nonzero())
        ]
        assert dead == []
        before = [one.detach().clone() for one in network.parameters()]
        optimizer.step()
        clamp_latent_weights(network)
        assert any(not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))
    for _, layer in binarized_layers(network):
        assert layer.weight.abs().max() <= 1
    network.eval()
    with torch.no_grad():
        assert network(images).shape == (12, arguments.get("classes", options.classes))
        assert torch.equal(network(images), network(images))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("mnist", {"dead_first_layer": True}),
        ("resnet_binary", {"dead_first_layer": True, "width": 0.1}),
    ],
)
def test_a_flag_gives_the_originals_dead_first_layer(name: str, arguments: dict[str, Any]) -> None:
    network = build(name, arguments)
    options = load_family(name).options
    images = torch.randn(4, options.channels, options.image_size, options.image_size)
    network(images).sum().backward()
    assert network.conv1.weight.grad is None or not network.conv1.weight.grad.count_nonzero()


def test_only_the_flag_leaves_weights_real() -> None:
    assert not list(binarized_layers(build("cnn3", {"real_weights": True})))
    for name in NETWORKS:
        with torch.device("meta"):
            network = build(name)
        left = [one for one in network.modules() if type(one) in {nn.Conv2d, nn.Linear}]
        assert left == []
        inputs = [layer.binary_input for _, layer in binarized_layers(network)]
        is_small = name in {"cnn3", "mnist"}  # their last layer takes what ReLU leaves
        assert inputs == [False, *[True] * (len(inputs) - 2), not is_small]


def test_pixels_are_normalized_inside_the_network() -> None:
    torch.manual_seed(0)
    told = {"max_pixel": 255, "mean": [0.5, 0.25, 0.0], "std": [0.5, 0.25, 1]}
    inside = build("cnn3", {"width": 0.5, **told}).eval()
    outside = inside[1:]
    pixels = torch.randint(256, (2, 3, 32, 32)).float()
    reals = torch.stack(
        [(pixels[:, c] / 255 - told["mean"][c]) / told["std"][c] for c in range(3)], dim=1
    )
    assert isinstance(inside[0], Normalize)
    assert torch.allclose(inside(pixels), outside(reals), atol=1e-4)
    assert not [key for key in inside.state_dict() if "normalize" in key]


def test_a_thermometer_compares_each_channel_with_each_threshold() -> None:
    planes = Thermometer((3, 8))(torch.tensor([[[[4.0]], [[9.0]]]]))
    assert planes.flatten().tolist() == [1, -1, 1, 1]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("resnet_binari", {}, QUANT_UNKNOWN_NAME),
        ("resnet_binary", {"inflat": 2}, QUANT_UNKNOWN_NAME),
        ("resnet_binary", {"layout": "imagenett"}, QUANT_UNKNOWN_NAME),
        ("resnet_binary", {"layout": "imagenet", "depth": 20}, QUANT_BAD_OPTION),
        ("resnet_binary", {"depth": 7}, QUANT_BAD_OPTION),
        ("cnn3", {"width": 0}, QUANT_BAD_OPTION),
        ("cnn3", {"width": float("nan")}, QUANT_BAD_OPTION),
        ("cnn3", {"classes": 2.5}, QUANT_BAD_OPTION),
        ("cnn3", {"classes": True}, QUANT_BAD_OPTION),
        ("cnn3", {"real_weights": 1}, QUANT_BAD_OPTION),
        ("cnn3", {"zero": 3}, QUANT_BAD_OPTION),
        ("cnn3", {"mean": [0.5, "a"]}, QUANT_BAD_OPTION),
        ("cnn3", {"max_pixel": 255}, QUANT_BAD_OPTION),
        ("digits", {"image_size": 5}, QUANT_BAD_OPTION),
        ("vgg_cifar10_binary", {"image_size": 4}, NN_SHAPE_MISMATCH),
        ("alexnet_binary", {"image_size": 30}, NN_SHAPE_MISMATCH),
    ],
)
def test_bad_arguments_are_refused(name: str, arguments: dict[str, Any], code: object) -> None:
    with pytest.raises(ExtensionError) as caught, torch.device("meta"):
        build(name, arguments)
    assert caught.value.code == code
    if name == "resnet_binari":
        assert caught.value.hint == "did you mean 'resnet_binary'?"


def test_the_originals_names_of_arguments_are_understood() -> None:
    with torch.device("meta"):
        network = build("resnet_binary", {"num_classes": 100, "depth": 20})
    assert network.linear.weight.shape[0] == 100


def test_regimes_are_those_of_the_original() -> None:
    def rates(name: str, arguments: dict[str, Any], epochs: list[int]) -> list[tuple[object, ...]]:
        family = load_family(name)
        options = type(family.options)(**{**family.options.as_json(), **arguments})
        steps = (settings_at(family.regime(options), epoch) for epoch in epochs)
        return [(step.optimizer, step.lr) for step in steps]

    assert rates("vgg_cifar10_binary", {}, [0, 39, 40, 80, 100, 120, 140, 999]) == [
        ("Adam", rate) for rate in (5e-3, 5e-3, 1e-3, 5e-4, 1e-4, 5e-5, 1e-5, 1e-5)
    ]
    assert rates("alexnet_binary", {}, [0, 20, 30, 35, 40]) == [
        ("Adam", rate) for rate in (5e-3, 1e-3, 5e-4, 1e-4, 1e-5)
    ]
    assert rates("resnet_binary", {}, [100, 101, 142, 184, 220]) == [
        ("Adam", rate) for rate in (5e-3, 1e-3, 5e-4, 1e-4, 1e-5)
    ]
    assert rates("resnet_binary", {"layout": "imagenet"}, [0, 30, 60, 90]) == [
        ("SGD", pytest.approx(rate)) for rate in (0.1, 0.01, 0.001, 0.0001)
    ]


def test_settings_stay_until_they_change() -> None:
    regime = (*falling(Step(0, "Adam", 0.1), {3: 0.01}), Step(5, "SGD", momentum=0.9))
    assert settings_at(regime, 4) == Step(4, "Adam", 0.01)
    assert settings_at(regime, 6) == Step(6, "SGD", 0.01, 0.9)
    with pytest.raises(ExtensionError):
        settings_at((Step(2, "Adam", 0.1),), 1)
