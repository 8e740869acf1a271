"""LIMIT BY: the first, or last, rows of each combination of values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Batch, BoolArray, concat_batches
from minidb.columns.keys import GroupTable, factorize
from minidb.columns.ranks import number_within
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.clauses import LimitBy
from minidb.plan.show import describe


class LimitByOperator(Operator):
    """Numbers the rows of each group; from the end it has to see them all first."""

    def __init__(self, node: LimitBy, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node
        places = {field.id: place for place, field in enumerate(node.schema)}
        self.places = tuple(places[column_id] for column_id in node.on)

    def details(self) -> str:
        """Return the window and the columns."""
        return describe(self.node).removeprefix("LimitBy").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows that stay, in input order."""
        if self.node.count < 0 or self.node.offset < 0:
            yield from self._from_the_end(context)
            return
        groups = GroupTable()
        seen = np.zeros(0, np.int64)
        held = 0
        for batch in self.inputs[0].run(context):
            keys = [batch.columns[place] for place in self.places]
            context.memory.check(groups.bytes_to_add(keys))
            codes = groups.add(keys)
            if groups.n_groups > len(seen):
                seen = np.append(seen, np.zeros(groups.n_groups - len(seen), np.int64))
            context.memory.release(held)
            held = groups.nbytes + seen.nbytes
            context.memory.hold(held)
            number = seen[codes] + number_within(codes)
            seen += np.bincount(codes, minlength=len(seen))
            keep = (number >= self.node.offset) & (number - self.node.offset < self.node.count)
            yield batch.take(np.flatnonzero(keep))
        context.memory.release(held)

    def _from_the_end(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows that stay where a number counts from the end."""
        kept: list[Batch] = []
        held = 0
        for batch in self.inputs[0].run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            kept.append(batch)
        if kept:
            whole = concat_batches(self.schema, kept)
            codes = factorize([whole.columns[place] for place in self.places]).codes
            number = number_within(codes).astype(np.int64)
            size = np.bincount(codes)[codes]
            rows = np.flatnonzero(in_window(number, size, self.node.count, self.node.offset))
            for start in range(0, len(rows), context.batch_rows):
                yield whole.take(rows[start : start + context.batch_rows])
        context.memory.release(held)


def in_window(
    number: NDArray[np.int64], size: NDArray[np.int64], count: int, offset: int
) -> BoolArray:
    """Return which rows a LIMIT keeps; negative numbers count from the end.

    Parameters
    ----------
    number, size : ndarray of int64, shape (n,)
        The place of each row among those of its group, from 0, and how many they are.
    """
    start = np.minimum(offset, size) if offset >= 0 else np.zeros_like(size)
    stop = size if offset >= 0 else np.maximum(size + offset, 0)
    if count >= 0:
        stop = np.minimum(stop, start + np.minimum(count, size))
    else:
        start = np.maximum(start, stop + np.maximum(count, -size))
    kept: BoolArray = (number >= start) & (number < stop)
    return kept
