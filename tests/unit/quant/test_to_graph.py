"""Networks of PyTorch traced into graphs: same logits, and refusals by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402 - after the check that torch is there
from torch.nn import functional  # noqa: E402 - as above

from nn_ops.errors import NN_SHAPE_MISMATCH  # noqa: E402 - as above
from nn_ops.executor import run  # noqa: E402 - as above
from nn_ops.geometry import ImageShape  # noqa: E402 - as above
from nn_ops.graph import Linear  # noqa: E402 - as above
from nn_ops.lower import lower  # noqa: E402 - as above
from nn_ops.validate import check_network  # noqa: E402 - as above
from quant.binarize import BinarizeConv2d, BinarizeLinear  # noqa: E402 - as above
from quant.errors import QUANT_NO_GRAPH, ExtensionError  # noqa: E402 - as above
from quant.estimators import binarize_activation  # noqa: E402 - as above
from quant.networks import build, load_family  # noqa: E402 - as above
from quant.networks.options import read_options  # noqa: E402 - as above
from quant.to_graph import Ends, to_graph  # noqa: E402 - as above

pytestmark = pytest.mark.torch

NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("digits", {"width": 0.25}),
    ("mnist", {"width": 0.25}),
    ("cnn3", {"width": 0.25}),
    ("alexnet_binary", {"width": 0.02, "image_size": 64}),
    ("vgg_cifar10_binary", {"width": 0.02}),
    ("resnet_binary", {"width": 0.05}),
    ("resnet_binary", {"width": 0.05, "idle_last_norm": True}),
    ("resnet_binary", {"layout": "imagenet", "depth": 50, "width": 0.05, "image_size": 64}),
]


def with_random_statistics(network: nn.Module, seed: int) -> nn.Module:
    """Give batch norms running statistics near those of sums, and scales of both signs."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            shape = module.running_mean.shape
            module.running_mean.copy_(torch.randn(shape, generator=generator))
            module.running_var.copy_(torch.rand(shape, generator=generator) * 20 + 0.5)
            if not module.affine:
                continue
            with torch.no_grad():
                module.weight.copy_(torch.randn(shape, generator=generator))
                module.bias.copy_(torch.randn(shape, generator=generator) / 4)
    return network.double().eval()


def random_pixels(shape: ImageShape, max_pixel: int, n_images: int) -> np.ndarray:
    size = (n_images, shape.height, shape.width, shape.channels)
    return np.random.default_rng(0).integers(0, max_pixel + 1, size)


@pytest.mark.parametrize(("name", "arguments"), NETWORKS, ids=str)
def test_the_graph_gives_the_logits_of_the_network(name: str, arguments: dict[str, Any]) -> None:
    torch.manual_seed(1)
    options = read_options(load_family(name).options, arguments)
    shape = ImageShape(options.image_size, options.image_size, options.channels)
    network = with_random_statistics(build(name, arguments), 2)
    has_pixels = name == "digits"
    mean, std = (() if has_pixels else (value,) * shape.channels for value in (0.45, 0.25))
    max_pixel = 16 if has_pixels else 255
    classes = tuple(map(str, range(options.classes)))
    graph = to_graph(network, Ends(shape, max_pixel, classes, mean, std), name)
    check_network(graph)
    pixels = random_pixels(shape, max_pixel, 5)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).double()
    if not has_pixels:
        images = (images / max_pixel - 0.45) / 0.25
    with torch.no_grad():
        expected = functional.log_softmax(network(images), dim=1).numpy()
    found = functional.log_softmax(torch.from_numpy(run(lower(graph), pixels)), dim=1).numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


class Written(nn.Module):
    """As a user may write it: functions and methods, and a flattening by columns."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = BinarizeConv2d(2, 5, 3, padding=1, binary_input=False)
        self.shortcut = BinarizeConv2d(5, 5, 1, bias=False)
        self.norm = nn.BatchNorm2d(5)
        self.linear = BinarizeLinear(5 * 3 * 2, 3, zero=1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.hardtanh(self.norm(functional.max_pool2d(self.conv(x), 2)))
        x = x + self.shortcut(binarize_activation(x))
        x = functional.relu(x).reshape(x.size(0), -1)
        return functional.log_softmax(self.linear(x), dim=1)


def test_functions_methods_and_masks_have_a_graph() -> None:
    torch.manual_seed(3)
    network = with_random_statistics(Written(), 4)
    mask = torch.rand(network.linear.weight.shape) > 0.3
    network.linear.prune(mask)
    shape = ImageShape(6, 4, 2)
    graph = to_graph(network, Ends(shape, 9, ("a", "b", "c")), "written")
    (linear,) = (node for node in graph.nodes if isinstance(node, Linear))
    assert linear.weights.mask is not None
    check_network(graph)
    pixels = random_pixels(shape, 9, 20)
    with torch.no_grad():
        expected = network(torch.from_numpy(pixels).permute(0, 3, 1, 2).double())
    found = torch.from_numpy(run(lower(graph), pixels))
    np.testing.assert_allclose(functional.log_softmax(found, 1), expected, rtol=0, atol=1e-9)


class Flat(nn.Module):
    """A flattening and whatever a test puts after it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.first = BinarizeConv2d(2, 4, 2)
        self.rest = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.rest(self.first(x))


class Branching(Flat):
    """Looks at values, which a trace cannot."""

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) if x.sum() > 0 else x


REFUSED = {
    "rest.1 is a Conv2d": Flat(nn.Hardtanh(), nn.Conv2d(4, 3, 1)),
    "rest.0 is a GELU": Flat(nn.GELU()),
    "rest_0 is a Hardtanh from 0.0 to 6.0": Flat(nn.Hardtanh(0.0, 6.0)),
    "rest_0 is a max pool with ceil_mode": Flat(nn.MaxPool2d(2, ceil_mode=True)),
    "rest_0 keeps no running statistics": Flat(nn.BatchNorm2d(4, track_running_stats=False)),
    "the forward pass of Branching cannot be traced": Branching(),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_part_without_a_form_is_refused_by_name(what: str) -> None:
    with pytest.raises(ExtensionError, match=what) as caught:
        to_graph(REFUSED[what].eval(), Ends(ImageShape(3, 3, 2), 9, ("a", "b")), "refused")
    assert caught.value.code == QUANT_NO_GRAPH
    assert caught.value.hint


def test_sizes_that_do_not_fit_are_refused() -> None:
    network = Flat(nn.Flatten(), BinarizeLinear(17, 2)).eval()
    with pytest.raises(ExtensionError, match="rest_1 reads 17 values") as caught:
        to_graph(network, Ends(ImageShape(3, 3, 2), 9, ("a", "b")), "refused")
    assert caught.value.code == NN_SHAPE_MISMATCH
    network = Flat(nn.Flatten(), BinarizeLinear(16, 2)).eval()
    with pytest.raises(ExtensionError, match="ends in 2 values, there are 3 classes"):
        to_graph(network, Ends(ImageShape(3, 3, 2), 9, ("a", "b", "c")), "refused")
