"""A model's network, read from its tables and compared with the hashes of what was stored."""

from __future__ import annotations

import json

import numpy as np

from minidb.extension import ExtensionError, TableDef
from nn_ops.conventions import n_words
from nn_ops.errors import NN_MODEL_DAMAGED
from nn_ops.graph import Conv, Floats, JsonValue, Linear, Network, Node, Weights
from nn_ops.limits import Limits, Terms
from nn_ops.node_reader import NodeReader
from nn_ops.store.blocks import limits_hash, parameters_hash, terms_hash, used_bits, words_hash
from nn_ops.store.read import (
    BlockRow,
    LayerRow,
    Numbers,
    StageRow,
    Tables,
    block_arrays,
    block_rows,
    find_model,
    layer_rows,
    stage_rows,
)
from nn_ops.store.rows import digest_of
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
    model = find_model(tables, name)
    blocks = _BlockReader(tables, name)
    try:
        nodes = tuple(_read_node(row, blocks) for row in layer_rows(tables, name))
        network = Network(model.network, nodes, tuple(model.classes), json.loads(model.training))
        digest = digest_of(network) if nodes else ""
    except (ValueError, KeyError) as error:
        raise damaged(name, f"its graph cannot be read: {error}") from error
    except ExtensionError as error:
        if error.code == NN_MODEL_DAMAGED:
            raise
        raise damaged(name, error.message) from error
    if digest != model.digest:
        raise damaged(name, "its graph is not the one that was stored")
    stages = stage_rows(tables, name)
    if [stage.position for stage in stages] != list(range(len(stages))):
        raise damaged(name, "a stage is missing")
    for stage in stages:
        blocks.check_stage(stage)
    if not stages or stages[-1].stage != nodes[-1].name:
        raise damaged(name, "its last stage is missing")
    return network


def damaged(name: str, what: str) -> ExtensionError:
    """Return the error for a model whose rows are not those that were stored."""
    hint = "drop it and create it again from its file"
    return ExtensionError(NN_MODEL_DAMAGED, f"model {name!r} is damaged: {what}", hint=hint)


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
    if isinstance(node, Conv | Linear) and not row.words_block:
        raise damaged(row.model, f"layer {row.layer!r} has no weights")
    return node


class _BlockReader:
    """Reads blocks of one model and compares them with their hashes."""

    def __init__(self, tables: Tables, model: str) -> None:
        self._tables = tables
        self._model = model
        self._known = block_rows(tables)

    def weights(self, row: LayerRow) -> Weights:
        """Return a layer's weights."""
        block = self._block(row.words_block, WORDS, row.layer)
        channel, word_no, word, mask = self._arrays(block, WORDS)
        shape = (block.filters, n_words(block.fan_in))
        is_inside = (channel < shape[0]) & (word_no < shape[1])
        if block.fan_in != row.fan_in or not is_inside.all():
            raise self._differs(row.layer)
        words, masks = np.zeros(shape, np.uint64), np.zeros(shape, np.uint64)
        words[channel, word_no], masks[channel, word_no] = word, mask
        all_used = used_bits(*shape[:1], block.fan_in)
        if not block.is_masked and not np.array_equal(masks, all_used):
            raise self._differs(row.layer)
        weights = Weights(words, masks if block.is_masked else None)
        self._check(words_hash(weights, block.fan_in), block, row.layer)
        return weights

    def vectors(self, row: LayerRow) -> dict[str, Floats]:
        """Return a node's real vectors by the names of their parts."""
        block = self._block(row.parameters_block, PARAMETERS, row.layer)
        names, channel, value = self._arrays(block, PARAMETERS)
        found: dict[str, Floats] = {}
        for name in dict.fromkeys(names.tolist()):
            at = names == name
            order = np.argsort(channel[at])
            if not np.array_equal(channel[at][order], np.arange(at.sum())):
                raise self._differs(row.layer)
            found[str(name)] = value[at][order].astype(np.float64)
        self._check(parameters_hash(found), block, row.layer)
        return found

    def check_stage(self, stage: StageRow) -> None:
        """Compare a stage's limits and terms with their hashes."""
        if stage.limits_block:
            block = self._block(stage.limits_block, LIMITS, stage.stage)
            bound, polarity = self._matrices(block, LIMITS, stage)
            limits = Limits(bound.astype(np.int32), polarity[0].astype(np.int8))
            if (polarity != polarity[0]).any():
                raise self._differs(stage.stage)
            self._check(limits_hash(limits), block, stage.stage)
        if stage.terms_block:
            block = self._block(stage.terms_block, TERMS, stage.stage)
            count, base = self._matrices(block, TERMS, stage)
            terms = Terms(count.astype(np.int32), base.astype(np.int32))
            self._check(terms_hash(terms), block, stage.stage)

    def _matrices(
        self, block: BlockRow, table: TableDef, stage: StageRow
    ) -> tuple[Numbers, Numbers]:
        """Return two matrices, by border class and channel."""
        border_class, channel, *values = self._arrays(block, table)
        shape = (int(border_class.max(initial=0)) + 1, int(channel.max(initial=0)) + 1)
        if shape[0] * shape[1] != len(border_class):
            raise self._differs(stage.stage)
        order = np.lexsort((channel, border_class))
        first, second = (value[order].reshape(shape) for value in values)
        return first, second

    def _block(self, number: int, table: TableDef, layer: str) -> BlockRow:
        block = self._known.get(number)
        if block is None or block.kind != table.name:
            raise damaged(self._model, f"a block of layer {layer!r} is missing")
        return block

    def _arrays(self, block: BlockRow, table: TableDef) -> list[Numbers]:
        """Return a block's columns behind its number."""
        found = block_arrays(self._tables, table, block.block)
        if len(found[0]) != block.n_rows:
            what = f"block {block.block} has {len(found[0])} rows of {block.n_rows}"
            raise damaged(self._model, what)
        return found

    def _check(self, found: str, block: BlockRow, layer: str) -> None:
        if found != block.hash:
            raise self._differs(layer)

    def _differs(self, layer: str) -> ExtensionError:
        return damaged(self._model, f"the rows of layer {layer!r} are not those that were stored")
