"""A trained digits network as a graph of `nn_ops`, ready for the model file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nn_ops.digits import MAX_PIXEL
from nn_ops.geometry import ImageShape
from nn_ops.graph import JsonValue, Network, Node, OneInput
from nn_ops.lower import lower
from nn_ops.validate import check_network
from quant.networks.digits import DigitsNetwork
from quant.to_graph import Ends, to_graph

NAMES = {"thermometer": "encode", "conv2_sign": "sign1", "linear_sign": "sign2"}
"""What the shipped file calls nodes that are called otherwise when they are traced."""


def export_digits(network: DigitsNetwork, training: Mapping[str, JsonValue]) -> Network:
    """Return the network as data: signs packed, parameters in double precision.

    Parameters
    ----------
    network : DigitsNetwork
        In double precision, its batch statistics final.
    training : mapping
        How it came about; kept in the model file.

    Returns
    -------
    Network

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when an activation could be 0, NN_NOT_FINITE when a parameter is not finite.

    Notes
    -----
    A latent weight of exactly 0 has the sign 0: it counts as pruned.
    """
    shape = network.shape
    image = ImageShape(shape.image_size, shape.image_size, shape.channels)
    classes = tuple(str(digit) for digit in range(shape.classes))
    traced = to_graph(network, Ends(image, MAX_PIXEL, classes), "digits", training)
    exported = replace(traced, nodes=tuple(_renamed(node) for node in traced.nodes))
    check_network(exported)
    lower(exported)  # refuses what has no certain sign
    return exported


def _renamed(node: Node) -> Node:
    name = NAMES.get(node.name, node.name)
    if isinstance(node, OneInput):
        return replace(node, name=name, input=NAMES.get(node.input, node.input))
    return node
