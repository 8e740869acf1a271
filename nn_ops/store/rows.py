"""A network as the rows of the tables that keep it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from minidb.extension import (
    Batch,
    Column,
    TableDef,
    TableKey,
    column_from_values,
    concat_columns,
    constant_column,
)
from nn_ops.graph import (
    BatchNorm,
    Conv,
    Floats,
    JsonValue,
    Linear,
    Network,
    Node,
    fan_in_of,
    kinds_of,
    shapes_of,
)
from nn_ops.manifest import write_node
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
from nn_ops.store.blocks import (
    Block,
    limits_block,
    number_of,
    parameters_block,
    parameters_hash,
    terms_block,
    words_block,
    words_hash,
)
from nn_ops.store.schema import BLOCKS, LAYERS, MODELS, OF_BLOCKS, STAGES, UINT64

Row = tuple[object, ...]

STAGE_KINDS: Mapping[type, str] = {
    EncodeStage: "encode",
    SignProductStage: "sign_product",
    SumProductStage: "sum_product",
    RealProductStage: "real_product",
    PoolStage: "pool",
    AverageStage: "average",
    AffineStage: "affine",
    ClampStage: "clamp",
    AddStage: "add",
    SignStage: "sign",
}
"""What `models.stages` calls each class of stages."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelRows:
    """Everything that is written for a model.

    Attributes
    ----------
    tables : mapping of (database, table) to Batch
        Rows in the order of each table's key.
    """

    tables: Mapping[TableKey, Batch]

    @property
    def n_bytes(self) -> int:
        """Bytes of all rows."""
        return sum(batch.nbytes for batch in self.tables.values())


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model's row says beside its network: its name, its base or nothing, its file."""

    name: str
    base: str = ""
    file: str = ""


def model_rows(
    origin: Origin, network: Network, program: Program, taken: Mapping[int, str]
) -> ModelRows:
    """Return the rows of a model; blocks that are there already have none.

    Parameters
    ----------
    origin : Origin
    network : Network
        Checked.
    program : Program
        Lowered from `network`.
    taken : mapping of int to str
        The hash of each block that is there.
    """
    described = describe(origin.name, network, program, taken)
    training, digest = training_of(network), digest_of(network)
    head = (origin.name, origin.base, network.name, list(network.classes))
    model = (*head, origin.file, training, digest)
    tables = {
        MODELS.key: batch_of(MODELS, [model]),
        LAYERS.key: batch_of(LAYERS, described.layers),
        STAGES.key: batch_of(STAGES, described.stages),
        **_block_tables({n: b for n, b in described.blocks.items() if n not in taken}),
    }
    return ModelRows(tables)


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What the tables say of a network.

    Attributes
    ----------
    layers, stages : list of tuple
        The rows of `models.layers` and `models.stages`.
    blocks : mapping of int to Block
        All blocks that these refer to, by number.
    """

    layers: list[Row]
    stages: list[Row]
    blocks: Mapping[int, Block]


def describe(name: str, network: Network, program: Program, taken: Mapping[int, str]) -> Described:
    """Return what the tables say of a network; parameters as those of `model_rows`."""
    blocks = _Blocks(taken)
    layers = _layer_rows(name, network, blocks)
    stages = [
        _stage_row(name, position, stage, blocks) for position, stage in enumerate(program.stages)
    ]
    return Described(layers, stages, blocks.by_number)


def batch_of(table: TableDef, rows: Sequence[Row]) -> Batch:
    """Return rows of Python values as a batch of a table's columns."""
    columns = tuple(
        column_from_values(column.type, [row[place] for row in rows])
        for place, column in enumerate(table.columns)
    )
    return Batch(columns, len(rows))


def training_of(network: Network) -> str:
    """Return how a network came about, as JSON."""
    return json.dumps(dict(network.training), sort_keys=True, separators=(",", ":"))


def weights_of(network: Network) -> dict[str, int]:
    """Return the fan-in of each node that has weights, by the node's name."""
    shapes = shapes_of(network)
    return {
        node.name: fan_in_of(node, shapes[node.input])
        for node in network.nodes
        if isinstance(node, Conv | Linear)
    }


