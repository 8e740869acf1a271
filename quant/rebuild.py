"""A network's graph as a PyTorch network in double precision, node by node."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, assert_never

import torch
from torch import Tensor, nn
from torch.nn import functional

from nn_ops.conventions import unpack_signs
from nn_ops.geometry import ImageShape
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
    fan_in_of,
    shapes_of,
)

Operation: TypeAlias = Callable[..., Tensor]


class RebuiltLayer(nn.Module):
    """A convolution or a linear layer with weights of +1 and -1, and 0 where pruned.

    Parameters
    ----------
    node : Conv or Linear
    before : ImageShape
        Of its input.
    """

    def __init__(self, node: Conv | Linear, before: ImageShape) -> None:
        super().__init__()
        fan_in, stored = fan_in_of(node, before), node.weights
        signs = torch.from_numpy(unpack_signs(stored.words, fan_in)).double()
        if stored.mask is not None:
            signs *= torch.from_numpy(unpack_signs(stored.mask, fan_in) > 0).double()
        if isinstance(node, Conv):
            shape = (node.filters, *node.window.kernel, before.channels // node.groups)
            signs = signs.reshape(shape).permute(0, 3, 1, 2).contiguous()
        self.node = node
        self.weight = _parameter(signs)
        self.bias = None if node.bias is None else _parameter(torch.tensor(node.bias))

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums plus bias of images (n, channels, height, width)."""
        node = self.node
        if isinstance(node, Linear):
            flat = x.permute(0, 2, 3, 1).flatten(1)
            return functional.linear(flat, self.weight, self.bias)[:, :, None, None]
        window = node.window
        padding = window.padding
        if node.padding_value:
            down, along = padding
            border = (along, along, down, down)
            x, padding = functional.pad(x, border, value=float(node.padding_value)), (0, 0)
        options = (window.stride, padding, window.dilation, node.groups)
        return functional.conv2d(x, self.weight, self.bias, *options)


class RebuiltNorm(nn.BatchNorm2d):
    """A batch norm with the stored parameters and statistics.

    Parameters
    ----------
    node : BatchNorm
    """

    def __init__(self, node: BatchNorm) -> None:
        super().__init__(len(node.gamma), eps=node.eps, dtype=torch.float64)
        self.requires_grad_(requires_grad=False).load_state_dict(
            {
                "weight": torch.tensor(node.gamma),
                "bias": torch.tensor(node.beta),
                "running_mean": torch.tensor(node.mean),
                "running_var": torch.tensor(node.variance),
                "num_batches_tracked": torch.tensor(1),
            }
        )
        self.eval()


class RebuiltNetwork(nn.Module):
    """What a network's graph describes, in double precision and eval mode; no gradients.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.layers = nn.ModuleList()
        self._operations: dict[str, Operation] = {}
        shapes = shapes_of(network)
        for node in network.nodes[1:]:
            operation = operation_of(node, shapes[node.inputs[0]], network.image)
            if isinstance(operation, nn.Module):
                self.layers.append(operation)
            self._operations[node.name] = operation
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, classes) of float64 images (n, height, width, channels)."""
        *_, logits = self.trace(images).values()
        return logits.flatten(1)

    def trace(self, images: Tensor) -> dict[str, Tensor]:
        """Return what every node gives.

        Parameters
        ----------
        images : Tensor of float64, shape (n, height, width, channels)
            Pixels, from 0 to the network's greatest; a single channel may be left out.

        Returns
        -------
        dict of Tensor of float64
            By the nodes' names, in their order; shape (n, height, width, channels), the logits
            included.
        """
        image = self.network.image
        shape = image.shape
        pixels = images.reshape(-1, shape.height, shape.width, shape.channels)
        found = {image.name: pixels.permute(0, 3, 1, 2)}
        with torch.no_grad():
            for node in self.network.nodes[1:]:
                read = (found[name] for name in node.inputs)
                found[node.name] = self._operations[node.name](*read)
        return {name: value.permute(0, 2, 3, 1) for name, value in found.items()}


def rebuild_network(network: Network) -> RebuiltNetwork:
    """Return the PyTorch network that `network` describes.

    Parameters
    ----------
    network : Network
        As `nn_ops.model_file` reads it.

    Returns
    -------
    RebuiltNetwork
        Its answers are the reference for every other way of running the network.
    """
    return RebuiltNetwork(network)


def operation_of(node: Node, before: ImageShape, image: Input) -> Operation:
    """Return what one node does in PyTorch.

    Parameters
    ----------
    node : Node
    before : ImageShape
        Of what it reads first.
    image : Input
        The network's pixels.

    Returns
    -------
    callable
        From tensors of float64, shape (n, channels, height, width), to one.
    """
    match node:
        case Thermometer(thresholds=thresholds):
            return partial(_thermometer, thresholds=thresholds)
        case Normalize(mean=mean, std=std):
            return partial(_normalize, max_pixel=image.max_pixel, mean=mean, std=std)
        case Sign(zero=zero):
            return partial(_sign, zero=zero)
        case Conv() | Linear():
            return RebuiltLayer(node, before)
        case BatchNorm():
            return RebuiltNorm(node)
        case MaxPool(window=window):
            return nn.MaxPool2d(window.kernel, window.stride, window.padding, window.dilation)
        case AveragePool(window=window):
            return nn.AvgPool2d(window.kernel, window.stride)
        case Hardtanh():
            return nn.Hardtanh()
        case Relu():
            return nn.ReLU()
        case Add():
            return torch.add
        case Input():
            return nn.Identity()
    assert_never(node)


def _thermometer(pixels: Tensor, thresholds: tuple[int, ...]) -> Tensor:
    """Return one plane of +1 and -1 per channel and threshold, the threshold fastest."""
    levels = torch.tensor(thresholds, dtype=pixels.dtype)[:, None, None]
    above = pixels[:, :, None] > levels
    return above.flatten(1, 2).to(pixels.dtype) * 2 - 1


def _normalize(
    pixels: Tensor, max_pixel: int, mean: tuple[float, ...], std: tuple[float, ...]
) -> Tensor:
    means, stds = (
        torch.tensor(values, dtype=torch.float64)[:, None, None] for values in (mean, std)
    )
    return (pixels / max_pixel - means) / stds


def _sign(x: Tensor, zero: int) -> Tensor:
    if zero == 0:
        return torch.sign(x)
    return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)


def _parameter(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)
