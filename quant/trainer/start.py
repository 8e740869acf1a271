"""A new run that starts from the weights of a checkpoint: fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from quant.errors import QUANT_BAD_OPTION, QUANT_CHECKPOINT_FOREIGN, ExtensionError
from quant.freeze import last_names
from quant.networks.options import OTHER_NAMES
from quant.trainer.checkpoint import Checkpoint, load_weights

OF_DATASET = ("classes", "image_size", "channels", "max_pixel")
OF_INPUT = ("mean", "std")


def settings_to_start(checkpoint: Checkpoint, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new run takes over from a checkpoint, under what the user gave.

    It is the network with its arguments, and the data set. On another data set, classes and sizes
    are the new ones; pixels are normalized as before, for that is what the weights have learned.

    Parameters
    ----------
    checkpoint : Checkpoint
    given : mapping
        By the names of `quant.trainer.settings.Settings`.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION when the user gave another network.
    """
    kept = checkpoint.settings
    if given.get("model", kept.get("model")) != kept.get("model"):
        message = f"the checkpoint is of network {kept.get('model')!r}, not {given['model']!r}"
        raise ExtensionError(QUANT_BAD_OPTION, message, hint="leave --model out")
    arguments = dict(kept.get("arguments") or {})
    asked = {OTHER_NAMES.get(name, name): one for name, one in given.get("arguments", {}).items()}
    start = {name: kept.get(name) for name in ("model", "dataset", "image_size")}
    if given.get("dataset", kept.get("dataset")) != kept.get("dataset"):
        start["image_size"] = None
        arguments = {
            name: one
            for name, one in arguments.items()
            if OTHER_NAMES.get(name, name) not in OF_DATASET
        }
        for name in OF_INPUT:
            if checkpoint.config.get(name):
                arguments[name] = checkpoint.config[name]
    return {**start, **given, "arguments": {**arguments, **asked}}


def start_network(
    network: nn.Module, checkpoint: Checkpoint, classes: Sequence[str], frozen: Sequence[nn.Module]
) -> tuple[str, ...]:
    """Give a new network the weights, masks and batch norms of a checkpoint.

    Parameters
    ----------
    network : nn.Module
    checkpoint : Checkpoint
    classes : sequence of str
        Of the new data set; where they are others, the last layer with weights, and what follows
        it, keeps its new random weights.
    frozen : sequence of nn.Module

    Returns
    -------
    tuple of str
        What starts anew.

    Raises
    ------
    ExtensionError
        QUANT_CHECKPOINT_FOREIGN for another network; QUANT_BAD_OPTION for a frozen last layer that
        starts anew.
    """
    old, new = checkpoint.state_dict, network.state_dict()
    last = last_names(network)
    is_anew = list(checkpoint.classes) != list(classes) or any(
        name in old and old[name].shape != new[name].shape for name in new if _is_of(name, last)
    )
    anew = last if is_anew else ()
    for name in anew:
        if network.get_submodule(name) in frozen:
            message = f"{name} is frozen, but starts anew: the classes are others"
            raise ExtensionError(QUANT_BAD_OPTION, message, hint="--freeze all-but-last")
    for name, value in new.items():
        if not _is_of(name, anew) and name in old and old[name].shape != value.shape:
            message = (
                f"{name} has the shape {tuple(old[name].shape)} in the checkpoint, "
                f"{tuple(value.shape)} in the network"
            )
            hint = "width, depth, channels and image size are those of the checkpoint"
            raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message, hint=hint)
    weights: dict[str, Tensor] = {name: one for name, one in old.items() if not _is_of(name, anew)}
    weights |= {name: one for name, one in new.items() if _is_of(name, anew)}
    load_weights(network, weights)
    return anew


def _is_of(name: str, layers: Sequence[str]) -> bool:
    """Return whether an entry of a state belongs to one of the layers."""
    return name.rpartition(".")[0] in layers
