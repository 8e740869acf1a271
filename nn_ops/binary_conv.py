"""Convolutions and linear layers of signs by signs, on packed words.

The packed product counts differing bits; a bit of the output is one comparison of that count with
the limit of its border class and filter. Images are taken some at a time, and big ones some rows
at a time, so that the patches and counts of a batch never stand in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words, n_words, pack_bits
from nn_ops.derived import Derived
from nn_ops.pooling import max_pool_signs
from nn_ops.program import Product, SignProductStage
from nn_ops.reshape import check_images, patch_columns
from nn_ops.scratch import Scratch, aligned
from nn_ops.sparse_product import SparseFilters, sparse_distances, sparse_filters
from nn_ops.xnor import Counts, Operand, counter_dtype
from nn_ops.xnor import distances as packed_distances

POSITIONS_AT_ONCE = 8192
"""Positions whose patches and counts stand in memory at once, or those of one row."""

CELLS_AT_ONCE = 1 << 20
"""Words of patches that do, and a quarter of the counts: 8 MiB of each."""

BOUNDS_AT_ONCE = 1 << 18
"""Bounds of all filters and positions that are kept as they are: half a MiB, or one MiB."""

OCTET = 8

Filters: TypeAlias = Operand | SparseFilters

_SCRATCH = Scratch()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """A stage's limits in the form in which counts are compared with them.

    Attributes
    ----------
    by_filter : tuple of (slice, ndarray of uint16 or int32)
        Runs of rows of the output, and their bounds of shape (filters, 1, rows, width): a
        filter's bit is set iff ``D < bound``, before `flips`.
    by_position : ndarray, shape (rows, width, filters), or None
        The same bounds, where a layer may have fewer positions than filters.
    flips : ndarray of uint64, shape (n_words(filters),)
        Bit 1 where the answer is the opposite: filters of polarity -1. As it is flipped last, a
        pool is an OR for every filter.
    """

    by_filter: tuple[tuple[slice, Counts], ...]
    by_position: Counts | None
    flips: Words


class Part(NamedTuple):
    """What is computed at once: some images, and of their output some rows."""

    images: slice
    rows: slice


def distances(images: Words, product: Product) -> NDArray[np.int32]:
    """Count the differing bits of every patch and filter.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
        Packed signs, tail bits zero.
    product : Product

    Returns
    -------
    ndarray of int32, shape (n, positions, filters)
        D, over the packed patch (border cells are bits of 0) and under the filter's mask; the sum
        is ``product.terms.base[product.classes.of_position] - 2 * D``.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not those of the product.
    """
    check_images(images, product.input)
    output = product.output
    found = np.empty((len(images), output.height, output.width, output.channels), dtype=np.int32)
    for part in _parts(len(images), product):
        to = found[part]
        is_by_filter = to.size // output.channels >= output.channels // product.groups
        counts = _counts(images[part.images], part.rows, product, is_by_filter)
        to[...] = (counts.T if is_by_filter else counts).reshape(to.shape)
    return found.reshape(len(images), output.cells, output.channels)


def sign_conv(images: Words, stage: SignProductStage) -> Words:
    """Run a stage from signs to signs: product, limits, pool.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
        Packed signs, tail bits zero.
    stage : SignProductStage

    Returns
    -------
    ndarray of uint64, shape (n, out height, out width, n_words(filters))
        Packed signs, tail bits zero.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not those of the stage.
    """
    product = stage.product
    check_images(images, product.input)
    decision = _decision_of(stage)
    output = product.output
    size = len(images), output.height, output.width, n_words(output.channels)
    decided: Words = np.empty(size, dtype=np.uint64)
    for part in _parts(len(images), product):
        to = decided[part]
        to[...] = _decided(images[part.images], part.rows, product, decision).reshape(to.shape)
    if stage.pool is not None:
        decided = max_pool_signs(decided, stage.pool, output)
    return np.bitwise_xor(decided, decision.flips, out=decided)


def _pack_filters(product: Product) -> tuple[Filters, ...]:
    """Return the filters of each group in the form that the packed product reads."""
    weights, per_group = product.weights, product.output.channels // product.groups
    packed: list[Filters] = []
    for start in range(0, product.output.channels, per_group):
        own = slice(start, start + per_group)
        words, masks = weights.words[own], None if weights.mask is None else weights.mask[own]
        if masks is None:
            packed.append(Operand(aligned(words.T)))
        elif np.all(masks):
            packed.append(Operand(aligned(words.T), aligned(masks.T)))
        else:
            packed.append(sparse_filters(words, masks, _fan_in(product)))
    return tuple(packed)


_filters_of = Derived(_pack_filters)


def _decide(stage: SignProductStage) -> Decision:
    """Return a stage's limits as bounds and flips.

    ``D <= limit`` is ``D < limit + 1``; ``D >= limit`` is the opposite of ``D < limit``. Both
    bounds are clipped to what D can be, so that an unsigned type holds them.
    """
    limits, product = stage.limits, stage.product
    fan_in = _fan_in(product)
    is_opposite = limits.polarity < 0
    bounds = limits.limit.astype(np.int64) + ~is_opposite
    bounds = np.clip(bounds, 0, fan_in + 1).astype(counter_dtype(fan_in))
    is_short = product.output.cells < product.output.channels // product.groups
    classes = product.classes.of_position.reshape(product.output.height, -1)
    return Decision(
        _bounds_by_filter(bounds, classes),
        bounds[classes] if is_short else None,
        pack_bits(is_opposite),
    )


def _bounds_by_filter(
    bounds: Counts, classes: NDArray[np.intp]
) -> tuple[tuple[slice, Counts], ...]:
    """Return the bounds of each row of the output: of all rows, or one for each run of equal rows.

    Rows differ at the border alone, so a big image needs few of them.
    """
    by_filter = np.ascontiguousarray(bounds.T)
    if by_filter.shape[0] * classes.size <= BOUNDS_AT_ONCE:
        whole = np.ascontiguousarray(by_filter[:, None, classes])
        return ((slice(0, len(classes)), whole),)
    starts = [0, *(np.flatnonzero(np.any(np.diff(classes, axis=0), axis=1)) + 1).tolist()]
    runs = []
    for start, stop in zip(starts, [*starts[1:], len(classes)], strict=True):
        row = np.ascontiguousarray(by_filter[:, None, None, classes[start]])
        size = *row.shape[:2], stop - start, row.shape[3]
        runs.append((slice(start, stop), np.broadcast_to(row, size)))
    return tuple(runs)


_decision_of = Derived(_decide)


def _decided(images: Words, rows: slice, product: Product, decision: Decision) -> Words:
    """Return ``D < bound`` of each position in some rows and each filter, packed by filter."""
    n, width, filters = len(images), product.output.width, product.output.channels
    height = rows.stop - rows.start
    m = n * height * width
    bits: NDArray[np.bool_] = _SCRATCH.get("bits", m * filters, np.bool_)
    if m < filters // product.groups and decision.by_position is not None:
        counts = _counts(images, rows, product, is_by_filter=False)
        shape = n, height, width, filters
        np.less(counts.reshape(shape), decision.by_position[rows], out=bits.reshape(shape))
        return _pack_columns(bits.reshape(m, filters))
    counts = _counts(images, rows, product, is_by_filter=True)
    shape = filters, n, height, width
    for run, bounds in decision.by_filter:
        start, stop = max(run.start, rows.start), min(run.stop, rows.stop)
        if start < stop:
            own = np.s_[:, :, start - rows.start : stop - rows.start]
            its_bounds = bounds[:, :, start - run.start : stop - run.start]
            np.less(counts.reshape(shape)[own], its_bounds, out=bits.reshape(shape)[own])
    return _pack_rows(bits.reshape(filters, m))


def _pack_columns(bits: NDArray[np.bool_]) -> Words:
    """Pack bits (m, filters) along their last axis, into words (m, n_words(filters))."""
    octets = np.packbits(bits, axis=-1, bitorder="little")
    if octets.shape[1] % OCTET:
        return pack_bits(bits)
    return octets.view("<u8").astype(np.uint64, copy=False)


def _pack_rows(bits: NDArray[np.bool_]) -> Words:
    """Pack bits (filters, m) along their first axis, into words (m, n_words(filters))."""
    filters, m = bits.shape
    octets = np.zeros((n_words(filters) * OCTET, m), dtype=np.uint8)
    used = octets[: -(-filters // OCTET)]
    for place in reversed(range(OCTET)):
        rows = bits.view(np.uint8)[place::OCTET]
        np.add(used, used, out=used)
        np.bitwise_or(used[: len(rows)], rows, out=used[: len(rows)])
    return np.ascontiguousarray(octets.T).view("<u8").astype(np.uint64, copy=False)


def _counts(images: Words, rows: slice, product: Product, is_by_filter: bool) -> Counts:
    """Return D in scratch memory, shape (filters, patches), or (patches, filters)."""
    operands = _filters_of(product)
    patches = patch_columns(images, product.input, product.window, product.groups, rows, _SCRATCH)
    m, filters = patches.shape[2], product.output.channels
    shape = (filters, m) if is_by_filter else (m, filters)
    dtype = counter_dtype(_fan_in(product))
    counts: Counts = _SCRATCH.get("counts", m * filters, dtype).reshape(shape)
    start = 0
    for of, own in zip(operands, patches, strict=True):
        group = slice(start, start + of.rows)
        start += of.rows
        out = counts[group] if is_by_filter else counts[:, group]
        if isinstance(of, SparseFilters):
            sparse_distances(of, own, out if is_by_filter else out.T)
        elif is_by_filter:
            packed_distances(of, Operand(own), out)
        else:
            packed_distances(Operand(own), of, out)
    return counts


def _fan_in(product: Product) -> int:
    """Return the bits of one filter."""
    return product.window.taps * product.input.channels // product.groups


def _parts(n_images: int, product: Product) -> Iterator[Part]:
    """Split the work so that the patches and counts of a part are few enough.

    Runs of images of about equal length or, where one image is too big, bands of its rows.
    """
    output, words = product.output, product.groups * n_words(_fan_in(product))
    at_once = min(POSITIONS_AT_ONCE, CELLS_AT_ONCE // words, 4 * CELLS_AT_ONCE // output.channels)
    n_bands = min(output.height, -(-output.cells // max(1, at_once)))
    n_runs = n_images
    if n_bands == 1:
        n_runs = min(n_images, -(-n_images * output.cells // at_once))
    for run in range(n_runs):
        images = slice(n_images * run // n_runs, n_images * (run + 1) // n_runs)
        for band in range(n_bands):
            start, stop = (output.height * (band + end) // n_bands for end in (0, 1))
            yield Part(images, slice(start, stop))
