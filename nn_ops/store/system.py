"""system.models, system.model_layers and system.model_blocks: what the models take."""

from __future__ import annotations

from collections import defaultdict

from minidb.extension import SystemSource
from nn_ops.store.cache import ProgramCache
from nn_ops.store.explain import LayerSize, layer_sizes
from nn_ops.store.read import LayerRow, all_models, block_rows, layer_rows, references

Row = tuple[object, ...]


def models_rows(source: SystemSource, cache: ProgramCache) -> list[Row]:
    """Return the rows of system.models."""
    blocks, of_model = block_rows(source.tables), _layers_by_model(source)
    users = _users(source)
    rows: list[Row] = []
    for model in all_models(source.tables):
        layers = of_model[model.name]
        total = sum(layer_sizes(layers, blocks).values(), LayerSize())
        own = {block for row in layers for block in row.blocks if len(users[block]) == 1}
        own_bytes = sum(blocks[block].n_bytes for block in own if block in blocks)
        head = (model.name, model.base, model.network, model.file, model.classes, len(layers))
        size = (total.weights, total.words, _share(total), total.n_bytes, own_bytes)
        tail = (total.float_bytes, total.lookups, model.digest, cache.nbytes(model.digest))
        rows.append((*head, *size, *tail))
    return rows


def layers_rows(source: SystemSource, cache: ProgramCache) -> list[Row]:
    """Return the rows of system.model_layers."""
    blocks = block_rows(source.tables)
    rows: list[Row] = []
    for layers in _layers_by_model(source).values():
        sizes = layer_sizes(layers, blocks)
        for row in layers:
            size = sizes[row.layer]
            head = (row.model, row.position, row.layer, row.kind, row.inputs)
            shape = (row.height, row.width, row.channels, row.gives, row.fan_in)
            taken = (size.weights, size.words, _share(size), size.n_bytes, size.lookups)
            rows.append((*head, *shape, *taken, row.words_block, row.parameters_block))
    return rows


def blocks_rows(source: SystemSource, cache: ProgramCache) -> list[Row]:
    """Return the rows of system.model_blocks."""
    users = _users(source)
    rows: list[Row] = []
    for number, row in sorted(block_rows(source.tables).items()):
        head = (number, row.kind, row.filters, row.fan_in, row.n_weights, row.n_rows, row.n_bytes)
        rows.append((*head, sorted(users[number]), row.hash))
    return rows


def _share(size: LayerSize) -> float:
    return size.pruned / size.weights if size.weights else 0.0


def _layers_by_model(source: SystemSource) -> dict[str, list[LayerRow]]:
    found: dict[str, list[LayerRow]] = defaultdict(list)
    for row in layer_rows(source.tables):
        found[row.model].append(row)
    return found


def _users(source: SystemSource) -> dict[int, set[str]]:
    """Return the models that refer to each block."""
    found: dict[int, set[str]] = defaultdict(set)
    for model, block in references(source.tables):
        found[block].add(model)
    return found
