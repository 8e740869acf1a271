"""Joins: a hash join on equal keys with a residual condition, for every kind of join."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import (
    Batch,
    BoolArray,
    IndexArray,
    NumericColumn,
    Schema,
    concat_batches,
    default_column,
)
from minidb.columns.join import PairWindow
from minidb.errors import INCORRECT_RESULT_OF_SCALAR_SUBQUERY, ValueExecutionError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.execution.operators.join_partners import Partners
from minidb.expr.room import bytes_to_take
from minidb.plan import nodes
from minidb.plan.nodes import Join, JoinKind
from minidb.plan.show import describe
from minidb.types import IntType

FILLS_RIGHT = (JoinKind.LEFT, JoinKind.FULL, JoinKind.SINGLE)
FILLS_LEFT = (JoinKind.RIGHT, JoinKind.FULL)
ONLY_TESTS = (JoinKind.SEMI, JoinKind.ANTI, JoinKind.MARK)
NEEDS_PARTNER = (JoinKind.INNER, JoinKind.RIGHT, JoinKind.SEMI)

BYTES_TO_INDEX_A_ROW = 56


class JoinOperator(Operator):
    """Collects the right input, then finds the partners of each left batch.

    Rows come in left order, then right order, never more than a batch at once; right rows
    without a partner come last.
    """

    def __init__(self, node: Join, left: Operator, right: Operator) -> None:
        super().__init__(node.schema, (left, right))
        self.node = node
        self.left_places = self._kept(left.schema)
        self.right_places = self._kept(right.schema)

    def _kept(self, schema: Schema) -> tuple[int, ...]:
        """Return the places of the columns that are yielded."""
        dropped = self.node.dropped
        return tuple(i for i, column in enumerate(schema) if column.id not in dropped)

    def details(self) -> str:
        """Return the kind and the condition."""
        return describe(self.node).removeprefix("Join").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows that the kind of join asks for."""
        build: list[Batch] = []
        held = 0
        for batch in self.inputs[1].run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            build.append(batch)
        if not build and self.node.kind in NEEDS_PARTNER:
            return
        left_schema, right_schema = (side.schema for side in self.inputs)
        n_right = sum(batch.n_rows for batch in build)
        if self.node.kind in FILLS_RIGHT:
            # The row behind the last one is what a left row without a partner is filled with.
            build.append(_defaults(right_schema, 1))
        # The rows in one piece, their keys as words, and the table that finds them.
        context.memory.check(2 * held + BYTES_TO_INDEX_A_ROW * n_right)
        rows = concat_batches(right_schema, build)
        build.clear()
        partners = Partners(self.node, left_schema, right_schema, rows, n_right, context)
        context.memory.hold(partners.nbytes)
        held += partners.nbytes
        self.metrics.peak_bytes = held
        yield from (
            self._tested(partners) if self.node.kind in ONLY_TESTS else self._paired(partners)
        )
        context.memory.release(held)

    # -- kinds that yield left rows ---------------------------------------------------------

    def _tested(self, partners: Partners) -> Iterator[Batch]:
        """Yield the left rows with (or without) a partner, or with the mark."""
        for batch in self.inputs[0].run(partners.context):
            found = partners.has_partner(batch)
            shown = columns_at(batch, self.left_places)
            if self.node.kind is JoinKind.MARK:
                mark = NumericColumn(IntType(8, False), found.astype(np.uint8))
                yield Batch((*shown.columns, mark), batch.n_rows)
                continue
            wanted = found if self.node.kind is JoinKind.SEMI else ~found
            yield shown if wanted.all() else shown.filter(wanted)

    # -- kinds that yield pairs -------------------------------------------------------------

    def _paired(self, partners: Partners) -> Iterator[Batch]:
        """Yield pairs, and the rows without a partner of the sides that are kept."""
        kind = self.node.kind
        is_once = self.node.partners is nodes.Partners.ONCE
        keeps_all_left = kind in FILLS_RIGHT and kind not in FILLS_LEFT and not is_once
        used = np.zeros(partners.n_right, np.bool_)
        for batch in self.inputs[0].run(partners.context):
            first = self._first(batch, partners)
            if first is not None and keeps_all_left:
                right_rows = np.where(first >= 0, first, partners.n_right)
                every = np.arange(batch.n_rows)
                yield from self._emit(
                    batch, partners, PairWindow(0, batch.n_rows, every, right_rows)
                )
                continue
            windows = partners.windows(batch) if first is None else (_found(first),)
            for window in windows:
                chosen = window
                if self.node.partners is not nodes.Partners.ALL:
                    chosen = self._first_of_each(window, used)
                if kind is JoinKind.SINGLE:
                    _refuse_two(chosen)
                if kind in FILLS_LEFT:
                    used[chosen.right_rows] = True
                if kind in FILLS_RIGHT:
                    chosen = _with_missing(chosen, partners.n_right)
                yield from self._emit(batch, partners, chosen)
        if kind in FILLS_LEFT:
            yield from self._unused(partners, np.flatnonzero(~used))

    def _first(self, batch: Batch, partners: Partners) -> IndexArray | None:
        """Return each left row's only partner or -1, where the keys alone tell; else None."""
        wants_first = self.node.partners is not nodes.Partners.ALL
        table = partners.table
        if wants_first or (table is not None and table.is_unique):
            return partners.first(batch)
        return None

    def _first_of_each(self, window: PairWindow, used: BoolArray) -> PairWindow:
        """Keep the first partner of each left row; of ONCE, only one that is not used yet."""
        left_rows, right_rows = window.left_rows, window.right_rows
        is_first = _starts(left_rows)
        left_rows, right_rows = left_rows[is_first], right_rows[is_first]
        if self.node.partners is nodes.Partners.ONCE:
            free = np.flatnonzero(~used[right_rows])
            _, places = np.unique(right_rows[free], return_index=True)
            chosen = free[np.sort(places)]
            left_rows, right_rows = left_rows[chosen], right_rows[chosen]
            used[right_rows] = True
        return PairWindow(window.start, window.stop, left_rows, right_rows)

    def _emit(self, batch: Batch, partners: Partners, window: PairWindow) -> Iterator[Batch]:
        """Yield pairs as rows, a batch at a time."""
        step = partners.context.batch_rows
        left_whole = columns_at(batch, self.left_places)
        right_whole = columns_at(partners.rows, self.right_places)
        for start in range(0, len(window.left_rows), step):
            partners.context.check()
            left_rows = window.left_rows[start : start + step]
            sides = (*left_whole.columns, *right_whole.columns)
            partners.context.memory.check(bytes_to_take(sides, len(left_rows)))
            right = right_whole.take(window.right_rows[start : start + step])
            is_all = _is_all(left_rows, batch.n_rows)
            left = left_whole if is_all else left_whole.take(left_rows)
            yield Batch((*left.columns, *right.columns), len(left_rows))

    def _unused(self, partners: Partners, numbers: IndexArray) -> Iterator[Batch]:
        """Yield the right rows without a partner, the left side filled with defaults."""
        step = partners.context.batch_rows
        for start in range(0, len(numbers), step):
            chosen = numbers[start : start + step]
            left = columns_at(_defaults(self.inputs[0].schema, len(chosen)), self.left_places)
            right = columns_at(partners.rows, self.right_places).take(chosen)
            yield Batch((*left.columns, *right.columns), len(chosen))


