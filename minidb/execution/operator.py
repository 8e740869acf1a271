"""The operator protocol: a node of the running query that yields batches when pulled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minidb.columns import Batch, Column, Schema
from minidb.execution.context import ExecutionContext
from minidb.expr import BoundExpr
from minidb.expr.evaluate import Frame, evaluate


@dataclass(slots=True)
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
    check_bytes = memory.check if memory.limit else None
    return Frame(columns, batch.n_rows, context.settings, check_bytes)


def evaluate_all(exprs: Sequence[BoundExpr], frame: Frame) -> tuple[Column, ...]:
    """Return the columns of several expressions on one frame."""
    return tuple(evaluate(expr, frame) for expr in exprs)
