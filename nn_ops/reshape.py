"""Packed images to packed patches, their inverse, and flattening: moving bits without unpacking.

Inside, words come first: an array of shape (words, ...) holds word k of every row at index k, so
that a shift or an OR is one call over all rows. `patch_columns` gives patches in this form, which
is the one that the packed product reads; `im2col` gives them one row per patch.
"""

from __future__ import annotations

import math

import numpy as np

from nn_ops.conventions import WORD_BITS, Words, has_tail_bits, n_words
from nn_ops.errors import (
    NN_NOT_COVERED,
    NN_PATCHES_DISAGREE,
    NN_SHAPE_MISMATCH,
    ExtensionError,
)
from nn_ops.geometry import ImageShape, Window
from nn_ops.scratch import Scratch


def im2col(images: Words, shape: ImageShape, window: Window, groups: int = 1) -> Words:
    """Return the packed patch under a window at each of its positions.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
    shape : ImageShape
        Of one image.
    window : Window
    groups : int
        The channels are split into so many equal runs, each with patches of its own.

    Returns
    -------
    ndarray of uint64, shape (groups, n, positions, n_words(taps * channels // groups))
        The bits of a patch run by kernel row, kernel column, channel; bits of border cells are 0.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of `shape`, have bits beyond their channels, when
        the window does not fit, or the groups do not divide the channels.
    """
    check_images(images, shape)
    if images.size and has_tail_bits(images, shape.channels):
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"a pixel has bits beyond its {shape.channels} channels"
        )
    columns = patch_columns(images, shape, window, groups)
    height, width = window.output_size(shape.height, shape.width)
    rows = np.ascontiguousarray(columns.transpose(0, 2, 1))
    return rows.reshape(groups, len(images), height * width, columns.shape[1])


def patch_columns(
    images: Words,
    shape: ImageShape,
    window: Window,
    groups: int = 1,
    rows: slice | None = None,
    scratch: Scratch | None = None,
) -> Words:
    """Return the packed patches with their words first.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
        Tail bits zero.
    shape : ImageShape
    window : Window
    groups : int
    rows : slice or None
        The rows of positions whose patches are wanted, ``slice(first, stop)``; None for all.
    scratch : Scratch or None
        Where the patches are put until it is used for others; None for memory of their own.

    Returns
    -------
    ndarray of uint64, shape (groups, n_words(taps * channels // groups), n * positions)
        The patches by image and position; those of one word lie together.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH as in `im2col`; tail bits are not looked at.
    """
    check_images(images, shape)
    channels = channels_per_group(shape, groups)
    out_height, out_width = window.output_size(shape.height, shape.width)
    wanted = slice(0, out_height) if rows is None else rows
    pixels = _band(images, window, wanted)
    own = pixels if groups == 1 else _split(pixels, groups, channels)
    n_rows = wanted.stop - wanted.start
    size = (n_words(window.taps * channels), groups * len(images), n_rows, out_width)
    memory = Scratch() if scratch is None else scratch
    patches: Words = memory.get("patches", math.prod(size), np.uint64).reshape(size)
    _gather(own, window, channels, patches)
    return patches.reshape(size[0], groups, -1).swapaxes(0, 1)


def _split(pixels: Words, groups: int, channels: int) -> Words:
    """Return the channels of each group as images of their own, all images of a group together.

    From (words, n, height, width) to (n_words(channels), groups * n, height, width).
    """
    padded = np.concatenate([pixels, np.zeros((2, *pixels.shape[1:]), dtype=np.uint64)])
    word, shift = np.divmod(np.arange(groups) * channels, WORD_BITS)
    low = shift.astype(np.uint64)[:, None, None, None]
    first = word + np.arange(n_words(channels))[:, None]
    own = padded[first] >> low
    own |= padded[first + 1] << (np.uint64(WORD_BITS - 1) - low) << np.uint64(1)
    _clear_tail(own, channels)
    return own.reshape(len(own), -1, *pixels.shape[2:])


def _clear_tail(words: Words, n_bits: int) -> None:
    """Clear the bits from `n_bits` on; words come first."""
    used = n_bits % WORD_BITS
    if used:
        words[-1] &= np.uint64((1 << used) - 1)


