"""Runs a program on images: whole columns of packed signs and reals, a bounded batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from nn_ops.binary_conv import distances, sign_conv
from nn_ops.conventions import Words, n_words, pack_bits, unpack_signs
from nn_ops.errors import NN_PIXEL_OUT_OF_RANGE, NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.first_layer import real_product
from nn_ops.graph import Floats
from nn_ops.lower import IMAGE
from nn_ops.pooling import (
    average_pool,
    average_pool_signs,
    max_pool_reals,
    max_pool_signs,
)
from nn_ops.program import (
    AddStage,
    AffineStage,
    AnyStage,
    AverageStage,
    ClampStage,
    EncodeStage,
    PoolStage,
    Program,
    RealProductStage,
    SignProductStage,
    SignStage,
    SumProductStage,
)
from nn_ops.residual import add, affine, clamp, signs_of, sums_of

Column: TypeAlias = NDArray[Any]
"""An image per row: packed signs (uint64), reals (float64), or the pixels (integers)."""

BATCH_BYTES = 1 << 26
"""About so many bytes of columns are in memory at a time."""


def run(program: Program, pixels: NDArray[Any], *, batch_bytes: int = BATCH_BYTES) -> Floats:
    """Return the logits of images.

    Parameters
    ----------
    program : Program
    pixels : ndarray of an integer dtype, shape (n, height, width, channels) or (n, size)
        Flat images are by row, column, channel.
    batch_bytes : int
        Images are taken in batches whose columns need about so many bytes; at least one at a time.

    Returns
    -------
    ndarray of float64, shape (n, classes)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH and NN_PIXEL_OUT_OF_RANGE for pixels that are not those of the program's
        images; NN_SIGN_OF_ZERO when a value that must be a sign is 0.
    """
    images = checked_pixels(program, pixels)
    logits = np.empty((len(images), len(program.classes)))
    last_readers = _last_readers(program)
    for rows in _batches(program, len(images), batch_bytes):
        columns: dict[str, Column] = {IMAGE: images[rows]}
        for number, stage in enumerate(program.stages):
            columns[stage.name] = run_stage(stage, program, columns)
            for name in stage.inputs:
                if last_readers[name] == number:
                    columns.pop(name, None)
        logits[rows] = columns[program.stages[-1].name].reshape(-1, len(program.classes))
    return logits


def trace(program: Program, pixels: NDArray[Any]) -> dict[str, Column]:
    """Return what every stage gives.

    Parameters
    ----------
    program : Program
    pixels : ndarray
        As for `run`.

    Returns
    -------
    dict
        By the stages' names, which are names of nodes: packed signs, uint64 of shape (n, height,
        width, n_words(channels)), or reals, float64 of shape (n, height, width, channels).

    Raises
    ------
    ExtensionError
        As `run`.
    """
    columns: dict[str, Column] = {IMAGE: checked_pixels(program, pixels)}
    for stage in program.stages:
        columns[stage.name] = run_stage(stage, program, columns)
    del columns[IMAGE]
    return columns


def run_stage(stage: AnyStage, program: Program, columns: dict[str, Column]) -> Column:
    """Return what one stage gives.

    Parameters
    ----------
    stage : AnyStage
    program : Program
        The one that the stage is of.
    columns : dict
        What the stages that it reads have given, and the pixels, by name.

    Returns
    -------
    ndarray
        As in `trace`.

    Raises
    ------
    ExtensionError
        As `run`.
    """
    values = columns[stage.inputs[0]]
    match stage:
        case EncodeStage():
            return encode(values, stage)
        case SignProductStage():
            return sign_conv(values, stage)
        case SumProductStage(product=product, bias=bias):
            return sums_of(distances(values, product), product, bias)
        case RealProductStage():
            return real_product(values, stage)
        case PoolStage(kind="signs", window=window, input=shape):
            return max_pool_signs(values, window, shape)
        case PoolStage(window=window, input=shape):
            return max_pool_reals(values, window, shape)
        case AverageStage(window=window, input=shape):
            if values.dtype == np.uint64:
                return average_pool_signs(values, window, shape)
            return average_pool(values, window, shape)
        case AffineStage(output=shape, scale=scale, offset=offset):
            return affine(_reals(values, shape.channels), scale, offset)
        case ClampStage(output=shape, low=low, high=high):
            return clamp(_reals(values, shape.channels), low, high)
        case AddStage(output=shape, inputs=inputs):
            left, right = (_reals(columns[name], shape.channels) for name in inputs)
            return add(left, right)
        case SignStage(zero=zero):
            return signs_of(values, zero)
    assert_never(stage)


def encode(pixels: Column, stage: EncodeStage) -> Words:
    """Return the signs of pixels against integer thresholds.

    Parameters
    ----------
    pixels : ndarray of an integer dtype, shape (n, height, width, channels)
    stage : EncodeStage

    Returns
    -------
    ndarray of uint64, shape (n, height, width, n_words(channels * thresholds))
    """
    above = pixels[..., None] > stage.thresholds
    return pack_bits(above.reshape(*pixels.shape[:3], stage.output.channels))


def checked_pixels(program: Program, pixels: NDArray[Any]) -> Column:
    """Return pixels as images of the program's shape.

    Parameters
    ----------
    program : Program
    pixels : ndarray of an integer dtype, shape (n, height, width, channels) or (n, size)

    Returns
    -------
    ndarray of an integer dtype, shape (n, height, width, channels)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH for another shape, NN_PIXEL_OUT_OF_RANGE for a pixel that is no integer
        from 0 to the greatest that the program takes.
    """
    shape = program.image
    whole = (shape.height, shape.width, shape.channels)
    if pixels.ndim < 2 or pixels.shape[1:] not in (whole, (shape.size,)):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"network {program.name!r} takes images of {shape.height}x{shape.width} pixels and "
            f"{shape.channels} channels ({shape.size} values), found an array of shape "
            f"{pixels.shape}",
        )
    if pixels.dtype.kind not in "iu":
        raise _out_of_range(program, f"found values of {pixels.dtype}")
    if pixels.size and (pixels.min() < 0 or pixels.max() > program.max_pixel):
        raise _out_of_range(program, f"found {pixels.min()} to {pixels.max()}")
    return pixels.reshape(-1, *whole)


def bytes_per_image(program: Program) -> int:
    """Return how many bytes of columns one image needs at most at a time.

    Parameters
    ----------
    program : Program

    Returns
    -------
    int
        The columns that still have a reader and the one being made, with a copy of it.
    """
    last_readers = _last_readers(program)
    sizes = {IMAGE: program.image.size * 8}
    alive, most = sizes[IMAGE], 0
    for number, stage in enumerate(program.stages):
        shape = stage.output
        per_cell = n_words(shape.channels) if stage.kind == "signs" else shape.channels
        size = sizes[stage.name] = shape.cells * per_cell * 8
        alive += size
        extra = stage.product.output.size if isinstance(stage, SumProductStage) else 0
        most = max(most, alive + size + 12 * extra)
        alive -= sum(sizes[name] for name in set(stage.inputs) if last_readers[name] == number)
    return most


def _out_of_range(program: Program, found: str) -> ExtensionError:
    return ExtensionError(
        NN_PIXEL_OUT_OF_RANGE,
        f"network {program.name!r} takes integers from 0 to {program.max_pixel}, {found}",
    )


def _last_readers(program: Program) -> dict[str, int]:
    """Return the number of the last stage that reads each column."""
    found = {}
    for number, stage in enumerate(program.stages):
        for name in stage.inputs:
            found[name] = number
    return found


def _batches(program: Program, n_images: int, batch_bytes: int) -> Iterator[slice]:
    """Split images into runs of about equal length that fit into `batch_bytes`."""
    at_once = max(1, batch_bytes // bytes_per_image(program))
    n_runs = -(-n_images // at_once)
    for run_number in range(n_runs):
        yield slice(n_images * run_number // n_runs, n_images * (run_number + 1) // n_runs)


def _reals(values: Column, channels: int) -> Floats:
    """Return a column as reals: signs as +1 and -1."""
    if values.dtype == np.uint64:
        return unpack_signs(values, channels).astype(np.float64)
    return values
