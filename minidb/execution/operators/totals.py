"""WITH TOTALS: the aggregates once more, over the rows of all groups that HAVING keeps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Batch, Column, IndexArray, default_column
from minidb.execution.aggregate_state import AggregateState
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import evaluate_all, frame_of
from minidb.execution.operators.filter import truth
from minidb.plan.clauses import Totals
from minidb.plan.nodes import Aggregate

Arguments = Sequence[tuple[Sequence[Column], Column | None]]


class TotalsRow:
    """Computes the row of totals beside the groups.

    Without HAVING the rows are folded as they come; with it they wait until all groups are known.
    """

    def __init__(self, node: Aggregate, totals: Totals, context: ExecutionContext) -> None:
        self.node, self.totals, self.context = node, totals, context
        self.states = [AggregateState(a.aggregate, context.settings) for a in node.aggregates]
        self.waiting: list[tuple[Arguments, IndexArray]] = []
        self.held = 0

    def add(self, arguments: Arguments, codes: IndexArray, counted: Column | None) -> None:
        """Take the rows of one piece.

        Parameters
        ----------
        arguments : sequence of (columns, condition)
            Per aggregate.
        codes : ndarray of intp, shape (n,)
            The group of each row.
        counted : Column or None
            The condition that a row has to meet.
        """
        if counted is not None:
            rows = np.flatnonzero(truth(counted))
            arguments, codes = _taken(arguments, rows), codes[rows]
        if self.totals.having is None:
            self._fold(arguments, len(codes))
            return
        n_bytes = codes.nbytes + sum(
            column.nbytes
            for columns, condition in arguments
            for column in (*columns, *(() if condition is None else (condition,)))
        )
        self.context.memory.hold(n_bytes)
        self.held += n_bytes
        self.waiting.append((arguments, codes))

    def finish(self, groups: Batch | None) -> None:
        """Keep the row of totals; `groups` are all of them, None for none."""
        having = self.totals.having
        if having is not None and groups is not None:
            frame = frame_of(self.node.schema, groups, self.context)
            (column,) = evaluate_all((having,), frame)
            passes = truth(column)
            for arguments, codes in self.waiting:
                rows = np.flatnonzero(passes[codes])
                self._fold(_taken(arguments, rows), len(rows))
        self.context.memory.release(self.held)
        self.waiting, self.held = [], 0
        keys = tuple(default_column(key.field.type, 1) for key in self.node.keys)
        columns = (*keys, *(state.finish(1) for state in self.states))
        self.context.kept[self.totals.key] = [Batch(columns, 1)]

    def _fold(self, arguments: Arguments, n_rows: int) -> None:
        """Feed rows to the one group."""
        codes = np.zeros(n_rows, np.intp)
        for state, (columns, condition) in zip(self.states, arguments, strict=True):
            state.update(columns, condition, codes, 1)


def _taken(arguments: Arguments, rows: IndexArray) -> Arguments:
    """Return the arguments of some rows."""
    return [
        (
            [column.take(rows) for column in columns],
            None if condition is None else condition.take(rows),
        )
        for columns, condition in arguments
    ]
