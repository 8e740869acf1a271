"""Small random tables of the shapes that the SmartLite statements read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from tests.support.smartlite_sql import Layer, Network


@dataclass(frozen=True, slots=True)
class TableData:
    """A table: its columns as (name, type) and its rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]

    @property
    def create(self) -> str:
        """Return the statement that creates the table as the experiments' Memory copies are."""
        columns = ", ".join(f"{name} {type_name}" for name, type_name in self.columns)
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}) ENGINE = Memory"

    @property
    def insert(self) -> str:
        """Return the rows as one INSERT."""
        rows = ", ".join(str(row).replace(",)", ")") for row in self.rows)
        return f"INSERT INTO {self.name} VALUES {rows}"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the tables are.

    Attributes
    ----------
    n_images, n_positions, n_kernels, n_bits : int
        Images, positions per image, kernels, and stored bits per word.
    bin_type : str
        The type of the word's number. ClickHouse groups 16-bit keys in their order, wider ones in
        an order of its own, which `groupArray` then shows.
    has_equal_words : bool
        Whether all words of a kernel are equal, so that the order of the data's words is no matter.
    """

    n_images: int = 3
    n_positions: int = 3
    n_kernels: int = 12
    n_bits: int = 2
    bin_type: str = "UInt16"
    has_equal_words: bool = False


def network_tables(network: Network, sizes: Sizes, seed: int = 0) -> Iterator[TableData]:
    """Yield every table that a network's statements read, each once."""
    random = Random(f"{network.name} {seed}")
    made: set[str] = set()
    for layer in network.layers:
        makers = SMARTLITE_TABLES if network.form == "smartlite" else DL2SQL_TABLES
        for table in makers[layer.kind](network.prefix, layer, sizes, random):
            if table.name not in made:
                made.add(table.name)
                yield table


def _word(random: Random, density: float) -> int:
    """Return a 256-bit word of which about the given share is ones."""
    lots = np.frombuffer(random.randbytes(512), np.uint16)
    return int.from_bytes(np.packbits(lots < max(0, min(65535, density * 65536))).tobytes(), "big")


def _kernel(layer: Layer, sizes: Sizes, random: Random, pool: int) -> list[int]:
    """Return a kernel's words; sometimes one is missing, and its subscript gives 0.

    The data's words are 0 or 1, so the sum is about the number of the kernel's ones: near the
    limit in some pooling groups, far from it in others.
    """
    density = layer.threshold / (256 * layer.n_words) + (0.0, 0.15, -0.15)[pool % 3]
    if sizes.has_equal_words:
        return [_word(random, density)] * layer.n_words
    n_words = max(1, layer.n_words - (random.random() < 0.2))
    return [_word(random, density) for _ in range(n_words)]


def _bit(random: Random) -> int:
    return int(random.random() < 0.7)


def _sign(random: Random, pool: int) -> int:
    return 1 if random.random() < (0.5, 0.1, 0.9)[pool % 3] else -1


