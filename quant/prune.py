"""Weights whose sign keeps changing are pruned: block by block, filter by filter.

The published strategies [1]_ look at blocks of consecutive weights of one filter, in the order
(kernel row, kernel column, channel). A pruned weight counts as 0. A block of 64 is one packed word:
a word whose weights are all pruned is neither stored nor read, which is what saves work.

References
----------
.. [1] SmartLite, PVLDB 17(3), 2024, section on neural pruning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import n_words, pack_bits, unpack_bits
from nn_ops.errors import NN_SHAPE_MISMATCH
from nn_ops.graph import Conv, Linear, Network, Weights, fan_in_of, shapes_of
from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name

BLOCK_SUM, EVERY_WEIGHT = 1, 2
"""Strategy 1 prunes a block when its counts sum to the threshold or more; strategy 2 when each
count is at the threshold or more."""

Counts = Mapping[str, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to prune.

    Attributes
    ----------
    strategy : 1 or 2
    threshold : int
        At least 1.
    block : int
        Weights per block; the last block of a filter may be shorter.
    layers : tuple of str
        The layers' names; empty for all that have counts.
    """

    strategy: int
    threshold: int
    block: int = 2
    layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.strategy not in {BLOCK_SUM, EVERY_WEIGHT}:
            raise ExtensionError(QUANT_BAD_OPTION, f"the strategy is 1 or 2, not {self.strategy}")
        if self.threshold < 1 or self.block < 1:
            told = f"threshold {self.threshold}, block {self.block}"
            raise ExtensionError(QUANT_BAD_OPTION, f"both must be 1 or more: {told}")


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much of one layer is left.

    Attributes
    ----------
    layer : str
    weights, pruned : int
        All weights, and those that do not count now.
    words, words_left : int
        Packed words, and those that are still stored and read.
    """

    layer: str
    weights: int
    pruned: int
    words: int
    words_left: int

    @property
    def share(self) -> float:
        """The pruned weights' share of all."""
        return self.pruned / self.weights


def kept_weights(counts: NDArray[np.integer], plan: Plan) -> NDArray[np.bool_]:
    """Return which weights stay.

    Parameters
    ----------
    counts : ndarray of integers, shape (filters, fan_in)
        Sign changes of each weight.
    plan : Plan

    Returns
    -------
    ndarray of bool, same shape
    """
    filters, fan_in = counts.shape
    n_blocks = -(-fan_in // plan.block)
    missing = n_blocks * plan.block - fan_in
    if plan.strategy == BLOCK_SUM:
        padded = np.pad(counts.astype(np.int64), ((0, 0), (0, missing)))
        is_pruned = padded.reshape(filters, n_blocks, plan.block).sum(axis=2) >= plan.threshold
    else:
        # What fills the last block must not save it.
        enough = np.pad(counts >= plan.threshold, ((0, 0), (0, missing)), constant_values=True)
        is_pruned = enough.reshape(filters, n_blocks, plan.block).all(axis=2)
    return ~np.repeat(is_pruned, plan.block, axis=1)[:, :fan_in]


def prune_network(
    network: Network, counts: Counts, plan: Plan
) -> tuple[Network, tuple[Pruned, ...]]:
    """Return a network without the weights that change their signs too often.

    Parameters
    ----------
    network : Network
        It is left as it is.
    counts : mapping of layer to ndarray of int32, shape (filters, fan_in)
        Names of nodes; dots in them stand for ``_``.
    plan : Plan

    Returns
    -------
    Network
    tuple of Pruned
        One for each layer that was looked at.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME for a layer without counts or weights, NN_SHAPE_MISMATCH for counts of
        other weights, QUANT_BAD_OPTION when a layer would lose all its weights.
    """
    weights = pruned_weights(network, counts, plan)
    reports = reports_of(network, weights)
    for report in reports:
        if report.pruned == report.weights:
            raise ExtensionError(
                QUANT_BAD_OPTION,
                f"threshold {plan.threshold} would prune every weight of {report.layer}",
                hint="choose a higher threshold, or leave the layer out with --layers",
            )
    nodes = tuple(
        replace(node, weights=weights[node.name])
        if isinstance(node, Conv | Linear) and node.name in weights
        else node
        for node in network.nodes
    )
    return replace(network, nodes=nodes), reports


def pruned_weights(network: Network, counts: Counts, plan: Plan) -> dict[str, Weights]:
    """Return the weights of the layers to prune, masked; also where none would be left.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME, NN_SHAPE_MISMATCH.
    """
    chosen, shapes = chosen_counts(network, counts, plan), shapes_of(network)
    return {
        node.name: _masked(
            node.weights,
            fan_in_of(node, shapes[node.input]),
            kept_weights(chosen[node.name], plan),
        )
        for node in network.nodes
        if isinstance(node, Conv | Linear) and node.name in chosen
    }


def reports_of(network: Network, weights: Mapping[str, Weights]) -> tuple[Pruned, ...]:
    """Return how much of each of some layers is left."""
    shapes = shapes_of(network)
    return tuple(
        _report(node.name, weights[node.name], fan_in_of(node, shapes[node.input]))
        for node in network.nodes
        if isinstance(node, Conv | Linear) and node.name in weights
    )


def chosen_counts(network: Network, counts: Counts, plan: Plan) -> Counts:
    """Return the counts of the layers to prune, by the names of nodes.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME, NN_SHAPE_MISMATCH.
    """
    by_node = {name.replace(".", "_"): one for name, one in counts.items()}
    shapes = shapes_of(network)
    layers = {node.name: node for node in network.nodes if isinstance(node, Conv | Linear)}
    for name in (*plan.layers, *by_node):
        if name not in layers:
            raise unknown_name("layer with weights", name, layers)
    chosen = {name: by_node[name] for name in plan.layers or by_node if name in by_node}
    for name in plan.layers:
        if name not in chosen:
            raise unknown_name("layer with flips", name, by_node)
    for name, one in chosen.items():
        node = layers[name]
        expected = (len(node.weights.words), fan_in_of(node, shapes[node.input]))
        if one.shape != expected:
            message = f"the flips of {name} are {one.shape}, its weights are {expected}"
            raise ExtensionError(NN_SHAPE_MISMATCH, message)
    return chosen


def _masked(weights: Weights, fan_in: int, kept: NDArray[np.bool_]) -> Weights:
    """Return weights of which only some still count; what was pruned before stays so."""
    mask = pack_bits(kept)
    if weights.mask is not None:
        mask &= weights.mask
    if unpack_bits(mask, fan_in).all():
        return Weights(weights.words)
    return Weights(weights.words & mask, mask)


def _report(layer: str, weights: Weights, fan_in: int) -> Pruned:
    filters = len(weights.words)
    words = filters * n_words(fan_in)
    if weights.mask is None:
        return Pruned(layer, filters * fan_in, 0, words, words)
    kept = int(np.bitwise_count(weights.mask).sum())
    left = int(np.count_nonzero(weights.mask))
    return Pruned(layer, filters * fan_in, filters * fan_in - kept, words, left)
