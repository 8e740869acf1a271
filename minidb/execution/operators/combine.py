"""INTERSECT and EXCEPT: the rows of the left input that the right one has, or lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Batch
from minidb.columns.keys import GroupTable
from minidb.columns.ranks import number_within
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.clauses import Combine

Counts: TypeAlias = NDArray[np.int64]


class CombineOperator(Operator):
    """Numbers the rows of the right input, counts them, and looks the left rows up.

    With ALL, each row of the right answers for one equal row of the left: the first ones.
    """

    def __init__(self, node: Combine, inputs: Sequence[Operator]) -> None:
        super().__init__(node.schema, inputs)
        self.node = node

    def details(self) -> str:
        """Return the operator's words."""
        return f"{self.node.operator} {'ALL' if self.node.is_all else 'DISTINCT'}"

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the left rows that stay, in input order."""
        groups = GroupTable()
        counts = np.zeros(0, np.int64)
        held = 0
        for batch in self.inputs[1].run(context):
            context.memory.check(groups.bytes_to_add(batch.columns))
            codes = groups.add(batch.columns)
            counts = _grown(counts, groups.n_groups)
            counts += np.bincount(codes, minlength=len(counts))
            held = _hold(context, groups.nbytes + counts.nbytes, held)
        seen = np.zeros(0, np.int64)
        for batch in self.inputs[0].run(context):
            context.memory.check(groups.bytes_to_add(batch.columns))
            codes = groups.add(batch.columns)
            counts, seen = _grown(counts, groups.n_groups), _grown(seen, groups.n_groups)
            held = _hold(context, groups.nbytes + counts.nbytes + seen.nbytes, held)
            # How many equal rows of the left stand before each row.
            number = seen[codes] + number_within(codes)
            seen += np.bincount(codes, minlength=len(seen))
            if self.node.is_all:
                answered = number < counts[codes]
                keep = answered if self.node.operator == "INTERSECT" else ~answered
            else:
                is_there = counts[codes] > 0
                keep = is_there if self.node.operator == "INTERSECT" else ~is_there
                keep = keep & (number == 0)
            yield batch if keep.all() else batch.take(np.flatnonzero(keep))
        context.memory.release(held)


def _grown(counts: Counts, n_groups: int) -> Counts:
    """Return the counts with room for more groups."""
    if n_groups <= len(counts):
        return counts
    return np.concatenate([counts, np.zeros(n_groups - len(counts), np.int64)])


def _hold(context: ExecutionContext, n_bytes: int, held: int) -> int:
    """Count the bytes now held instead of those before."""
    context.memory.release(held)
    context.memory.hold(n_bytes)
    return n_bytes
