"""A network's graph run by PyTorch in double precision, node by node: what every form must equal."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nn_ops.conventions import unpack_bits
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
    Weights,
    fan_in_of,
    shapes_of,
)


def run_graph(network: Network, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return every node's output, shape (n, height, width, channels), by its name."""
    shape = network.image.shape
    images = torch.from_numpy(pixels.reshape(-1, shape.height, shape.width, shape.channels) * 1.0)
    made: dict[str, Tensor] = {network.image.name: images.permute(0, 3, 1, 2)}
    shapes = shapes_of(network)
    for node in network.nodes[1:]:
        inputs = [made[name] for name in node.inputs]
        fan_in = fan_in_of(node, shapes[node.input]) if isinstance(node, Conv | Linear) else 0
        made[node.name] = _output(node, inputs, fan_in, network.image)
    return {name: value.permute(0, 2, 3, 1).numpy() for name, value in made.items()}


def run_node(node: Node, *inputs: np.ndarray, max_pixel: int = 1) -> np.ndarray:
    """Return one node's output for images of shape (n, height, width, channels)."""
    shape = ImageShape(*inputs[0].shape[1:])
    fan_in = fan_in_of(node, shape) if isinstance(node, Conv | Linear) else 0
    tensors = [torch.from_numpy(images * 1.0).permute(0, 3, 1, 2).contiguous() for images in inputs]
    found = _output(node, tensors, fan_in, Input("pixels", shape, max_pixel))
    return found.permute(0, 2, 3, 1).contiguous().numpy()


def _output(node: Node, inputs: list[Tensor], fan_in: int, image: Input) -> Tensor:
    x = inputs[0]
    match node:
        case Thermometer(thresholds=thresholds):
            steps = [torch.where(x > step, 1.0, -1.0).double() for step in thresholds]
            return torch.stack(steps, 2).flatten(1, 2)
        case Normalize(mean=mean, std=std):
            return (x / image.max_pixel - _channels(mean)) / _channels(std)
        case Sign(zero=zero):
            signs = torch.sign(x)
            return torch.where(signs == 0, float(zero), signs)
        case Conv():
            return _convolved(node, x, fan_in)
        case Linear(weights=weights, bias=bias):
            flat = x.permute(0, 2, 3, 1).flatten(1)
            rows = functional.linear(flat, _weights(weights, fan_in), _vector(bias))
            return rows[:, :, None, None]
        case MaxPool(window=window):
            return functional.max_pool2d(
                x, window.kernel, window.stride, window.padding, window.dilation
            )
        case AveragePool(window=window):
            return functional.avg_pool2d(x, window.kernel, window.stride)
        case BatchNorm():
            vectors = map(_vector, (node.mean, node.variance, node.gamma, node.beta))
            return functional.batch_norm(x, *vectors, False, 0.0, node.eps)
        case Hardtanh():
            return functional.hardtanh(x)
        case Relu():
            return functional.relu(x)
        case Add():
            return x + inputs[1]
        case Input():
            return x


def _convolved(node: Conv, x: Tensor, fan_in: int) -> Tensor:
    window = node.window
    down, along = window.padding
    padded = functional.pad(x, (along, along, down, down), value=float(node.padding_value))
    kernels = _weights(node.weights, fan_in).reshape(node.filters, *window.kernel, -1)
    return functional.conv2d(
        padded,
        kernels.permute(0, 3, 1, 2),
        _vector(node.bias),
        window.stride,
        0,
        window.dilation,
        node.groups,
    )


def _weights(weights: Weights, fan_in: int) -> Tensor:
    signs = np.where(unpack_bits(weights.words, fan_in), 1.0, -1.0)
    if weights.mask is not None:
        signs *= unpack_bits(weights.mask, fan_in)
    return torch.from_numpy(signs)


def _vector(values: np.ndarray | None) -> Tensor | None:
    return None if values is None else torch.from_numpy(values)


def _channels(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None, None]
