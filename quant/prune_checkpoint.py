"""Pruning a checkpoint, so that the network can be trained on without its pruned weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nn_ops.conventions import unpack_bits
from nn_ops.graph import Conv, Linear, fan_in_of, shapes_of
from quant.binarize import binarized_layers
from quant.checkpoint_network import graph_of, read_module
from quant.flips import read_flips
from quant.prune import Counts, Plan, Pruned, prune_network
from quant.trainer.checkpoint import write_checkpoint


def prune_checkpoint(
    path: Path, out: Path | None, counts: Counts, plan: Plan
) -> tuple[Pruned, ...]:
    """Write a checkpoint whose network counts pruned weights as zero.

    Parameters
    ----------
    path : Path
        The checkpoint; it is left as it is.
    out : Path or None
        Where the pruned one goes; None only tells what would be pruned.
    counts : mapping
        As for `quant.prune.prune_network`.
    plan : Plan

    Returns
    -------
    tuple of Pruned

    Raises
    ------
    ExtensionError
        As `prune_network` and `quant.checkpoint_network.read_graph`.
    """
    module, options, checkpoint = read_module(path)
    network = graph_of(module, options, checkpoint)
    pruned, reports = prune_network(network, counts, plan)
    if out is None:
        return reports
    shapes = shapes_of(network)
    nodes = {node.name: node for node in pruned.nodes if isinstance(node, Conv | Linear)}
    state = dict(checkpoint.state_dict)
    for name, layer in binarized_layers(module):
        node = nodes[name.replace(".", "_")]
        if node.weights.mask is None:
            continue
        flat = unpack_bits(node.weights.mask, fan_in_of(node, shapes[node.input]))
        filters, channels, *kernel = layer.weight.shape
        # Places are (kernel row, kernel column, channel); weights are (channel, row, column).
        mask = np.moveaxis(flat.reshape(filters, *kernel, channels), -1, 1)
        state[f"{name}.mask"] = torch.from_numpy(np.ascontiguousarray(mask))
    write_checkpoint(replace(checkpoint, state_dict=state), [out])
    return reports


def counts_of_file(flips: Path, since: Path | None) -> Counts:
    """Return the sign changes in a snapshot of a run, without those of an earlier one.

    Raises
    ------
    ExtensionError
        What `quant.flips.read_flips` raises; QUANT_BAD_OPTION when the earlier one is no part.
    """
    found = read_flips(flips)
    return found.counts if since is None else (found - read_flips(since)).counts
