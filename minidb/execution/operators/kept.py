"""Rows that one part of a plan keeps for another: totals, and the turns of a recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from minidb.columns import Batch
from minidb.errors import TOO_DEEP_RECURSION, ExecutionError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.clauses import Kept, Recursive, WithTotals


class KeptOperator(Operator):
    """Yields what is kept under a key."""

    def __init__(self, node: Kept) -> None:
        super().__init__(node.schema)
        self.node = node

    def details(self) -> str:
        """Return whose rows they are."""
        return self.node.name

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the kept batches."""
        yield from context.kept.get(self.node.key, ())


class WithTotalsOperator(Operator):
    """Yields the rows, then computes the row of totals and leaves it with the context."""

    def __init__(self, node: WithTotals, inputs: Sequence[Operator]) -> None:
        super().__init__(node.schema, inputs)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows of the first input."""
        yield from self.inputs[0].run(context)
        # A LIMIT may have stopped before the groups were all made; those are made at once.
        for batch in self.inputs[1].run(context):
            context.totals = batch


class RecursiveOperator(Operator):
    """Runs the step on the rows of the turn before, until a turn gives none.

    Parameters
    ----------
    build_step : callable
        Makes the operators of one turn.
    """

    def __init__(self, node: Recursive, base: Operator, build_step: Callable[[], Operator]) -> None:
        self.build_step = build_step
        self.first_step = build_step()
        super().__init__(node.schema, (base, self.first_step))
        self.node = node

    def details(self) -> str:
        """Return the name of the common table."""
        return self.node.name

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows of the base, then those of every turn."""
        limit = context.settings.integer("max_recursive_cte_evaluation_depth")
        step, depth, held_before = self.inputs[0], 0, 0
        while True:
            rows: list[Batch] = []
            held = 0
            for batch in step.run(context):
                context.memory.hold(batch.nbytes)
                held += batch.nbytes
                rows.append(batch)
                yield batch
            context.memory.release(held_before)
            held_before = held
            if not rows:
                return
            depth += 1
            if depth > limit:
                message = f"the recursion of {self.node.name!r} is deeper than {limit} turns"
                hint = "end it by a condition, or raise max_recursive_cte_evaluation_depth"
                raise ExecutionError(TOO_DEEP_RECURSION, message, hint=hint)
            context.kept[self.node.key] = rows
            step = self.first_step if depth == 1 else self.build_step()
