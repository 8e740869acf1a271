"""A network and its images as tables: what the statements of `nn_ops.demo_form` read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from minidb.extension import Connection
from nn_ops.conventions import Words
from nn_ops.demo_form import WORD_BITS, n_wide_words
from nn_ops.digits import Digits
from nn_ops.network import ConvLayer, Layer, Network

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Table:
    """A table to create: the columns as SQL, and the rows."""

    name: str
    columns: str
    order_by: str
    rows: list[Row]


def model_tables(network: Network, prefix: str) -> list[Table]:
    """Return the tables that hold a network.

    ``layers`` says how it is built; ``words`` holds the packed kernels, 256 bits to a word;
    ``limits`` when a channel answers +1; ``outputs`` the affine map to logits; ``thresholds`` the
    input's encoding; ``patches`` for each cell of a layer's input the patches that it belongs to:
    the bit of its channel c stands at place ``base + c`` of patch ``position``, and patches of one
    pooling window share ``window``.
    """
    layers = list(enumerate(network.layers, start=1))
    inputs = [network.encoded, *(layer.output for layer in network.layers[:-1])]
    logits = network.logits()
    scales = zip(logits.scale.tolist(), logits.shift.tolist(), strict=True)
    fan_in = network.last.fan_in
    return [
        Table(
            f"{prefix}_layers",
            "layer UInt8, name String, type String, fan_in UInt32, words UInt16, channels UInt16",
            "layer",
            [_layer_row(number, layer) for number, layer in layers],
        ),
        Table(
            f"{prefix}_words",
            "layer UInt8, channel UInt16, word_no UInt16, word UInt256",
            "layer, word_no, channel",
            [row for number, layer in layers for row in _word_rows(number, layer)],
        ),
        Table(
            f"{prefix}_limits",
            "layer UInt8, channel UInt16, bound Int32, polarity Int8",
            "layer, channel",
            [row for number, layer in layers[:-1] for row in _limit_rows(number, layer)],
        ),
        Table(
            f"{prefix}_outputs",
            "channel UInt16, fan_in Int32, scale Float64, shift Float64",
            "channel",
            [(channel, fan_in, scale, shift) for channel, (scale, shift) in enumerate(scales)],
        ),
        Table(
            f"{prefix}_thresholds",
            "channel UInt16, threshold UInt8",
            "channel",
            list(enumerate(network.thresholds)),
        ),
        Table(
            f"{prefix}_patches",
            "layer UInt8, cell UInt32, position UInt32, window UInt32, base UInt32",
            "layer, cell, position",
            [
                row
                for (number, layer), below in zip(layers, inputs, strict=True)
                for row in _patch_rows(number, layer, below.channels)
            ],
        ),
    ]


def image_tables(digits: Digits, prefix: str, first_image: int) -> list[Table]:
    """Return the tables of labelled images: one row per image, and one per pixel."""
    numbers = range(first_image, first_image + len(digits))
    images = list(zip(numbers, digits.labels.tolist(), strict=True))
    pixels = [
        (image, cell, value)
        for image, row in zip(numbers, digits.pixels.tolist(), strict=True)
        for cell, value in enumerate(row)
    ]
    return [
        Table(f"{prefix}_images", "image UInt32, label UInt8", "image", list(images)),
        Table(
            f"{prefix}_pixels",
            "image UInt32, cell UInt32, value UInt8",
            "image, cell",
            list(pixels),
        ),
    ]


def create_tables(connection: Connection, tables: Sequence[Table]) -> None:
    """Create and fill tables.

    Raises
    ------
    MiniDBError
        When one is there already, or cannot be written.
    """
    for table in tables:
        connection.execute(
            f"CREATE TABLE {table.name} ({table.columns}) "
            f"ENGINE = MergeTree ORDER BY ({table.order_by})"
        )
        marks = ", ".join("?" * len(table.columns.split(", ")))
        connection.insert_rows(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)


def _layer_row(number: int, layer: Layer) -> Row:
    kind = "conv" if isinstance(layer, ConvLayer) else "linear"
    channels = layer.output.channels
    return number, layer.name, kind, layer.fan_in, n_wide_words(layer.fan_in), channels


def wide_words(words: Words) -> list[list[int]]:
    """Return 64-bit words as 256-bit integers: four to one, the first least significant."""
    n_rows, n_narrow = words.shape
    padded = np.zeros((n_rows, -(-n_narrow // 4) * 4), dtype="<u8")
    padded[:, :n_narrow] = words
    size = WORD_BITS // 8
    raw = padded.tobytes()
    row_bytes = padded.shape[1] * 8
    return [
        [
            int.from_bytes(raw[at : at + size], "little")
            for at in range(start, start + row_bytes, size)
        ]
        for start in range(0, len(raw), row_bytes)
    ]


def _word_rows(number: int, layer: Layer) -> Iterator[Row]:
    for channel, row in enumerate(wide_words(layer.words)):
        for word_no, word in enumerate(row):
            yield number, channel, word_no, word


def _limit_rows(number: int, layer: Layer) -> Iterator[Row]:
    limits = layer.limits()
    pairs = zip(limits.limit.tolist(), limits.polarity.tolist(), strict=True)
    for channel, (limit, polarity) in enumerate(pairs):
        yield number, channel, limit, polarity


def _patch_rows(number: int, layer: Layer, n_channels: int) -> Iterator[Row]:
    """Yield (layer, cell, position, window, base) for every cell of every patch."""
    if not isinstance(layer, ConvLayer):
        # A linear layer is one patch that holds its whole input; `base` steps over a cell's bits.
        for cell in range(layer.in_features // n_channels):
            yield number, cell, 0, 0, cell * n_channels
        return
    before, after = layer.conv_output, layer.output
    for row, column in product(range(before.height), range(before.width)):
        window_row, window_column = row // layer.pool, column // layer.pool
        # Rows and columns that fill no whole window are dropped, as PyTorch's max pool does.
        if window_row < after.height and window_column < after.width:
            position = row * before.width + column
            window = window_row * after.width + window_column
            for cell, base in _patch_cells(layer, row, column):
                yield number, cell, position, window, base


def _patch_cells(layer: ConvLayer, row: int, column: int) -> Iterator[tuple[int, int]]:
    """Yield (cell, base) of one patch; cells in the padding are left out."""
    shape = layer.input
    for kh, kw in product(range(layer.kernel), repeat=2):
        y = row * layer.stride + kh - layer.padding
        x = column * layer.stride + kw - layer.padding
        if 0 <= y < shape.height and 0 <= x < shape.width:
            yield y * shape.width + x, (kh * layer.kernel + kw) * shape.channels
