"""ARRAY JOIN: each row once for every element of its arrays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from minidb.columns import ArrayColumn, Batch, Column, concat_columns, default_column
from minidb.errors import SIZES_OF_ARRAYS_DONT_MATCH, InternalError, ValueExecutionError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_in_pieces
from minidb.expr.room import bytes_to_take
from minidb.plan.clauses import ArrayJoin
from minidb.plan.show import describe


class ArrayJoinOperator(Operator):
    """Repeats rows and lays the elements of their arrays beside them."""

    def __init__(self, node: ArrayJoin, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node
        self.kept = [
            place for place, field in enumerate(node.child.schema) if field.id not in node.dropped
        ]

    def details(self) -> str:
        """Return the arrays."""
        return describe(self.node).removeprefix("Left").removeprefix("ArrayJoin").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield about `max_block_size` rows at a time, so that long arrays do not pile up."""
        child = self.inputs[0]
        exprs = tuple(item.expr for item in self.node.items)
        for batch in child.run(context):
            for rows, arrays in evaluate_in_pieces(exprs, child.schema, batch, context):
                yield from self._rows(rows, arrays, context)
                del arrays  # before those of the next rows are made

    def _rows(
        self, batch: Batch, arrays: tuple[Column, ...], context: ExecutionContext
    ) -> Iterator[Batch]:
        """Yield what the rows of one batch become."""
        lengths = self._lengths(arrays)
        counts = np.maximum(lengths, 1) if self.node.is_left else lengths
        ends = np.cumsum(counts)
        start = 0
        while start < batch.n_rows:
            done = int(ends[start - 1]) if start else 0
            stop = int(np.searchsorted(ends, done + context.batch_rows, side="right"))
            stop = min(max(stop, start + 1), batch.n_rows)
            yield self._joined(batch, arrays, counts, start, stop, context)
            start = stop

    def _lengths(self, arrays: tuple[Column, ...]) -> NDArray[np.int64]:
        """Return how many elements each row has; all its arrays must agree."""
        lengths = [_array(column).lengths for column in arrays]
        for item, other in zip(self.node.items[1:], lengths[1:], strict=True):
            if not np.array_equal(lengths[0], other):
                message = "the arrays of ARRAY JOIN differ in length"
                raise ValueExecutionError(SIZES_OF_ARRAYS_DONT_MATCH, message, span=item.expr.span)
        return lengths[0]

    def _joined(
        self,
        batch: Batch,
        arrays: tuple[Column, ...],
        counts: NDArray[np.int64],
        start: int,
        stop: int,
        context: ExecutionContext,
    ) -> Batch:
        """Return the rows that a range of input rows becomes."""
        counts = counts[start:stop]
        n_rows = int(counts.sum())
        elements_bytes = bytes_to_take(arrays, stop - start)
        repeated = [batch.columns[place] for place in self.kept]
        context.memory.check(bytes_to_take(repeated, n_rows) + elements_bytes + 8 * n_rows)
        rows = np.repeat(np.arange(start, stop), counts)
        columns = [column.take(rows) for column in repeated]
        for item, column in zip(self.node.items, arrays, strict=True):
            part = _array(column.slice(start, stop)).compact()
            elements = part.child
            if self.node.is_left and not part.lengths.all():
                elements = _with_defaults(part, counts)
            if elements.type != item.field.type:
                raise InternalError(f"ARRAY JOIN made {elements.type.name}", span=item.expr.span)
            columns.append(elements)
        return Batch(tuple(columns), len(rows))


def _array(column: Column) -> ArrayColumn:
    if not isinstance(column, ArrayColumn):
        raise InternalError(f"ARRAY JOIN of {column.type.name}")
    return column


def _with_defaults(part: ArrayColumn, counts: NDArray[np.int64]) -> Column:
    """Return the elements, with a default value for each empty array."""
    n_elements = len(part.child)
    whole = concat_columns(part.child.type, [part.child, default_column(part.child.type, 1)])
    ends = np.cumsum(counts)
    is_empty = part.lengths == 0
    where = np.empty(int(ends[-1]), np.intp)
    where[ends[is_empty] - 1] = n_elements
    is_element = np.ones(len(where), np.bool_)
    is_element[ends[is_empty] - 1] = False
    where[is_element] = np.arange(n_elements)
    return whole.take(where)
