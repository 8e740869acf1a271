"""A small network that has every kind of node, in variants that are hard on a form."""

from __future__ import annotations

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
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
)

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
    random = np.random.default_rng(seed)
    wide, deep = 24, 36

    def weights(filters: int, fan_in: int) -> Weights:
        return random_weights(random, filters, fan_in, pruned, dead)

    def norm(name: str, before: str, channels: int) -> BatchNorm:
        return random_norm(random, name, before, channels)

    n_input = 3 * (len(thresholds) or 1)
    first = (
        Thermometer("first", "image", thresholds)
        if thresholds
        else Normalize("first", "image", (0.4, 0.5, 0.6), (0.2, 0.3, 0.25))
    )
    nodes = (
        Input("image", ImageShape(9, 7, 3), 255),
        first,
        Conv(
            "conv1",
            "first",
            Window((3, 3), padding=(1, 1)),
            wide,
            weights(wide, 9 * n_input),
            random.normal(size=wide),
        ),
        norm("norm1", "conv1", wide),
        Relu("relu1", "norm1"),
        norm("norm1b", "relu1", wide),
        Sign("sign1", "norm1b", 1),
        Conv(
            "conv2",
            "sign1",
            Window((3, 2), (1, 1), (2, 1), (2, 1)),
            deep,
            weights(deep, 6 * wide // groups),
            random.normal(size=deep),
            groups,
            padding_value,
        ),
        MaxPool("pool2", "conv2", Window((3, 2), (2, 2), (1, 0))),
        norm("norm2", "pool2", deep),
        Hardtanh("tanh2", "norm2"),
        Sign("sign2", "tanh2"),
        Conv("conv3", "sign2", Window((3, 3), padding=(1, 1)), deep, weights(deep, 9 * deep)),
        Add("add", "conv3", "tanh2"),
        norm("norm3", "add", deep),
        Hardtanh("tanh3", "norm3"),
        AveragePool("mean", "tanh3", Window((2, 2), (2, 2))),
        norm("norm4", "mean", deep),
        Sign("sign4", "norm4"),
        MaxPool("pool4", "sign4", Window((1, 2), (1, 1))),
        Conv("conv5", "pool4", Window((2, 2), padding=(1, 1)), deep, weights(deep, 4 * deep)),
        MaxPool("pool5", "conv5", Window((2, 1))),
        norm("norm5", "pool5", deep),
        Hardtanh("tanh5", "norm5"),
        Sign("sign5", "tanh5"),
        Conv(
            "conv6",
            "sign5",
            Window((2, 1)),
            deep,
            weights(deep, 2 * deep),
            random.normal(size=deep),
        ),
        norm("norm6", "conv6", deep),
        Sign("sign6", "norm6"),
        Linear("linear", "sign6", 10, weights(10, 2 * deep), random.normal(size=10)),
        norm("logits", "linear", 10),
    )
    return Network("every node", nodes, tuple("0123456789"), {})


def random_pixels(network: Network, n_images: int, seed: int = 0) -> np.ndarray:
    """Return random images for a network, shape (n, height, width, channels)."""
    shape, greatest = network.image.shape, network.image.max_pixel
    size = (n_images, shape.height, shape.width, shape.channels)
    return np.random.default_rng(seed).integers(0, greatest + 1, size, dtype=np.uint8)
