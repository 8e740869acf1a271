"""Keeping the first row of each combination of values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Batch
from minidb.columns.keys import GroupTable
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.nodes import Distinct


class DistinctOperator(Operator):
    """Yields the rows whose key columns have not been seen before, in input order."""

    def __init__(self, node: Distinct, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        places = {field.id: place for place, field in enumerate(node.schema)}
        self.places = tuple(places[column_id] for column_id in node.on)

    def details(self) -> str:
        """Return the key columns."""
        return ", ".join(self.schema[place].name for place in self.places)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the new rows of each input batch."""
        seen = GroupTable()
        held = 0
        for batch in self.inputs[0].run(context):
            n_before = seen.n_groups
            keys = [batch.columns[place] for place in self.places]
            context.memory.check(seen.bytes_to_add(keys))
            codes = seen.add(keys)
            context.memory.release(held)
            held = seen.nbytes
            context.memory.hold(held)
            fresh = np.flatnonzero(codes >= n_before)
            first_of_group = np.unique(codes[fresh], return_index=True)[1]
            yield batch.take(fresh[first_of_group])
        context.memory.release(held)
