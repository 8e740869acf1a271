"""The rows of the tables that keep models, as a statement sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    BoolArray,
    Bounds,
    Column,
    ExtensionError,
    NumericColumn,
    StoredRelation,
    StoredTable,
    TableDef,
    TableKey,
    column_from_values,
    concat_columns,
    did_you_mean,
)
from nn_ops.errors import NN_TABLES_FOREIGN, NN_UNKNOWN_MODEL
from nn_ops.store.schema import BLOCKS, DATABASE, LAYERS, MODELS, STAGES, STRING, TABLES, UINT64

Tables: TypeAlias = Mapping[TableKey, StoredTable]
Numbers: TypeAlias = NDArray[Any]

BATCH_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A row of `models.models`."""

    name: str
    base: str
    network: str
    classes: list[str]
    file: str
    training: str
    digest: str


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A row of `models.layers`."""

    model: str
    position: int
    layer: str
    kind: str
    inputs: list[str]
    attributes: str
    height: int
    width: int
    channels: int
    gives: str
    fan_in: int
    words_block: int
    parameters_block: int

    @property
    def blocks(self) -> list[int]:
        """The blocks that the row refers to."""
        return [block for block in (self.words_block, self.parameters_block) if block]


@dataclass(frozen=True, slots=True)
class StageRow:
    """A row of `models.stages`."""

    model: str
    position: int
    stage: str
    kind: str
    inputs: list[str]
    nodes: list[str]
    height: int
    width: int
    channels: int
    gives: str
    limits_block: int
    terms_block: int

    @property
    def blocks(self) -> list[int]:
        """The blocks that the row refers to."""
        return [block for block in (self.limits_block, self.terms_block) if block]


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A row of `models.blocks`."""

    block: int
    hash: str
    kind: str
    filters: int
    fan_in: int
    is_masked: bool
    n_weights: int
    n_rows: int
    n_bytes: int


def refuse_foreign(tables: Tables) -> None:
    """Refuse a database whose tables of models are other ones.

    Raises
    ------
    ExtensionError
        NN_TABLES_FOREIGN.
    """
    for table in TABLES:
        _relation(tables, table)


def all_models(tables: Tables) -> list[ModelRow]:
    """Return all models by name."""
    found = [ModelRow(*row) for row in _rows(tables, MODELS)]
    return sorted(found, key=lambda model: model.name)


def find_model(tables: Tables, name: str) -> ModelRow:
    """Return a model.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL, with the nearest name.
    """
    known = all_models(tables)
    for model in known:
        if model.name == name:
            return model
    hint = did_you_mean(name, [model.name for model in known])
    raise ExtensionError(
        NN_UNKNOWN_MODEL, f"no model {name!r}", hint=hint or "SHOW MODELS lists them"
    )


def layer_rows(tables: Tables, model: str | None = None) -> list[LayerRow]:
    """Return the nodes of a model, or of all, in order."""
    found = [LayerRow(*row) for row in _rows_of(tables, LAYERS, model)]
    return sorted(found, key=lambda row: (row.model, row.position))


def stage_rows(tables: Tables, model: str | None = None) -> list[StageRow]:
    """Return the stages of a model, or of all, in order."""
    found = [StageRow(*row) for row in _rows_of(tables, STAGES, model)]
    return sorted(found, key=lambda row: (row.model, row.position))


def references(tables: Tables) -> Iterator[tuple[str, int]]:
    """Yield (model, block) for every block that a layer or stage of a model refers to."""
    for layer in layer_rows(tables):
        yield from ((layer.model, block) for block in layer.blocks)
    for stage in stage_rows(tables):
        yield from ((stage.model, block) for block in stage.blocks)


def block_rows(tables: Tables) -> dict[int, BlockRow]:
    """Return all blocks by their number."""
    found = [BlockRow(*row) for row in _rows(tables, BLOCKS)]
    return {row.block: row for row in found}


def block_arrays(tables: Tables, table: TableDef, number: int) -> list[Numbers]:
    """Return a block's columns behind its number, as arrays; text as an array of objects.

    Parameters
    ----------
    tables : mapping
    table : TableDef
        Which holds the block.
    number : int
        The block's.
    """
    wanted = column_from_values(UINT64, [number])

    def is_wanted(column: Column) -> BoolArray:
        values: Numbers = _array(column)
        return np.asarray(values == np.uint64(number))

    return as_arrays(_where(tables, table, "block", wanted, is_wanted)[1:])


def as_arrays(columns: Sequence[Column]) -> list[Numbers]:
    """Return columns as arrays; text as an array of objects."""
    return [_array(column) for column in columns]


def _array(column: Column) -> Numbers:
    if isinstance(column, NumericColumn):
        return column.values
    return np.array(column.to_pylist(), dtype=object)


def _relation(tables: Tables, table: TableDef) -> StoredRelation | None:
    """Return a table of the models, None before the first of them is made.

    Raises
    ------
    ExtensionError
        NN_TABLES_FOREIGN when a table of that name is another one.
    """
    found = tables.get(table.key)
    if found is None:
        return None
    here = found.definition
    if (here.column_names, here.column_types) != (table.column_names, table.column_types):
        raise ExtensionError(
            NN_TABLES_FOREIGN,
            f"the table {DATABASE}.{table.name} is not the one that holds models",
            hint=f"open the database with extensions=[] and rename its database {DATABASE}",
        )
    return StoredRelation(found)


def _rows(tables: Tables, table: TableDef) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a small table as Python values."""
    relation = _relation(tables, table)
    if relation is not None:
        for batch in relation.scan(relation.names, {}, BATCH_ROWS):
            yield from _tuples(batch.columns)


def _rows_of(tables: Tables, table: TableDef, model: str | None) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a model, or of all models."""
    if model is None:
        yield from _rows(tables, table)
        return
    wanted = column_from_values(STRING, [model])

    def is_wanted(column: Column) -> BoolArray:
        return np.array([name == model for name in column.to_pylist()], dtype=np.bool_)

    yield from _tuples(_where(tables, table, "model", wanted, is_wanted))


def _tuples(columns: Sequence[Column]) -> Iterator[tuple[Any, ...]]:
    yield from zip(*(column.to_pylist() for column in columns), strict=True)


def _where(
    tables: Tables,
    table: TableDef,
    name: str,
    wanted: Column,
    is_wanted: Callable[[Column], BoolArray],
) -> list[Column]:
    """Return the rows in which a column has a value; granules without it are not read."""
    pieces: list[list[Column]] = [[] for _ in table.columns]
    relation = _relation(tables, table)
    if relation is not None:
        place = relation.names.index(name)
        for batch in relation.scan(relation.names, {name: Bounds(wanted, wanted)}, BATCH_ROWS):
            kept = batch.filter(is_wanted(batch.columns[place]))
            for piece, column in zip(pieces, kept.columns, strict=True):
                piece.append(column)
    return [
        concat_columns(column.type, piece)
        for column, piece in zip(table.columns, pieces, strict=True)
    ]
