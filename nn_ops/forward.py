"""A network run on packed words by NumPy alone: the sums that SQL and PyTorch must also find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nn_ops.batch_norm import Floats
from nn_ops.conventions import Bits, differing_bits, pack_bits
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.network import ConvLayer, LinearLayer, Network

Distances = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a network computed on the way to its logits.

    Attributes
    ----------
    sums : tuple of ndarray of int32
        One per layer, before bias and pool: (n, height, width, filters) of a convolution,
        (n, features) of a linear layer.
    logits : ndarray of float64, shape (n, classes)
    """

    sums: tuple[NDArray[np.int32], ...]
    logits: Floats


def encode(pixels: NDArray[np.generic], network: Network) -> Bits:
    """Return the bits that enter the first layer.

    Parameters
    ----------
    pixels : ndarray of an integer dtype, shape (n, height * width)
    network : Network

    Returns
    -------
    ndarray of bool, shape (n, height, width, thresholds)
        True where the pixel is above the channel's threshold.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of the network's size.
    """
    image = network.image
    if pixels.ndim != 2 or pixels.shape[1] != image.size:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"network {network.name!r} takes images of {image.size} pixels, "
            f"found an array of shape {pixels.shape}",
        )
    levels = np.array(network.thresholds)
    planes: Bits = np.greater(pixels[:, :, None], levels)
    return planes.reshape((len(pixels), image.height, image.width, len(levels)))


def patch_bits(bits: Bits, layer: ConvLayer) -> Bits:
    """Return the patch of every position, its values by kernel row, kernel column, channel.

    Parameters
    ----------
    bits : ndarray of bool, shape (n, height, width, channels)
    layer : ConvLayer

    Returns
    -------
    ndarray of bool, shape (n, out_height, out_width, fan_in)
        Border values are False: -1.
    """
    border = (layer.padding, layer.padding)
    padded = np.pad(bits, ((0, 0), border, border, (0, 0)))
    windows = sliding_window_view(padded, (layer.kernel, layer.kernel), axis=(1, 2))
    stepped = windows[:, :: layer.stride, :: layer.stride]  # (n, h, w, channel, kh, kw)
    patches = stepped.transpose(0, 1, 2, 4, 5, 3)
    return patches.reshape(*patches.shape[:3], layer.fan_in)


def conv_distances(bits: Bits, layer: ConvLayer) -> Distances:
    """Return D of every position and filter, before the pool.

    Parameters
    ----------
    bits : ndarray of bool, shape (n, height, width, channels)
    layer : ConvLayer

    Returns
    -------
    ndarray of int32, shape (n, out_height, out_width, filters)
        The number of bits in which patch and filter differ; the sum is ``fan_in - 2 * D``.
    """
    words = pack_bits(patch_bits(bits, layer))
    distances = differing_bits(words.reshape(-1, layer.n_words), layer.words)
    return distances.reshape(*words.shape[:3], layer.filters)


def min_pool(distances: Distances, pool: int) -> Distances:
    """Return the least D of each window of `pool` x `pool` positions: the greatest sum.

    Parameters
    ----------
    distances : ndarray of int32, shape (n, height, width, filters)
    pool : int
        Side and stride; rows and columns that fill no window are left out.

    Returns
    -------
    ndarray of int32, shape (n, height // pool, width // pool, filters)
    """
    n, height, width, filters = distances.shape
    height, width = height // pool, width // pool
    whole = distances[:, : height * pool, : width * pool]
    windows = whole.reshape(n, height, pool, width, pool, filters)
    pooled: Distances = windows.min(axis=(2, 4))
    return pooled


def linear_distances(bits: Bits, layer: LinearLayer) -> Distances:
    """Return D of every row and feature.

    Parameters
    ----------
    bits : ndarray of bool, shape (n, ...)
        Flattened by row, column, channel.
    layer : LinearLayer

    Returns
    -------
    ndarray of int32, shape (n, out_features)
    """
    return differing_bits(pack_bits(bits.reshape(len(bits), layer.in_features)), layer.words)


def run(network: Network, pixels: NDArray[np.generic]) -> Trace:
    """Run `network` on images.

    Parameters
    ----------
    network : Network
    pixels : ndarray of an integer dtype, shape (n, height * width)

    Returns
    -------
    Trace

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of the network's size.
    """
    bits = encode(pixels, network)
    sums: list[NDArray[np.int32]] = []
    for layer in network.layers:
        if isinstance(layer, ConvLayer):
            distances = conv_distances(bits, layer)
            decided = min_pool(distances, layer.pool)
        else:
            distances = decided = linear_distances(bits, layer)
        sums.append(layer.fan_in - 2 * distances)
        if layer is not network.last:
            bits = layer.limits().apply(decided)
    logits = network.logits()
    return Trace(tuple(sums), sums[-1] * logits.scale + logits.shift)
