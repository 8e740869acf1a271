"""The network in a checkpoint, as PyTorch has it and as a graph for the database."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from nn_ops.geometry import ImageShape
from nn_ops.graph import JsonValue, Network
from nn_ops.validate import check_network
from quant.networks.options import Options
from quant.to_graph import Ends, to_graph
from quant.trainer.checkpoint import Checkpoint, read_checkpoint
from quant.trainer.restore import options_of, restore_network


def read_module(path: Path) -> tuple[nn.Module, Options, Checkpoint]:
    """Return the network of a checkpoint in double precision and eval mode, and its arguments.

    Raises
    ------
    ExtensionError
        What `quant.trainer.checkpoint.read_checkpoint` raises; QUANT_UNKNOWN_NAME and
        QUANT_BAD_OPTION for a network that this release does not know; QUANT_CHECKPOINT_FOREIGN for
        weights of another one.
    """
    checkpoint = read_checkpoint(path)
    return restore_network(checkpoint).double(), options_of(checkpoint), checkpoint


def read_graph(path: Path) -> Network:
    """Return the network of a checkpoint as a graph, checked.

    Parameters
    ----------
    path : Path
        The file, or the folder of the run.

    Raises
    ------
    ExtensionError
        As `read_module`; QUANT_NO_GRAPH for a layer that has no binarized form, and what
        `check_network` raises.
    """
    return graph_of(*read_module(path))


def graph_of(module: nn.Module, options: Options, checkpoint: Checkpoint) -> Network:
    """Return the network that `read_module` read as a graph, checked.

    Raises
    ------
    ExtensionError
        QUANT_NO_GRAPH, and what `check_network` raises.
    """
    settings = checkpoint.settings
    training: dict[str, JsonValue] = {
        "model": str(settings.get("model")),
        "dataset": str(settings.get("dataset")),
        "epochs": checkpoint.epoch,
        "seed": int(settings.get("seed") or 0),
    }
    if checkpoint.best_error1 is not None:
        training["best_error1"] = checkpoint.best_error1
    shape = ImageShape(options.image_size, options.image_size, options.channels)
    ends = Ends(shape, options.max_pixel, tuple(map(str, checkpoint.classes)))
    network = to_graph(module, ends, str(settings.get("model")), training)
    check_network(network)
    return network