def _first(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    columns = (("bn1", "UInt16"), ("pool1", "UInt32"), ("cv1", "UInt256"), ("k1", "UInt256"))
    places = range(sizes.n_images * sizes.n_kernels * sizes.n_positions * 4)
    rows = tuple(
        (n // (4 * sizes.n_positions), n // 4, word, word ^ _word(random, density))
        for n, word in ((n, _word(random, 0.5)) for n in places)
        for density in (layer.threshold / 256 + (0.0, 0.2, -0.2)[n // (4 * sizes.n_positions) % 3],)
    )
    return [TableData(f"{prefix}conv{layer.number}_2", columns, rows)]


def _conv(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    bits = (("bin_id", sizes.bin_type), ("cn_id", "UInt32"), ("im_id", "UInt8"), ("cv2", "UInt8"))
    n_patches = sizes.n_images * sizes.n_positions
    rows = tuple(
        (patch * layer.n_words + word, patch, patch // sizes.n_positions, _bit(random))
        for patch in range(n_patches)
        for word in range(layer.n_words)
        for _ in range(sizes.n_bits)
    )
    kernels = [_kernel(layer, sizes, random, n // 4) for n in range(sizes.n_kernels)]
    name = f"{prefix}conv{layer.number}"
    return [TableData(f"{name}_data2_2", bits, rows), _kernel_table(name, layer, kernels)]


def _kernel_table(name: str, layer: Layer, kernels: Sequence[list[int]]) -> TableData:
    columns = [("pool2", "UInt8"), ("kid2", "UInt8"), ("kv2", "Array(UInt256)")]
    rows = [(n // 4, n, words) for n, words in enumerate(kernels)]
    if not layer.is_pooled:
        columns, rows = columns[1:], [row[1:] for row in rows]
    return TableData(f"{name}_kernel2_2", tuple(columns), tuple(rows))


def _linear(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    columns = (("bin_id", "UInt16"), ("ln_id1", "UInt16"), ("lv1", "UInt8"))
    rows = tuple(
        (vector * layer.n_words + word, vector, _bit(random))
        for vector in range(sizes.n_images)
        for word in range(layer.n_words)
        for _ in range(sizes.n_bits)
    )
    kernels = tuple((_kernel(layer, sizes, random, n),) for n in range(sizes.n_kernels))
    name = f"{prefix}linear{layer.number}"
    return [
        TableData(f"{name}_ln1_2", columns, rows),
        TableData(f"{name}_kerne_ln1_2", (("kv1", "Array(UInt256)"),), kernels),
    ]


def _dl2sql_first(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    columns = (("bn1", "UInt16"), ("cv1", "float"), ("k1", "Int8"))
    places = range(sizes.n_images * sizes.n_kernels * sizes.n_positions)
    rows = tuple(
        (n // sizes.n_positions, random.randrange(-8, 9) / 4, random.choice((-1, 1)))
        for n in places
    )
    return [TableData(f"{prefix}conv{layer.number}_2", columns, rows)]


def _dl2sql_conv(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    # Keys of one byte each: ClickHouse then meets the kernels of one position in their order.
    bits = (("bin_id", "UInt16"), ("cn_id", "UInt8"), ("im_id", "UInt8"), ("cv2", "float"))
    n_elements = min(layer.n_words * sizes.n_bits, 12)
    n_patches = sizes.n_images * sizes.n_positions
    rows = tuple(
        (element, patch, patch // sizes.n_positions, random.randrange(-2, 9) / 4)
        for patch in range(n_patches)
        for element in range(n_elements)
    )
    kernel = [("orderid2", "UInt16"), ("kid2", "UInt8"), ("pool2", "UInt8"), ("kv2", "float")]
    kernel_rows = [
        (element, n, n // 4, float(_sign(random, n // 4)))
        for n in range(sizes.n_kernels)
        for element in range(n_elements)
    ]
    if not layer.is_pooled:
        kernel.pop(2)
        kernel_rows = [(*row[:2], row[3]) for row in kernel_rows]  # type: ignore[misc] # narrower
    name = f"{prefix}conv{layer.number}"
    return [
        TableData(f"{name}_data2_2", bits, rows),
        TableData(f"{name}_kernel2_2", tuple(kernel), tuple(kernel_rows)),
    ]


def _dl2sql_linear(prefix: str, layer: Layer, sizes: Sizes, random: Random) -> list[TableData]:
    n_elements = min(layer.n_words * sizes.n_bits, 24)
    columns = (("bin_id", "UInt16"), ("ln_id1", "UInt16"), ("lv1", "Int8"))
    rows = tuple(
        (element, vector, random.choice((-1, 1)))
        for vector in range(sizes.n_images)
        for element in range(n_elements)
    )
    kernel = (("bin_id", "UInt16"), ("kid2", "UInt16"), ("kv1", "Int8"))
    kernel_rows = tuple(
        (element, neuron, random.choice((-1, 1)))
        for neuron in range(sizes.n_kernels)
        for element in range(n_elements)
    )
    name = f"{prefix}linear{layer.number}"
    return [
        TableData(f"{name}_ln1_2", columns, rows),
        TableData(f"{name}_kerne_ln1_2", kernel, kernel_rows),
    ]


SMARTLITE_TABLES = {"conv1": _first, "conv": _conv, "linear": _linear}
DL2SQL_TABLES = {"conv1": _dl2sql_first, "conv": _dl2sql_conv, "linear": _dl2sql_linear}
