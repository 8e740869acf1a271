"""Who are partners in a join: equal keys from a hash table, then the residual condition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from minidb.columns import Batch, BoolArray, Column, IndexArray, Schema
from minidb.columns.join import JoinTable, PairWindow
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import evaluate_all, frame_of
from minidb.execution.operators.filter import truth
from minidb.expr import columns_of
from minidb.expr.evaluate import Frame, evaluate
from minidb.expr.room import bytes_to_take
from minidb.plan.nodes import Join
from minidb.record import state

BYTES_PER_PAIR = 2 * np.dtype(np.intp).itemsize


@state
class Partners:
    """Finds the right rows that belong to left rows.

    Parameters
    ----------
    node : Join
        Its keys and residual decide.
    rows : Batch
        The right input, whole; rows from `n_right` on are not looked at.
    """

    node: Join
    left_schema: Schema
    right_schema: Schema
    rows: Batch
    n_right: int
    context: ExecutionContext
    table: JoinTable | None = None

    def __post_init__(self) -> None:
        if self.node.left_keys:
            frame = frame_of(self.right_schema, self.rows.slice(0, self.n_right), self.context)
            self.table = JoinTable(evaluate_all(self.node.right_keys, frame))

    @property
    def nbytes(self) -> int:
        """Return the bytes held beside the right rows."""
        return 0 if self.table is None else self.table.nbytes

    def windows(self, batch: Batch) -> Iterator[PairWindow]:
        """Yield the pairs of partners, whole left rows at a time, in left, then right order."""
        for window in self._candidates(batch):
            self.context.check()
            yield window if self.node.residual is None else self._meeting(batch, window)

    def first(self, batch: Batch) -> IndexArray | None:
        """Return the first partner of each left row or -1, where the keys alone tell."""
        if self.table is None or self.node.residual is not None:
            return None
        return self.table.first_matches(self._keys(batch))

    def has_partner(self, batch: Batch) -> BoolArray:
        """Return which left rows have a partner (bool, shape (n,))."""
        if self.node.residual is None:
            if self.table is None:
                return np.full(batch.n_rows, self.n_right > 0)
            return np.asarray(self.table.first_matches(self._keys(batch)) >= 0)
        found = np.zeros(batch.n_rows, np.bool_)
        for window in self.windows(batch):
            found[window.left_rows] = True
        return found

    def _keys(self, batch: Batch) -> tuple[Column, ...]:
        return evaluate_all(self.node.left_keys, frame_of(self.left_schema, batch, self.context))

    def _candidates(self, batch: Batch) -> Iterator[PairWindow]:
        """Yield the pairs with equal keys, or all pairs."""
        if self.table is not None:
            yield from self.table.probe_windows(self._keys(batch), self.context.batch_rows)
            return
        right_rows = np.arange(self.n_right, dtype=np.intp)
        if not self.n_right:
            yield PairWindow(0, batch.n_rows, right_rows, right_rows)
            return
        step = max(1, self.context.batch_rows // self.n_right)
        for start in range(0, batch.n_rows, step):
            stop = min(start + step, batch.n_rows)
            n_pairs = (stop - start) * self.n_right
            self.context.memory.check(BYTES_PER_PAIR * n_pairs)
            left_rows = np.repeat(np.arange(start, stop, dtype=np.intp), self.n_right)
            tiled = np.tile(right_rows, stop - start)
            yield PairWindow(start, stop, left_rows, tiled)

    def _meeting(self, batch: Batch, window: PairWindow) -> PairWindow:
        """Keep the pairs that meet the residual, looking at a batch of them at once."""
        step = self.context.batch_rows
        masks = [
            self._residual(batch, window.left_rows[i : i + step], window.right_rows[i : i + step])
            for i in range(0, len(window.left_rows), step)
        ]
        if not masks:
            return window
        mask = np.concatenate(masks)
        return replace(window, left_rows=window.left_rows[mask], right_rows=window.right_rows[mask])

    def _residual(self, batch: Batch, left_rows: IndexArray, right_rows: IndexArray) -> BoolArray:
        """Evaluate the residual on some pairs; only the columns that it reads are gathered."""
        condition = self.node.residual
        if condition is None:
            return np.ones(len(left_rows), np.bool_)
        self.context.check()
        read = columns_of(condition)
        columns: dict[int, Column] = {}
        memory = self.context.memory
        needed = 0
        sides = (
            (self.left_schema, batch, left_rows),
            (self.right_schema, self.rows, right_rows),
        )
        for schema, rows, numbers in sides:
            for field, column in zip(schema, rows.columns, strict=True):
                if field.id in read:
                    needed += bytes_to_take((column,), len(numbers))
                    memory.check(needed)
                    columns[field.id] = column.take(numbers)
        check_bytes = memory.check if memory.limit else None
        frame = Frame(columns, len(left_rows), self.context.settings, check_bytes, needed)
        return truth(evaluate(condition, frame))
