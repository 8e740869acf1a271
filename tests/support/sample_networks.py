"""A small network that has every kind of node, in variants that are hard on a form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nn_ops.conventions import pack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
    fan_in_of,
    shapes_of,
)

WIDE, DEEP = 24, 36

VARIANTS = {
    "plain": {},
    "pruned, a filter wholly": {"pruned": 0.3, "dead": (0,)},
    "pruned nearly all": {"pruned": 0.97},
    "groups, padded with -1": {"groups": 2, "padding_value": -1},
    "groups, pruned nearly all": {"groups": 4, "pruned": 0.95},
    "thermometer": {"thresholds": (40, 100, 200), "groups": 3, "pruned": 0.2},
    "thermometer, padded with -1": {"thresholds": (127,), "padding_value": -1},
}


def random_weights(
    generator: np.random.Generator,
    filters: int,
    fan_in: int,
    pruned: float = 0.0,
    dead: tuple[int, ...] = (),
) -> Weights:
    """Return random signs; a share is pruned, and of the filters in `dead` all."""
    signs = generator.random((filters, fan_in)) < 0.5
    if not pruned:
        return Weights(pack_bits(signs))
    kept = generator.random((filters, fan_in)) >= pruned
    kept[list(dead)] = False
    return Weights(pack_bits(signs & kept), pack_bits(kept))


def random_norm(generator: np.random.Generator, name: str, before: str, channels: int) -> BatchNorm:
    """Return a batch norm whose gammas have both signs."""
    gamma, beta, mean = generator.normal(size=(3, channels))
    return BatchNorm(name, before, gamma, beta, 2 * mean, generator.random(channels) + 0.5, 1e-5)


@dataclass(frozen=True)
class _Maker:
    """Draws the parts of one network, in their order."""

    random: np.random.Generator
    pruned: float
    dead: tuple[int, ...]

    def weights(self, filters: int, fan_in: int) -> Weights:
        return random_weights(self.random, filters, fan_in, self.pruned, self.dead)

    def norm(self, name: str, before: str, channels: int) -> BatchNorm:
        return random_norm(self.random, name, before, channels)


def every_node(
    *,
    pruned: float = 0.0,
    dead: tuple[int, ...] = (),
    groups: int = 1,
    padding_value: int = 0,
    thresholds: tuple[int, ...] = (),
    seed: int = 3,
) -> Network:
    """Return a network of every kind of node over images of 9x7 pixels and 3 channels.

    With `thresholds` it begins with a thermometer, else with normalized pixels.
    """
    make = _Maker(np.random.default_rng(seed), pruned, dead)
    nodes = _down_to_signs(make, groups, padding_value, thresholds) + _down_to_logits(make)
    return Network("every node", nodes, tuple("0123456789"), {})


def _down_to_signs(
    make: _Maker, groups: int, padding_value: int, thresholds: tuple[int, ...]
) -> tuple[Node, ...]:
    n_input = 3 * (len(thresholds) or 1)
    first = (
        Thermometer("first", "image", thresholds)
        if thresholds
        else Normalize("first", "image", (0.4, 0.5, 0.6), (0.2, 0.3, 0.25))
    )
    return (
        Input("image", ImageShape(9, 7, 3), 255),
        first,
        Conv(
            "conv1",
            "first",
            Window((3, 3), padding=(1, 1)),
            WIDE,
            make.weights(WIDE, 9 * n_input),
            make.random.normal(size=WIDE),
        ),
        make.norm("norm1", "conv1", WIDE),
        Relu("relu1", "norm1"),
        make.norm("norm1b", "relu1", WIDE),
        Sign("sign1", "norm1b", 1),
        Conv(
            "conv2",
            "sign1",
            Window((3, 2), (1, 1), (2, 1), (2, 1)),
            DEEP,
            make.weights(DEEP, 6 * WIDE // groups),
            make.random.normal(size=DEEP),
            groups,
            padding_value,
        ),
        MaxPool("pool2", "conv2", Window((3, 2), (2, 2), (1, 0))),
        make.norm("norm2", "pool2", DEEP),
        Hardtanh("tanh2", "norm2"),
        Sign("sign2", "tanh2"),
    )


def _down_to_logits(make: _Maker) -> tuple[Node, ...]:
    return (
        Conv("conv3", "sign2", Window((3, 3), padding=(1, 1)), DEEP, make.weights(DEEP, 9 * DEEP)),
        Add("add", "conv3", "tanh2"),
        make.norm("norm3", "add", DEEP),
        Hardtanh("tanh3", "norm3"),
        AveragePool("mean", "tanh3", Window((2, 2), (2, 2))),
        make.norm("norm4", "mean", DEEP),
        Sign("sign4", "norm4"),
        MaxPool("pool4", "sign4", Window((1, 2), (1, 1))),
        Conv("conv5", "pool4", Window((2, 2), padding=(1, 1)), DEEP, make.weights(DEEP, 4 * DEEP)),
        MaxPool("pool5", "conv5", Window((2, 1))),
        make.norm("norm5", "pool5", DEEP),
        Hardtanh("tanh5", "norm5"),
        Sign("sign5", "tanh5"),
        Conv(
            "conv6",
            "sign5",
            Window((2, 1)),
            DEEP,
            make.weights(DEEP, 2 * DEEP),
            make.random.normal(size=DEEP),
        ),
        make.norm("norm6", "conv6", DEEP),
        Sign("sign6", "norm6"),
        Linear("linear", "sign6", 10, make.weights(10, 2 * DEEP), make.random.normal(size=10)),
        make.norm("logits", "linear", 10),
    )


def random_pixels(network: Network, n_images: int, seed: int = 0) -> np.ndarray:
    """Return random images for a network, shape (n, height, width, channels)."""
    shape, greatest = network.image.shape, network.image.max_pixel
    size = (n_images, shape.height, shape.width, shape.channels)
    return np.random.default_rng(seed).integers(0, greatest + 1, size, dtype=np.uint8)


def pruned(network: Network, share: float, seed: int = 0) -> Network:
    """Return a network with a share of each layer's weights pruned, and one filter of it wholly.

    The first layer keeps all filters: where its sums are signed at once, one without weights gives 0.
    """
    random = np.random.default_rng(seed)
    shapes = shapes_of(network)
    nodes: list[Node] = []
    is_first = True
    for node in network.nodes:
        if isinstance(node, Conv | Linear):
            fan_in, words = fan_in_of(node, shapes[node.input]), node.weights.words
            kept = random.random((len(words), fan_in)) >= share
            kept[0] &= is_first
            is_first = False
            mask = pack_bits(kept)
            nodes.append(replace(node, weights=Weights(words & mask, mask)))
        else:
            nodes.append(node)
    return replace(network, nodes=tuple(nodes))
