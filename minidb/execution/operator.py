"""The operator protocol: a node of the running query that yields batches when pulled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from minidb.columns import Batch, Column, Schema
from minidb.errors import MEMORY_LIMIT_EXCEEDED, LimitExecutionError
from minidb.execution.context import ExecutionContext
from minidb.expr import BoundExpr, ScalarCall, walk
from minidb.expr.evaluate import Frame, evaluate
from minidb.record import state


@state
class Metrics:
    """What EXPLAIN ANALYZE shows of an operator; `elapsed_s` includes its inputs."""

    rows: int = 0
    batches: int = 0
    n_bytes: int = 0
    elapsed_s: float = 0.0
    peak_bytes: int = 0


class Operator(ABC):
    """A physical operator; made by the planner, run once.

    Parameters
    ----------
    schema : Schema
        The fields of the batches it yields.
    inputs : sequence of Operator
        What it pulls from.
    """

    def __init__(self, schema: Schema, inputs: Sequence[Operator] = ()) -> None:
        self.schema = schema
        self.inputs = tuple(inputs)
        self.metrics = Metrics()
        self.estimated_rows: int | None = None

    @property
    def name(self) -> str:
        """Return the operator's name for EXPLAIN."""
        return type(self).__name__.removesuffix("Operator")

    def details(self) -> str:
        """Return what EXPLAIN writes behind the name."""
        return ""

    @abstractmethod
    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the result; every batch has the columns of `schema`."""

    def run(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the batches that hold rows, measured, stopping where the statement has to stop."""
        source = self.batches(context)
        metrics, clock = self.metrics, context.clock
        while True:
            context.check()
            start = clock()
            batch = next(source, None)
            metrics.elapsed_s += clock() - start
            if batch is None:
                return
            if not batch.n_rows:
                continue
            n_bytes = batch.nbytes
            context.memory.check(n_bytes)
            metrics.rows += batch.n_rows
            metrics.batches += 1
            metrics.n_bytes += n_bytes
            yield batch


def frame_of(schema: Schema, batch: Batch, context: ExecutionContext) -> Frame:
    """Return the frame in which expressions over `schema` are evaluated on a batch."""
    columns = {field.id: column for field, column in zip(schema, batch.columns, strict=True)}
    memory = context.memory
    if not memory.limit:
        return Frame(columns, batch.n_rows, context.settings)
    return Frame(columns, batch.n_rows, context.settings, memory.check, batch.nbytes)


def evaluate_in_pieces(
    exprs: Sequence[BoundExpr], schema: Schema, batch: Batch, context: ExecutionContext
) -> Iterator[tuple[Batch, tuple[Column, ...]]]:
    """Yield the rows of a batch with the columns of several expressions.

    Where those of the whole batch do not fit the memory, they are computed for one half after
    the other, unless that could change them.

    Raises
    ------
    LimitExecutionError
        MEMORY_LIMIT_EXCEEDED, when even those of one row do not fit.
    """
    try:
        columns = evaluate_all(exprs, frame_of(schema, batch, context))
    except LimitExecutionError as error:
        is_memory = error.code == MEMORY_LIMIT_EXCEEDED
        if not is_memory or batch.n_rows < 2 or any(map(_depends_on_batch, exprs)):
            raise
    else:
        yield batch, columns
        return
    middle = batch.n_rows // 2
    for part in (batch.slice(0, middle), batch.slice(middle, batch.n_rows)):
        yield from evaluate_in_pieces(exprs, schema, part, context)


def _depends_on_batch(expr: BoundExpr) -> bool:
    """Whether an expression calls a function whose values are not those of its row alone."""
    return any(
        isinstance(node, ScalarCall) and not node.function.is_deterministic for node in walk(expr)
    )


def evaluate_all(exprs: Sequence[BoundExpr], frame: Frame) -> tuple[Column, ...]:
    """Return the columns of several expressions on one frame."""
    return tuple(evaluate(expr, frame) for expr in exprs)