def _band(images: Words, window: Window, rows: slice) -> Words:
    """Return the part of images that some rows of positions cover, with the border's zeros.

    Shape (words, n, height, width): words come first from here on.
    """
    n, height, width, n_of_words = images.shape
    first = rows.start * window.stride[0] - window.padding[0]
    reach = (rows.stop - 1 - rows.start) * window.stride[0]
    reach += (window.kernel[0] - 1) * window.dilation[0] + 1
    start, stop = (min(max(row, 0), height) for row in (first, first + reach))
    covered = np.moveaxis(images[:, start:stop], -1, 0)
    along = window.padding[1]
    if stop - start == reach and not along:
        return covered if window.taps == 1 else np.ascontiguousarray(covered)
    padded = np.zeros((n_of_words, n, reach, width + 2 * along), dtype=np.uint64)
    padded[:, :, start - first : stop - first, along : along + width] = covered
    return padded


def _gather(pixels: Words, window: Window, channels: int, patches: Words) -> None:
    """Write every tap's pixel into `patches`, of shape (words, n, height, width).

    Where a pixel is no whole number of words, the taps of one kernel row are joined first, for
    all rows of the image, and then the rows: kernel[0] + kernel[1] steps instead of their product.
    """
    _, _, height, width = patches.shape
    kh, kw = window.kernel
    if channels % WORD_BITS == 0:
        at = 0
        for row in range(kh):
            for column in range(kw):
                tap = _along(_down(pixels, window, row, height), window, column, width)
                patches[at : at + len(tap)] = tap
                at += len(tap)
        return
    joined = np.zeros((n_words(kw * channels), *pixels.shape[1:3], width), dtype=np.uint64)
    for column in range(kw):
        deposit_bits(joined, _along(pixels, window, column, width), column * channels, channels)
    patches[...] = 0
    for row in range(kh):
        tap = _down(joined, window, row, height)
        deposit_bits(patches, tap, row * kw * channels, kw * channels)


def _down(pixels: Words, window: Window, row: int, count: int) -> Words:
    """Return the image rows under one of the window's rows, for `count` positions."""
    start, step = row * window.dilation[0], window.stride[0]
    return pixels[:, :, start : start + (count - 1) * step + 1 : step]


def _along(pixels: Words, window: Window, column: int, count: int) -> Words:
    """Return the image columns under one of the window's columns, for `count` positions."""
    start, step = column * window.dilation[1], window.stride[1]
    return pixels[:, :, :, start : start + (count - 1) * step + 1 : step]


def deposit_bits(target: Words, source: Words, at: int, n_bits: int) -> None:
    """OR the `n_bits` bits of each row of `source` into rows of `target`, from bit `at` on.

    Parameters
    ----------
    target : ndarray of uint64, shape (words, ...)
        Changed in place; words first.
    source : ndarray of uint64, shape (n_words(n_bits), ...)
        Tail bits zero.
    at, n_bits : int
    """
    word, shift = divmod(at, WORD_BITS)
    if shift == 0:
        target[word : word + len(source)] |= source
        return
    low, high = np.uint64(shift), np.uint64(WORD_BITS - shift)
    target[word : word + len(source)] |= source << low
    carried = n_words(shift + n_bits) - 1
    target[word + 1 : word + 1 + carried] |= source[:carried] >> high


def extract_bits(source: Words, at: int, n_bits: int) -> Words:
    """Return bits `at` to ``at + n_bits`` of each row.

    Parameters
    ----------
    source : ndarray of uint64, shape (words, ...)
        Words first.
    at, n_bits : int

    Returns
    -------
    ndarray of uint64, shape (n_words(n_bits), ...)
        Tail bits zero.
    """
    word, shift = divmod(at, WORD_BITS)
    wanted = n_words(n_bits)
    taken = source[word : word + wanted] >> np.uint64(shift)
    if shift:
        behind = source[word + 1 : word + 1 + wanted]
        taken[: len(behind)] |= behind << np.uint64(WORD_BITS - shift)
    _clear_tail(taken, n_bits)
    return taken


def flatten(images: Words, shape: ImageShape) -> Words:
    """Return each image as one packed row, by row, column, channel.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
    shape : ImageShape

    Returns
    -------
    ndarray of uint64, shape (n, n_words(height * width * channels))

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of `shape`, or have bits beyond their channels.
    """
    if shape.channels % WORD_BITS == 0:
        check_images(images, shape)
        return np.ascontiguousarray(images).reshape(len(images), n_words(shape.size))
    whole = Window((shape.height, shape.width))
    return im2col(images, shape, whole).reshape(len(images), n_words(shape.size))


