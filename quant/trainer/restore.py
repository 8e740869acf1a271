"""The network of a checkpoint, built again without its data set."""

from __future__ import annotations

from torch import nn

from quant.networks import load_family
from quant.networks.options import Options, read_options
from quant.trainer.checkpoint import Checkpoint, load_weights


def options_of(checkpoint: Checkpoint) -> Options:
    """Return the arguments that the network was built with.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME or QUANT_BAD_OPTION when the file was written by another release.
    """
    return read_options(load_family(checkpoint.settings["model"]).options, checkpoint.config)


def restore_network(checkpoint: Checkpoint) -> nn.Module:
    """Return the network with its latent weights, in eval mode and single precision.

    It takes pixels; their normalization is its first layer.

    Parameters
    ----------
    checkpoint : Checkpoint

    Raises
    ------
    ExtensionError
        As `options_of`; QUANT_CHECKPOINT_FOREIGN when the weights are those of another network.
    """
    family = load_family(checkpoint.settings["model"])
    network = family.build(options_of(checkpoint))
    load_weights(network, checkpoint.state_dict)
    return network.eval()
