"""What PyTorch gives at every layer: of a network rebuilt from a model, or of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nn_ops.graph import Network
from quant.binarize import Binarized
from quant.checkpoint_network import read_module
from quant.estimators import sign_of
from quant.rebuild import rebuild_network

Trace = dict[str, NDArray[Any]]


def trace_rebuilt(network: Network, pixels: NDArray[np.integer]) -> Trace:
    """Return what every node gives in PyTorch, in double precision.

    Parameters
    ----------
    network : Network
    pixels : ndarray, integer, shape (n, height, width, channels)

    Returns
    -------
    dict of ndarray, shape (n, height, width, channels)
        By the nodes' names.
    """
    found = rebuild_network(network).trace(torch.from_numpy(pixels).double())
    return {name: value.numpy() for name, value in found.items()}


def trace_checkpoint(path: str, pixels: NDArray[np.integer]) -> Trace:
    """Return what every layer of a checkpoint's own network gives, in double precision.

    Parameters
    ----------
    path : str
        A checkpoint of ``minidb train``, or the folder of its run.
    pixels : ndarray, integer, shape (n, height, width, channels)

    Returns
    -------
    dict of ndarray, shape (n, height, width, channels)
        By the names that `quant.to_graph` gives the nodes.

    Raises
    ------
    ExtensionError
        As `quant.checkpoint_network.read_module`.
    """
    module, _, _ = read_module(Path(path))
    return trace_module(module, torch.from_numpy(pixels).permute(0, 3, 1, 2).double())


def trace_module(module: nn.Module, images: Tensor) -> Trace:
    """Return what every layer of a network gives, and the signs that binarized layers take.

    Parameters
    ----------
    module : nn.Module
        In eval mode.
    images : Tensor, shape (n, channels, height, width)
    """
    found: Trace = {}

    def note(name: str, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(layer, Binarized) and layer.binary_input:
            found[f"{name}_sign"] = _channels_last(sign_of(inputs[0], layer.zero))
        found[name] = _channels_last(output)

    handles = [
        layer.register_forward_hook(_hook(note, path.replace(".", "_")))
        for path, layer in module.named_modules()
        if path
    ]
    try:
        with torch.no_grad():
            module(images)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _hook(note: Any, name: str) -> Any:
    """Return a hook that notes what a layer of a name takes and gives."""

    def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        note(name, layer, inputs, output)

    return hook


def _channels_last(values: Tensor) -> NDArray[Any]:
    """Return images by row, column, channel; a vector is one cell."""
    images = values[:, :, None, None] if values.dim() == 2 else values
    return images.permute(0, 2, 3, 1).numpy()