def recover(patches: Words, shape: ImageShape, window: Window, groups: int = 1) -> Words:
    """Return the images of which `patches` are the patches: the inverse of `im2col`.

    Parameters
    ----------
    patches : ndarray of uint64, shape (groups, n, positions, n_words(taps * channels // groups))
    shape : ImageShape
        Of one image.
    window : Window
    groups : int

    Returns
    -------
    ndarray of uint64, shape (n, height, width, n_words(channels))

    Raises
    ------
    ExtensionError
        NN_NOT_COVERED when no patch holds some cell of the image; NN_PATCHES_DISAGREE when the
        patches are of no image: overlapping ones differ, or a border or tail bit is set;
        NN_SHAPE_MISMATCH when the patches are not of this shape, window and groups.
    """
    channels = channels_per_group(shape, groups)
    height, width = window.output_size(shape.height, shape.width)
    fan_in = window.taps * channels
    expected = (groups, height * width, n_words(fan_in))
    if patches.ndim != 4 or (patches.shape[0], *patches.shape[2:]) != expected:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"patches have the shape ({groups}, n, {height * width}, {n_words(fan_in)}), "
            f"found {patches.shape}",
        )
    _check_covered(shape, window)
    n = patches.shape[1]
    columns = np.moveaxis(patches.reshape(groups, n, height, width, -1), -1, 1)
    pixels = np.zeros((n_words(shape.channels), n, shape.height, shape.width), dtype=np.uint64)
    for group in range(groups):
        own = _scatter(columns[group], shape, window, channels)
        deposit_bits(pixels, own, group * channels, channels)
    images = np.ascontiguousarray(np.moveaxis(pixels, 0, -1))
    if not np.array_equal(im2col(images, shape, window, groups), patches):
        raise ExtensionError(
            NN_PATCHES_DISAGREE,
            "no image has these patches",
            hint="patches that overlap must agree, and bits of the border must be 0",
        )
    return images


def _check_covered(shape: ImageShape, window: Window) -> None:
    """Refuse a window that leaves out a row or column of the image."""
    for sources, size, name in zip(
        window.sources(shape.height, shape.width),
        (shape.height, shape.width),
        ("row", "column"),
        strict=True,
    ):
        missing = np.setdiff1d(np.arange(size), sources)
        if len(missing):
            raise ExtensionError(
                NN_NOT_COVERED,
                f"no patch holds {name} {missing[0]} of the image",
                hint="a stride above the kernel, or a window that ends early, loses cells",
            )


def _scatter(columns: Words, shape: ImageShape, window: Window, channels: int) -> Words:
    """Write the taps of patches (words, n, height, width) back to where they were read."""
    _, n, height, width = columns.shape
    down, along = window.padding
    (kh, kw), (step_down, step_along) = window.kernel, window.stride
    padded = np.zeros(
        (n_words(channels), n, shape.height + 2 * down, shape.width + 2 * along), dtype=np.uint64
    )
    for tap in range(kh * kw):
        row, column = tap // kw * window.dilation[0], tap % kw * window.dilation[1]
        padded[
            :,
            :,
            row : row + (height - 1) * step_down + 1 : step_down,
            column : column + (width - 1) * step_along + 1 : step_along,
        ] = extract_bits(columns, tap * channels, channels)
    return padded[:, :, down : down + shape.height, along : along + shape.width]


def channels_per_group(shape: ImageShape, groups: int) -> int:
    """Return the channels of one group.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the groups do not divide the channels.
    """
    if groups < 1 or shape.channels % groups:
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"{shape.channels} channels do not split into {groups} equal groups"
        )
    return shape.channels // groups


def check_images(images: Words, shape: ImageShape) -> None:
    """Refuse packed images that are not of `shape`.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH
    """
    expected = (shape.height, shape.width, n_words(shape.channels))
    if images.ndim != 4 or images.shape[1:] != expected or images.dtype != np.uint64:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"packed images of {shape.height}x{shape.width}x{shape.channels} have the shape "
            f"(n, {', '.join(map(str, expected))}) of uint64, "
            f"found {images.shape} of {images.dtype}",
        )
