"""The seed's families, built as data and traced from the networks that are trained: one structure."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from nn_ops.families import build as build_data  # noqa: E402 - after the check that torch is there
from nn_ops.geometry import ImageShape  # noqa: E402 - torch is looked for first
from nn_ops.graph import (  # noqa: E402 - torch is looked for first
    BatchNorm,
    Conv,
    Linear,
    Network,
    Node,
    fan_in_of,
    shapes_of,
)
from quant.networks import build, load_family  # noqa: E402 - torch is looked for first
from quant.networks.options import read_options  # noqa: E402 - torch is looked for first
from quant.to_graph import Ends, to_graph  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

IMAGENET = {"layout": "imagenet", "image_size": 64, "idle_last_norm": True}
PAIRS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("mnist", {}, "mnist", {}),
    ("cnn3", {}, "cnn3", {}),
    ("alexnet", {"image": 64}, "alexnet_binary", {"image_size": 64}),
    ("vgg", {}, "vgg_cifar10_binary", {}),
    ("resnet_cifar", {}, "resnet_binary", {"idle_last_norm": True}),
    ("resnet_cifar", {"depth": 20}, "resnet_binary", {"depth": 20, "idle_last_norm": True}),
    ("resnet_imagenet", {"image": 64}, "resnet_binary", {**IMAGENET}),
    (
        "resnet_imagenet",
        {"image": 64, "depth": 50},
        "resnet_binary",
        {**IMAGENET, "depth": 50},
    ),
]
WIDTH = 1 / 16


def traced(name: str, arguments: dict[str, Any]) -> Network:
    """Return the graph of a network of `quant`, as it is before training."""
    options = read_options(load_family(name).options, arguments)
    shape = ImageShape(options.image_size, options.image_size, options.channels)
    classes = tuple(map(str, range(options.classes)))
    around = (0.5,) * shape.channels
    network = build(name, arguments).double().eval()
    return to_graph(network, Ends(shape, 255, classes, around, around), name)


def structure(network: Network) -> list[str]:
    """Return each node with all that leads to it, as a number, behind its kind and shape.

    Nodes that are and read the same are one, so that it does not matter whether two layers share a
    sign, nor in which order branches stand.
    """
    numbers: dict[str, int] = {}
    shapes = shapes_of(network)
    found: dict[str, None] = {}
    for node in network.nodes:
        read = tuple(sorted(numbers[name] for name in node.inputs))
        text = f"{node.kind} {shapes[node.name]} {facts(node)}"
        numbers[node.name] = hash((text, read))
        found[f"{text} {numbers[node.name]}"] = None
    return sorted(found)


def facts(node: Node) -> tuple[object, ...]:
    """Return the attributes of a node that training does not change."""
    if isinstance(node, Conv):
        return (node.window, node.groups, node.padding_value, node.bias is None)
    if isinstance(node, Linear):
        return (node.bias is None,)
    if isinstance(node, BatchNorm):
        return (node.eps,)
    return tuple(
        getattr(node, name) for name in ("window", "zero", "max_pixel") if hasattr(node, name)
    )


@pytest.mark.parametrize(
    ("family", "options", "name", "arguments"), PAIRS, ids=[f"{p[0]}-{p[1]}" for p in PAIRS]
)
def test_data_and_trained_networks_have_one_structure(
    family: str, options: dict[str, Any], name: str, arguments: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    as_trained = traced(name, {**arguments, "width": WIDTH})
    classes = len(as_trained.classes)
    as_data = build_data(family, width=WIDTH, classes=classes, **options)
    assert structure(as_data) == structure(as_trained)
    for network in (as_data, as_trained):
        shapes = shapes_of(network)
        layers = [node for node in network.nodes if isinstance(node, Conv | Linear)]
        assert all(fan_in_of(layer, shapes[layer.input]) for layer in layers)
