"""A model's network, read from its tables and compared with what was stored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from minidb.extension import (
    CHECKSUM_DOESNT_MATCH,
    CORRUPTED_DATA,
    ExtensionError,
    StorageError,
    TableDef,
)
from nn_ops.conventions import n_words
from nn_ops.errors import NN_MODEL_DAMAGED
from nn_ops.graph import Floats, JsonValue, Network, Node, Weights
from nn_ops.lower import lower
from nn_ops.node_reader import NodeReader
from nn_ops.program import Program
from nn_ops.store.blocks import used_bits
from nn_ops.store.read import (
    BlockRow,
    LayerRow,
    ModelRow,
    Numbers,
    StageRow,
    Tables,
    as_arrays,
    block_arrays,
    block_rows,
    find_model,
    layer_rows,
    stage_rows,
)
from nn_ops.store.rows import Described, block_row, describe, digest_of, training_of
from nn_ops.store.schema import LIMITS, PARAMETERS, TERMS, WORDS


def load_model(tables: Tables, name: str) -> Network:
    """Return the network of a model, after checking that it is what was stored.

    Parameters
    ----------
    tables : mapping of (database, table) to StoredTable
        What the statement sees.
    name : str

    Returns
    -------
    Network

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL; NN_MODEL_DAMAGED when rows are missing, changed or too many.
    """
    return load_checked(tables, name)[0]


def load_checked(tables: Tables, name: str) -> tuple[Network, Program]:
    """Return a model's network and its program; as `load_model`.

    Notes
    -----
    The network that the rows make is described anew, by the code that wrote them. A word, a number
    or a mask that was changed gives a block another hash, and a row of layers names another block;
    whatever else was changed differs at once.
    """
    model = find_model(tables, name)
    known = block_rows(tables)
    try:
        network = _read_network(model, tables, known)
        program = lower(network)
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(name, f"its graph cannot be read: {error}") from error
    except ExtensionError as error:
        if error.code == NN_MODEL_DAMAGED:
            raise
        raise damaged(name, error.message) from error
    except StorageError as error:
        if error.code not in (CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA):
            raise
        raise damaged(name, error.message) from error
    taken = {number: row.hash for number, row in known.items()}
    _compare(tables, model, describe(name, network, program, taken))
    if (training_of(network), digest_of(network)) != (model.training, model.digest):
        raise damaged(name, "it is not the network that was stored")
    return network, program


def damaged(name: str, what: str) -> ExtensionError:
    """Return the error for a model whose rows are not those that were stored."""
    hint = "drop it and create it again from its file"
    return ExtensionError(NN_MODEL_DAMAGED, f"model {name!r} is damaged: {what}", hint=hint)


def _compare(tables: Tables, model: ModelRow, expected: Described) -> None:
    """Refuse a model whose rows are not those that would be written for its network."""
    known = block_rows(tables)
    layers: Sequence[LayerRow | StageRow] = layer_rows(tables, model.name)
    stages: Sequence[LayerRow | StageRow] = stage_rows(tables, model.name)
    for what, found, rows in (
        ("layer", layers, expected.layers),
        ("stage", stages, expected.stages),
    ):
        if len(found) != len(rows):
            raise damaged(model.name, f"it has {len(found)} rows of {len(rows)} for a {what} each")
        for stored, row in zip(found, rows, strict=True):
            if astuple(stored) != row:
                raise _differs(model.name, f"{what} {row[2]!r}")
    for number, block in expected.blocks.items():
        if number not in known or astuple(known[number]) != block_row(number, block):
            raise damaged(model.name, f"block {number} is not the one that was stored")
        if block.table in (LIMITS, TERMS):
            found_arrays = block_arrays(tables, block.table, number)
            expected_arrays = as_arrays(block.columns)
            if not all(map(np.array_equal, found_arrays, expected_arrays)):
                raise _differs(model.name, f"block {number}")


def _differs(model: str, what: str) -> ExtensionError:
    return damaged(model, f"the rows of {what} are not those that were stored")


def _read_network(model: ModelRow, tables: Tables, known: dict[int, BlockRow]) -> Network:
    """Return the network that a model's rows make."""
    reader = _BlockReader(tables, model.name, known)
    nodes = tuple(_read_node(row, reader) for row in layer_rows(tables, model.name))
    if not nodes:
        raise damaged(model.name, "it has no layers")
    return Network(model.network, nodes, tuple(model.classes), json.loads(model.training))


def _read_node(row: LayerRow, blocks: _BlockReader) -> Node:
    """Return a node with its weights and vectors."""
    found: dict[str, Numbers] = {}
    if row.words_block:
        weights = blocks.weights(row)
        found["words"] = weights.words
        if weights.mask is not None:
            found["mask"] = weights.mask
    if row.parameters_block:
        found.update(blocks.vectors(row))
    tensors = {f"{row.layer}.{part}": array for part, array in found.items()}
    reader = NodeReader(tensors)
    inputs: list[JsonValue] = list(row.inputs)
    values = json.loads(row.attributes)
    node = reader.read({**values, "kind": row.kind, "name": row.layer, "inputs": inputs})
    reader.finish()
    return node


class _BlockReader:
    """Reads the blocks of one model."""

    def __init__(self, tables: Tables, model: str, known: dict[int, BlockRow]) -> None:
        self._tables = tables
        self._model = model
        self._known = known

    def weights(self, row: LayerRow) -> Weights:
        """Return a layer's weights."""
        block = self._block(row.words_block, WORDS, row.layer)
        if (block.filters, block.fan_in) != (row.channels, row.fan_in):
            raise _differs(self._model, f"layer {row.layer!r}")
        channel, word_no, word, mask = block_arrays(self._tables, WORDS, block.block)
        shape = (block.filters, n_words(block.fan_in))
        is_inside = (channel < shape[0]) & (word_no < shape[1])
        if len(channel) != block.n_rows or block.n_rows > shape[0] * shape[1]:
            what = f"block {block.block} has {len(channel)} rows of {block.n_rows}"
            raise damaged(self._model, what)
        if not is_inside.all():
            raise _differs(self._model, f"layer {row.layer!r}")
        words, masks = np.zeros(shape, np.uint64), np.zeros(shape, np.uint64)
        words[channel, word_no], masks[channel, word_no] = word, mask
        if block.is_masked:
            return Weights(words, masks)
        if not np.array_equal(masks, used_bits(block.filters, block.fan_in)):
            raise _differs(self._model, f"layer {row.layer!r}")
        return Weights(words)

    def vectors(self, row: LayerRow) -> dict[str, Floats]:
        """Return a node's real vectors by the names of their parts."""
        block = self._block(row.parameters_block, PARAMETERS, row.layer)
        names, channel, value = block_arrays(self._tables, PARAMETERS, block.block)
        found: dict[str, Floats] = {}
        for name in dict.fromkeys(names.tolist()):
            at = names == name
            order = np.argsort(channel[at])
            if not np.array_equal(channel[at][order], np.arange(at.sum())):
                raise _differs(self._model, f"layer {row.layer!r}")
            found[str(name)] = value[at][order].astype(np.float64)
        return found

    def _block(self, number: int, table: TableDef, layer: str) -> BlockRow:
        block = self._known.get(number)
        if block is None or block.kind != table.name:
            raise damaged(self._model, f"a block of layer {layer!r} is missing")
        return block