def _found(first: IndexArray) -> PairWindow:
    """Return the pairs of left rows with their only partners, or -1."""
    left_rows = np.flatnonzero(first >= 0)
    return PairWindow(0, len(first), left_rows, first[left_rows])


def columns_at(batch: Batch, places: tuple[int, ...]) -> Batch:
    """Return chosen columns of a batch."""
    return Batch(tuple(batch.columns[i] for i in places), batch.n_rows)


def _is_all(numbers: IndexArray, n_rows: int) -> bool:
    """Whether rising row numbers are 0 to n_rows - 1, each once."""
    return len(numbers) == n_rows and bool((numbers == np.arange(n_rows)).all())


def _with_missing(window: PairWindow, fill: int) -> PairWindow:
    """Add, in their places, the left rows of a window that have no partner."""
    n_rows = window.stop - window.start
    counts = np.bincount(window.left_rows - window.start, minlength=n_rows)
    missing = np.flatnonzero(counts == 0) + window.start
    if not len(missing):
        return window
    left_rows = np.concatenate([window.left_rows, missing])
    right_rows = np.concatenate([window.right_rows, np.full(len(missing), fill, np.intp)])
    order = np.argsort(left_rows, kind="stable")
    return PairWindow(window.start, window.stop, left_rows[order], right_rows[order])


def _starts(numbers: IndexArray) -> BoolArray:
    """Return where rising numbers change (bool)."""
    starts = np.ones(len(numbers), np.bool_)
    starts[1:] = numbers[1:] != numbers[:-1]
    return starts


def _refuse_two(window: PairWindow) -> None:
    """Raise when a left row has two partners."""
    if not _starts(window.left_rows).all():
        message = "a scalar subquery returns more than one row"
        raise ValueExecutionError(INCORRECT_RESULT_OF_SCALAR_SUBQUERY, message)


def _defaults(schema: Schema, n_rows: int) -> Batch:
    """Return rows of the types' defaults."""
    return Batch(tuple(default_column(field.type, n_rows) for field in schema), n_rows)
