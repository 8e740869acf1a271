"""The networks by name; each is imported, and torch with it, when it is first built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from quant.errors import unknown_name

if TYPE_CHECKING:
    from torch import nn

    from quant.networks.family import Family

__all__ = ["NETWORKS", "NetworkEntry", "build", "find_network", "load_family"]


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """What is known of a network before it is imported.

    Attributes
    ----------
    name : str
    home : str
        ``module:attribute`` of its `Family`.
    help : str
        One line.
    epochs : int
        How long it is trained unless something else is asked for.
    dataset : str
        What it is trained on unless something else is asked for.
    batch_size : int
        Images of a batch unless something else is asked for.
    """

    name: str
    home: str
    help: str
    epochs: int
    dataset: str
    batch_size: int = 256


NETWORKS: Mapping[str, NetworkEntry] = {
    entry.name: entry
    for entry in (
        NetworkEntry(
            "digits", "quant.networks.digits:DIGITS",
            "two binarized convolutions and a linear layer, every value ±1", 150, "digits", 64,
        ),
        NetworkEntry(
            "mnist", "quant.networks.small_cnn:MNIST",
            "three convolutions and two linear layers for grey images", 100, "mnist",
        ),
        NetworkEntry(
            "cnn3", "quant.networks.small_cnn:CNN3",
            "three convolutions and two linear layers for coloured images", 100, "cifar10",
        ),
        NetworkEntry(
            "alexnet_binary", "quant.networks.alexnet:ALEXNET",
            "AlexNet, three times as wide", 60, "imagenet",
        ),
        NetworkEntry(
            "vgg_cifar10_binary", "quant.networks.vgg:VGG_CIFAR10",
            "six convolutions and three linear layers, three times as wide", 160, "cifar10",
        ),
        NetworkEntry(
            "resnet_binary", "quant.networks.resnet:RESNET",
            "residual networks, for CIFAR (6n+2) or ImageNet (18, 34, 50, 101, 152)", 240, "cifar10",
        ),
    )
}  # fmt: skip
"""All networks, by name."""


def find_network(name: str) -> NetworkEntry:
    """Return a network's entry.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME, with the nearest name.
    """
    if name not in NETWORKS:
        raise unknown_name("network", name, NETWORKS)
    return NETWORKS[name]


def load_family(name: str) -> Family:
    """Import a network's module and return what it offers.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME.
    """
    module, _, attribute = find_network(name).home.partition(":")
    family: Family = getattr(import_module(module), attribute)
    return family


def build(name: str, arguments: Mapping[str, Any] | None = None) -> nn.Module:
    """Build a network.

    Parameters
    ----------
    name : str
    arguments : mapping, optional
        Of `quant.networks.options.Options` and the network's own; the rest has its defaults.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME for the network or an argument, QUANT_BAD_OPTION for a value,
        NN_SHAPE_MISMATCH when the image is too small for the windows.
    """
    family = load_family(name)
    options = import_module("quant.networks.options").read_options(family.options, arguments or {})
    return family.build(options)
