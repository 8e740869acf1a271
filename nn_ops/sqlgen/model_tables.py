"""A model's numbers as tables: what the scripts of both forms read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words, n_words, unpack_bits
from nn_ops.geometry import ImageShape, Window

ALL_BITS = np.uint64((1 << 64) - 1)


@dataclass(frozen=True, slots=True, eq=False)
class ModelTable:
    """A table to create.

    Attributes
    ----------
    name : str
        What stands behind the model's prefix.
    columns : mapping of str to str
        Names and types.
    order_by : str
        The sorting key.
    data : tuple
        One sequence per column: an array, or a list of str. All of one length.
    """

    name: str
    columns: Mapping[str, str]
    order_by: str
    data: tuple[Sequence[str] | NDArray[Any], ...]

    @property
    def n_rows(self) -> int:
        """Rows of the table."""
        return len(self.data[0])

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the rows as Python values."""
        return zip(*self.lists(), strict=True)

    def lists(self) -> list[Sequence[object]]:
        """Return the columns as Python values."""
        return [c.tolist() if isinstance(c, np.ndarray) else c for c in self.data]


class TableBuilder:
    """Gathers the rows of a table layer by layer.

    Parameters
    ----------
    name, columns, order_by
        As of `ModelTable`; the column ``layer`` is added in front.
    """

    def __init__(self, name: str, order_by: str, **columns: str) -> None:
        self.name = name
        self.order_by = order_by
        self.columns = {"layer": "String", **columns}
        self._layers: list[str] = []
        self._parts: list[list[NDArray[Any]]] = [[] for _ in columns]

    def add(self, layer: str, *columns: object) -> None:
        """Add rows of one layer: arrays of one shape, or numbers that all rows share."""
        arrays = np.broadcast_arrays(*(np.asarray(column) for column in columns))
        self._layers.extend([layer] * arrays[0].size)
        for parts, array in zip(self._parts, arrays, strict=True):
            parts.append(array.reshape(-1))

    def table(self) -> ModelTable:
        """Return what was gathered."""
        empty = np.zeros(0, np.int64)
        data = [np.concatenate(parts) if parts else empty for parts in self._parts]
        return ModelTable(self.name, self.columns, self.order_by, (self._layers, *data))


def image_table(shape: ImageShape, max_pixel: int) -> ModelTable:
    """Return the table ``image``: one row, what the network takes."""
    columns = dict.fromkeys(("height", "width", "channels", "max_pixel"), "UInt32")
    values = (shape.height, shape.width, shape.channels, max_pixel)
    return ModelTable("image", columns, "()", tuple(np.array([value]) for value in values))


def class_table(classes: Sequence[str]) -> ModelTable:
    """Return the table ``classes``: the names of the answers."""
    columns = {"class": "UInt32", "name": "String"}
    return ModelTable("classes", columns, "class", (np.arange(len(classes)), list(classes)))


def window_builder() -> TableBuilder:
    """Return the builder of ``windows``: how each layer's window slides over its input."""
    pairs = ("in", "out", "kernel", "stride", "padding", "dilation")
    sizes = {f"{pair}_{axis}": "Int32" for pair in pairs for axis in ("height", "width")}
    return TableBuilder(
        "windows", "layer, part", part="String", **sizes, group_channels="UInt32", groups="UInt32"
    )


def add_window(
    into: TableBuilder, layer: str, part: str, window: Window, shape: ImageShape, groups: int = 1
) -> None:
    """Add one window over an image of shape `shape`.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when it does not fit.
    """
    output = window.output_size(shape.height, shape.width)
    sizes = (
        *(shape.height, shape.width),
        *output,
        *window.kernel,
        *window.stride,
        *window.padding,
        *window.dilation,
    )
    into.add(layer, part, *sizes, shape.channels // groups, groups)


def word_builder() -> TableBuilder:
    """Return the builder of ``words``: packed weights, 64 to a word, and which of them count."""
    return TableBuilder(
        "words",
        "layer, word_no, filter",
        filter="UInt32",
        grp="UInt32",
        word_no="UInt16",
        word="UInt64",
        mask="UInt64",
    )


def add_words(
    into: TableBuilder, layer: str, words: Words, mask: Words | None, fan_in: int, groups: int
) -> None:
    """Add a layer's weights; words of which every weight is pruned have no row.

    Parameters
    ----------
    into : TableBuilder
    layer : str
    words, mask : ndarray of uint64, shape (filters, n_words(fan_in))
        As of `nn_ops.graph.Weights`.
    fan_in, groups : int
    """
    whole = np.full(n_words(fan_in), ALL_BITS)
    if fan_in % 64:
        whole[-1] = np.uint64((1 << (fan_in % 64)) - 1)
    used = np.broadcast_to(whole, words.shape) if mask is None else mask
    filters, word_nos = np.nonzero(used)
    into.add(
        layer,
        filters,
        filters // (len(words) // groups),
        word_nos,
        words[filters, word_nos],
        used[filters, word_nos],
    )


def has_pruned_filter(mask: Words | None) -> bool:
    """Return whether a filter has no weight left at all."""
    return mask is not None and not bool(np.all(np.any(mask, axis=1)))


def outside_words(window: Window, shape: ImageShape, groups: int) -> bool:
    """Return whether a patch has a word of which every bit lies outside the image.

    Such a word has no cell to be packed from, and yet differs from a filter where that has a +1.
    """
    if window.padding == (0, 0):
        return False
    inside = window.cells_inside(shape.height, shape.width)
    places = np.repeat(inside, shape.channels // groups, axis=1)
    starts = np.arange(0, places.shape[1], 64)
    return not bool(np.all(np.logical_or.reduceat(places, starts, axis=1)))


def has_empty_sums(
    window: Window, shape: ImageShape, groups: int, mask: Words | None, filters: int
) -> bool:
    """Return whether a filter has, at some position, not one term.

    A sum without terms has no rows to be a sum of: a GROUP BY would leave it out.
    """
    inside = np.unique(window.cells_inside(shape.height, shape.width), axis=0)
    if not np.all(np.any(inside, axis=1)):
        return True
    if mask is None:
        return False
    n_channels = shape.channels // groups
    kept = unpack_bits(mask, window.taps * n_channels)
    taps = kept.reshape(filters, window.taps, n_channels).any(axis=2)
    return not bool(np.all(taps.astype(np.int32) @ inside.T.astype(np.int32)))
