"""A model file's network as a PyTorch network in double precision, layer by layer."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from nn_ops import graph
from nn_ops.batch_norm import BatchNorm
from nn_ops.conventions import unpack_signs
from nn_ops.network import ConvLayer, LinearLayer, Network, as_layers
from quant.binarize import BACKGROUND
from quant.networks.digits import thermometer

_Norm = TypeVar("_Norm", nn.BatchNorm1d, nn.BatchNorm2d)


class RebuiltConv(nn.Module):
    """Convolution, max pool and batch norm of one layer; no gradients.

    Parameters
    ----------
    layer : ConvLayer
    """

    def __init__(self, layer: ConvLayer) -> None:
        super().__init__()
        signs = torch.from_numpy(unpack_signs(layer.words, layer.fan_in)).double()
        square = (layer.filters, layer.kernel, layer.kernel, layer.input.channels)
        self.weight = nn.Parameter(signs.reshape(square).permute(0, 3, 1, 2), requires_grad=False)
        self.bias = _parameter(layer.norm.bias)
        self.norm = _fill(nn.BatchNorm2d(layer.filters, eps=layer.norm.eps), layer.norm)
        self.stride, self.padding, self.pool = layer.stride, layer.padding, layer.pool

    def sums(self, x: Tensor) -> Tensor:
        """Return the integer sums, without bias, before the pool: (n, filters, h, w)."""
        padded = functional.pad(x, (self.padding,) * 4, value=BACKGROUND)
        return functional.conv2d(padded, self.weight, stride=self.stride)

    def forward(self, x: Tensor) -> Tensor:
        """Return the signs of the normalized maxima; `x` is (n, channels, h, w) of ±1."""
        biased = self.sums(x) + self.bias[None, :, None, None]
        pooled = functional.max_pool2d(biased, self.pool)
        return torch.sign(self.norm(pooled))


class RebuiltLinear(nn.Module):
    """Linear layer and batch norm; signs follow unless it is the last.

    Parameters
    ----------
    layer : LinearLayer
    """

    def __init__(self, layer: LinearLayer) -> None:
        super().__init__()
        signs = torch.from_numpy(unpack_signs(layer.words, layer.fan_in)).double()
        self.weight = nn.Parameter(signs, requires_grad=False)
        self.bias = _parameter(layer.norm.bias)
        self.norm = _fill(nn.BatchNorm1d(layer.out_features, eps=layer.norm.eps), layer.norm)
        self.is_last = layer.is_last

    def sums(self, x: Tensor) -> Tensor:
        """Return the integer sums, without bias: (n, out_features)."""
        if x.dim() == 4:
            x = x.permute(0, 2, 3, 1).flatten(1)
        return functional.linear(x, self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, or the signs of a layer in the middle."""
        normalized: Tensor = self.norm(self.sums(x) + self.bias)
        return normalized if self.is_last else torch.sign(normalized)


class RebuiltNetwork(nn.Module):
    """The network of a model file, in double precision and eval mode.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.thresholds = network.thresholds
        self.layers = nn.ModuleList(
            RebuiltConv(layer) if isinstance(layer, ConvLayer) else RebuiltLinear(layer)
            for layer in network.layers
        )
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, classes) of float64 images (n, height, width)."""
        x = thermometer(images, self.thresholds)
        for layer in self.layers:
            x = layer(x)
        return x

    def stages(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """Return every layer's integer sums, before its pool, and the logits.

        Parameters
        ----------
        images : Tensor of float64, shape (n, height, width)

        Returns
        -------
        list of Tensor of float64, and Tensor of float64
            Sums of convolutions are (n, filters, height, width), of linear layers (n, features).
        """
        x = thermometer(images, self.thresholds)
        sums = []
        for layer in self.layers:
            assert isinstance(layer, RebuiltConv | RebuiltLinear)  # the only kinds put there
            sums.append(layer.sums(x))
            x = layer(x)
        return sums, x


def rebuild_network(network: Network | graph.Network) -> RebuiltNetwork:
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
    return RebuiltNetwork(network if isinstance(network, Network) else as_layers(network))


def _parameter(values: object) -> nn.Parameter:
    return nn.Parameter(torch.tensor(values, dtype=torch.float64), requires_grad=False)


def _fill(module: _Norm, norm: BatchNorm) -> _Norm:
    """Give a PyTorch batch norm the stored parameters."""
    module.double().requires_grad_(False).load_state_dict(
        {
            "weight": torch.tensor(norm.gamma),
            "bias": torch.tensor(norm.beta),
            "running_mean": torch.tensor(norm.mean),
            "running_var": torch.tensor(norm.variance),
            "num_batches_tracked": torch.tensor(1),
        }
    )
    return module
