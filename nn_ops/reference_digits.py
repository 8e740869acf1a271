"""The digits network's operators as plain loops over bitarray: the oracle, never fast.

Every function does one thing the way its definition says it. Faster ways are compared with these.
"""

from __future__ import annotations

from collections.abc import Sequence

from bitarray import bitarray

from nn_ops.conventions import WORD_BITS, Words
from nn_ops.geometry import ImageShape
from nn_ops.network import ConvLayer, LinearLayer, Network
from nn_ops.threshold import Limits


def unpack(words: Words, n_bits: int) -> list[bitarray]:
    """Return the bits of each row of words, bit i at place i.

    Parameters
    ----------
    words : ndarray of uint64, shape (rows, n_words)
    n_bits : int

    Returns
    -------
    list of bitarray, each of length `n_bits`
    """
    rows = []
    for row in words:
        bits = bitarray()
        for word in row:
            for place in range(WORD_BITS):
                bits.append(int(word) >> place & 1)
        rows.append(bits[:n_bits])
    return rows


def encode(pixels: Sequence[int], thresholds: Sequence[int]) -> bitarray:
    """Return one bit per pixel and threshold, the threshold fastest: 1 where pixel > threshold."""
    bits = bitarray()
    for pixel in pixels:
        for threshold in thresholds:
            bits.append(pixel > threshold)
    return bits


def distance(left: bitarray, right: bitarray) -> int:
    """Return D: in how many places the two differ."""
    return (left ^ right).count(1)


def patch(bits: bitarray, layer: ConvLayer, out_row: int, out_column: int) -> bitarray:
    """Return the patch of one output position; places outside the image are 0, that is -1.

    Parameters
    ----------
    bits : bitarray
        The image by row, column, channel.
    layer : ConvLayer
    out_row, out_column : int
        A position of ``layer.conv_output``.

    Returns
    -------
    bitarray of length ``layer.fan_in``
        By kernel row, kernel column, channel.
    """
    shape = layer.input
    found = bitarray()
    for kernel_row in range(layer.kernel):
        for kernel_column in range(layer.kernel):
            row = out_row * layer.stride + kernel_row - layer.padding
            column = out_column * layer.stride + kernel_column - layer.padding
            is_inside = 0 <= row < shape.height and 0 <= column < shape.width
            for channel in range(shape.channels):
                place = (row * shape.width + column) * shape.channels + channel
                found.append(bits[place] if is_inside else 0)
    return found


def conv(bits: bitarray, layer: ConvLayer) -> list[int]:
    """Return D by row, column, filter: the binarized convolution before bias and pool."""
    kernels = unpack(layer.words, layer.fan_in)
    output = layer.conv_output
    distances: list[int] = []
    for row in range(output.height):
        for column in range(output.width):
            values = patch(bits, layer, row, column)
            distances.extend(distance(values, kernel) for kernel in kernels)
    return distances


def min_pool(distances: Sequence[int], shape: ImageShape, pool: int) -> list[int]:
    """Return the least D of each window, by row, column, filter.

    Parameters
    ----------
    distances : sequence of int
        By row, column, filter.
    shape : ImageShape
        Of `distances`.
    pool : int
        Side and stride of the window.
    """
    pooled = []
    for row in range(shape.height // pool):
        for column in range(shape.width // pool):
            for channel in range(shape.channels):
                window = []
                for down in range(pool):
                    for right in range(pool):
                        at = (row * pool + down) * shape.width + column * pool + right
                        window.append(distances[at * shape.channels + channel])
                pooled.append(min(window))
    return pooled


def linear(bits: bitarray, layer: LinearLayer) -> list[int]:
    """Return D of each output feature: the binarized linear layer before its bias."""
    return [distance(bits, kernel) for kernel in unpack(layer.words, layer.fan_in)]


def decide(distances: Sequence[int], limits: Limits) -> bitarray:
    """Return the sign bits of distances whose fastest place is the filter."""
    bits = bitarray()
    n_filters = len(limits.limit)
    for place, found in enumerate(distances):
        limit = int(limits.limit[place % n_filters])
        if limits.polarity[place % n_filters] > 0:
            bits.append(found <= limit)
        else:
            bits.append(found >= limit)
    return bits


def run(network: Network, pixels: Sequence[int]) -> tuple[list[list[int]], list[float]]:
    """Run `network` on one image.

    Parameters
    ----------
    network : Network
    pixels : sequence of int
        By row and column.

    Returns
    -------
    list of list of int, and list of float
        Every layer's integer sums, by row, column, filter and before the pool, and the logits.
    """
    bits = encode(pixels, network.thresholds)
    sums = []
    for layer in network.layers:
        if isinstance(layer, ConvLayer):
            distances = conv(bits, layer)
            decided = min_pool(distances, layer.conv_output, layer.pool)
        else:
            distances = decided = linear(bits, layer)
        sums.append([layer.fan_in - 2 * found for found in distances])
        if layer is not network.last:
            bits = decide(decided, layer.limits())
    logits = network.logits()
    answers = zip(sums[-1], logits.scale, logits.shift, strict=True)
    return sums, [float(value * scale + shift) for value, scale, shift in answers]
