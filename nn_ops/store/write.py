"""Making and removing models, in one commit each."""

from __future__ import annotations

from collections.abc import Collection, Set

import numpy as np

from minidb.extension import (
    BoolArray,
    Column,
    ExtensionError,
    NumericColumn,
    StatementContext,
    TableDef,
    Transaction,
    append_merged,
)
from nn_ops.errors import NN_MODEL_EXISTS, NN_MODEL_IN_USE
from nn_ops.graph import Network
from nn_ops.lower import lower
from nn_ops.store.read import all_models, block_rows, find_model, references, refuse_foreign
from nn_ops.store.rows import Origin, model_rows
from nn_ops.store.schema import BLOCKS, MODELS, OF_BLOCKS, OF_MODELS, ensure_tables


def create_model(
    context: StatementContext, origin: Origin, network: Network, *, replaces: bool = False
) -> set[str]:
    """Store a network as a model, in one commit; blocks that are there already are shared.

    Parameters
    ----------
    context : StatementContext
        Of the running statement.
    origin : Origin
    network : Network
        Checked.
    replaces : bool
        Whether a model of that name gives way; otherwise it is an error.

    Returns
    -------
    set of str
        The digests of all networks that there are now.

    Raises
    ------
    ExtensionError
        NN_MODEL_EXISTS; NN_UNKNOWN_MODEL for the base; NN_MODEL_IN_USE when a model that would give
        way is extended; what `lower` raises for a network that cannot run. Nothing is stored then.
    """
    program = lower(network)
    with context.begin() as transaction:
        refuse_foreign(transaction.tables)
        ensure_tables(transaction)
        is_known = origin.name in {model.name for model in all_models(transaction.tables)}
        if is_known and not replaces:
            raise ExtensionError(
                NN_MODEL_EXISTS,
                f"model {origin.name!r} is already there",
                hint="write CREATE MODEL IF NOT EXISTS or CREATE OR REPLACE MODEL, or drop it",
            )
        if is_known:
            _remove(transaction, {origin.name})
        if origin.base:
            # After the removal: no model extends what it replaces.
            find_model(transaction.tables, origin.base)
        taken = {row.block: row.hash for row in block_rows(transaction.tables).values()}
        rows = model_rows(origin, network, program, taken)
        context.execution.memory.check(rows.n_bytes)
        for key, batch in rows.tables.items():
            append_merged(transaction, key, batch)
        digests = _digests(transaction)
        transaction.commit()
    return digests


def drop_models(context: StatementContext, names: Set[str]) -> set[str]:
    """Remove models, and the blocks that no other model refers to, in one commit.

    Returns
    -------
    set of str
        The digests of all networks that there are now.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL; NN_MODEL_IN_USE when a model that stays extends one of them.
    """
    with context.begin() as transaction:
        for name in sorted(names):
            find_model(transaction.tables, name)
        _remove(transaction, names)
        digests = _digests(transaction)
        transaction.commit()
    return digests


def _digests(transaction: Transaction) -> set[str]:
    """Return the digests of all models; read before the commit, behind which nothing may fail."""
    return {model.digest for model in all_models(transaction.tables)}


def _remove(transaction: Transaction, names: Set[str]) -> None:
    """Take away models and the blocks that are theirs alone."""
    for model in all_models(transaction.tables):
        if model.base in names and model.name not in names:
            raise ExtensionError(
                NN_MODEL_IN_USE,
                f"model {model.base!r} is in use: model {model.name!r} extends it",
                hint=f"drop {model.name!r} first, or both in one statement",
            )
    freed, kept = set[int](), set[int]()
    for name, block in references(transaction.tables):
        (freed if name in names else kept).add(block)
    _delete(transaction, MODELS, "name", names)
    for table in OF_MODELS:
        _delete(transaction, table, "model", names)
    for table in (BLOCKS, *OF_BLOCKS):
        _delete(transaction, table, "block", freed - kept)


def _delete(
    transaction: Transaction, table: TableDef, name: str, values: Collection[int] | Collection[str]
) -> None:
    """Remove the rows in which a column has one of the values; other parts stay as they are."""
    if not values or table.key not in transaction.tables:
        return
    for part in transaction.tables[table.key].parts:
        is_gone = _is_one_of(part.read([name]).columns[0], values)
        if is_gone.any():
            # What goes whole is not read: so a damaged model can be dropped.
            rest = [] if is_gone.all() else [part.read(table.column_names).filter(~is_gone)]
            transaction.replace_parts(*table.key, [part], rest)


def _is_one_of(column: Column, values: Collection[int] | Collection[str]) -> BoolArray:
    if isinstance(column, NumericColumn):
        return np.isin(column.values, np.array(list(values), dtype=np.uint64))
    return np.array([value in values for value in column.to_pylist()], dtype=np.bool_)
