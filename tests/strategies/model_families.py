"""Small networks that have layers in common, as those that are tuned from one base have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nn_ops.conventions import n_words, pack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import BatchNorm, Conv, Floats, Input, Linear, Network, Sign, Thermometer, Weights

FILTERS = 3
CLASSES = 4
CELLS = 3 * 3


def model_family(seed: int, n_tuned: int = 3) -> list[Network]:
    """Return a base and networks that share its first layer, or its first layer and batch norm.

    Parameters
    ----------
    seed : int
        Decides all weights.
    n_tuned : int
        Networks beside the base.
    """
    random = np.random.default_rng(seed)
    base = _network(random, f"family {seed}", is_masked=bool(seed % 2))
    return [base, *(_tuned(random, base, number) for number in range(n_tuned))]


def weights(
    random: np.random.Generator, filters: int, fan_in: int, *, is_masked: bool = False
) -> Weights:
    """Return random weights; masked ones have whole words pruned away."""
    words = pack_bits(random.random((filters, fan_in)) < 0.5)
    if not is_masked:
        return Weights(words)
    counts = random.random((filters, fan_in)) < 0.7
    counts[0, : min(64, fan_in)] = False
    mask = pack_bits(counts)
    return Weights(words & mask, mask)


def _norm(random: np.random.Generator, name: str, before: str, channels: int) -> BatchNorm:
    def vector(low: float, high: float) -> Floats:
        return np.asarray(random.uniform(low, high, channels))

    gamma = vector(0.5, 2.0) * np.where(random.random(channels) < 0.5, -1.0, 1.0)
    return BatchNorm(
        name,
        before,
        gamma=gamma,
        beta=vector(-1, 1),
        mean=vector(-3, 3),
        variance=vector(1, 9),
        eps=1e-5,
    )


def _network(random: np.random.Generator, name: str, *, is_masked: bool) -> Network:
    thresholds = (3, 7, 11, 13, 14, 15, 16, 17, 18, 19, 20)
    fan_in = 9 * len(thresholds)
    conv = Conv(
        "conv",
        "encode",
        window=Window((3, 3), padding=(1, 1)),
        filters=FILTERS,
        weights=weights(random, FILTERS, fan_in, is_masked=is_masked),
        bias=random.uniform(-1, 1, FILTERS),
    )
    assert n_words(fan_in) == 2
    head = weights(random, CLASSES, CELLS * FILTERS)
    return Network(
        name,
        (
            Input("pixels", ImageShape(3, 3, 1), 255),
            Thermometer("encode", "pixels", thresholds),
            conv,
            _norm(random, "norm", "conv", FILTERS),
            Sign("sign", "norm", 1),
            Linear("linear", "sign", CLASSES, head),
            _norm(random, "last", "linear", CLASSES),
        ),
        tuple("abcd"),
        {"seed": 1},
    )


def _tuned(random: np.random.Generator, base: Network, number: int) -> Network:
    """Return a network with another head; every second one has another first norm too."""
    nodes = []
    for node in base.nodes:
        if isinstance(node, Linear):
            nodes.append(replace(node, weights=weights(random, CLASSES, CELLS * FILTERS)))
        elif isinstance(node, BatchNorm) and node.name == "norm" and number % 2:
            nodes.append(_norm(random, "norm", "conv", FILTERS))
        else:
            nodes.append(node)
    return Network(f"{base.name}, tuned {number}", tuple(nodes), base.classes, base.training)
