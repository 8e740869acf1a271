"""A network's graph run by PyTorch in double precision, node by node: what every form must equal."""

from __future__ import annotations

import numpy as np
import torch

from nn_ops.geometry import ImageShape
from nn_ops.graph import Input, Network, Node
from quant.rebuild import operation_of, rebuild_network


def run_graph(network: Network, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """Return every node's output, shape (n, height, width, channels), by its name."""
    found = rebuild_network(network).trace(torch.from_numpy(pixels * 1.0))
    return {name: value.numpy() for name, value in found.items()}


def run_node(node: Node, *inputs: np.ndarray, max_pixel: int = 1) -> np.ndarray:
    """Return one node's output for images of shape (n, height, width, channels)."""
    shape = ImageShape(*inputs[0].shape[1:])
    operation = operation_of(node, shape, Input("pixels", shape, max_pixel))
    tensors = [torch.from_numpy(images * 1.0).permute(0, 3, 1, 2).contiguous() for images in inputs]
    with torch.no_grad():
        found = operation(*tensors)
    return found.permute(0, 2, 3, 1).contiguous().numpy()