def vectors_of(node: Node) -> dict[str, Floats]:
    """Return a node's real vectors by the names of their parts."""
    match node:
        case BatchNorm(gamma=gamma, beta=beta, mean=mean, variance=variance):
            return {"gamma": gamma, "beta": beta, "mean": mean, "variance": variance}
        case Conv(bias=bias) | Linear(bias=bias) if bias is not None:
            return {"bias": bias}
        case _:
            return {}


def attributes_of(node: Node) -> str:
    """Return what `models.layers` keeps of a node beside its own columns, as JSON."""
    described = write_node(node)
    for key in ("kind", "name", "inputs"):
        del described[key]
    return json.dumps(described, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(network: Network) -> str:
    """Return the hash over all of a network: graph, weights, vectors, classes, training."""
    fan_in = weights_of(network)
    nodes: list[JsonValue] = []
    for node in network.nodes:
        described = write_node(node)
        if isinstance(node, Conv | Linear):
            described["words_hash"] = words_hash(node.weights, fan_in[node.name])
        vectors = vectors_of(node)
        if vectors:
            described["parameters_hash"] = parameters_hash(vectors)
        nodes.append(described)
    whole = {
        "name": network.name,
        "nodes": nodes,
        "classes": list(network.classes),
        "training": dict(network.training),
    }
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _block_tables(blocks: Mapping[int, Block]) -> dict[TableKey, Batch]:
    """Return the rows of blocks, in the order of the tables' keys."""
    ordered = sorted(blocks.items())
    found = {BLOCKS.key: batch_of(BLOCKS, [block_row(*item) for item in ordered])}
    for table in OF_BLOCKS:
        own = [(number, block) for number, block in ordered if block.table is table]
        if own:
            found[table.key] = _rows_of(table, own)
    return found


class _Blocks:
    """The blocks of a model, each once, under their numbers."""

    def __init__(self, taken: Mapping[int, str]) -> None:
        self._hashes = dict(taken)
        self.by_number: dict[int, Block] = {}

    def add(self, block: Block) -> int:
        """Return a block's number."""
        number = number_of(block.hash, self._hashes)
        self._hashes[number] = block.hash
        self.by_number[number] = block
        return number


def block_row(number: int, block: Block) -> Row:
    """Return a block's row of `models.blocks`."""
    shape = (block.filters, block.fan_in, block.is_masked, block.n_weights)
    return number, block.hash, block.table.name, *shape, block.n_rows, block.n_bytes


def _rows_of(table: TableDef, blocks: Iterable[tuple[int, Block]]) -> Batch:
    """Return the rows of blocks of one table, the block's number before each."""
    pieces: list[list[Column]] = [[] for _ in table.columns]
    for number, block in blocks:
        numbers = constant_column(column_from_values(UINT64, [number]), block.n_rows)
        for place, column in enumerate((numbers, *block.columns)):
            pieces[place].append(column)
    columns = tuple(
        concat_columns(column.type, parts)
        for column, parts in zip(table.columns, pieces, strict=True)
    )
    return Batch(columns, len(columns[0]))


def _layer_rows(name: str, network: Network, blocks: _Blocks) -> list[Row]:
    shapes, kinds, fan_in = shapes_of(network), kinds_of(network), weights_of(network)
    rows: list[Row] = []
    for position, node in enumerate(network.nodes):
        shape, words, parameters = shapes[node.name], 0, 0
        if isinstance(node, Conv | Linear):
            words = blocks.add(words_block(node.weights, fan_in[node.name]))
        vectors = vectors_of(node)
        if vectors:
            parameters = blocks.add(parameters_block(vectors))
        head = (name, position, node.name, node.kind, list(node.inputs), attributes_of(node))
        output = (shape.height, shape.width, shape.channels, kinds[node.name])
        rows.append((*head, *output, fan_in.get(node.name, 0), words, parameters))
    return rows


def _stage_row(name: str, position: int, stage: AnyStage, blocks: _Blocks) -> Row:
    limits = terms = 0
    if isinstance(stage, SignProductStage):
        limits = blocks.add(limits_block(stage.limits))
    if isinstance(stage, SignProductStage | SumProductStage | RealProductStage):
        terms = blocks.add(terms_block(stage.product.terms))
    shape = stage.output
    head = (name, position, stage.name, STAGE_KINDS[type(stage)])
    reads = (list(stage.inputs), list(stage.nodes))
    output = (shape.height, shape.width, shape.channels, stage.kind)
    return *head, *reads, *output, limits, terms
