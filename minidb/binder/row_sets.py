"""Sets of rows behind IN: a query that is run once, when the first row asks for a member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field

import numpy as np

from minidb.columns import (
    Batch,
    BoolArray,
    Column,
    NullableColumn,
    NumericColumn,
    concat_batches,
    null_mask,
    split_nulls,
)
from minidb.columns.key_index import KeyIndex
from minidb.columns.keys import factorize
from minidb.functions.arguments import ANY, Arg
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.plan.nodes import PlanNode
from minidb.record import state
from minidb.types import DataType, IntType, NullableType, nullable

UINT8 = IntType(8, False)
BYTES_TO_INDEX_A_ROW = 72


@state
class RowSet:
    """The distinct rows of a query, without those that hold a NULL.

    Parameters
    ----------
    plan : PlanNode
        A query that reads no column around it.
    run : callable
        Returns its rows; called once at most.
    """

    plan: PlanNode
    run: Callable[[PlanNode], list[Batch]]
    _index: KeyIndex | None = field(default=None, init=False)

    def holds(self, keys: Sequence[Column], need: Callable[[int], None] | None = None) -> BoolArray:
        """Tell which rows of `keys`, columns of the set's types without Nullable, are members.

        `need` is asked for the memory of the set, see `Call`.
        """
        if self._index is None:
            self._index = self._load(need)
        if not len(self._index.uniques[0]):
            return np.zeros(len(keys[0]), np.bool_)
        found: BoolArray = self._index.find(keys) >= 0
        return found

    def _load(self, need: Callable[[int], None] | None) -> KeyIndex:
        """Run the query and index its distinct rows."""
        batches = self.run(self.plan)
        if need is not None:
            n_bytes = sum(batch.nbytes for batch in batches)
            need(2 * n_bytes + BYTES_TO_INDEX_A_ROW * sum(batch.n_rows for batch in batches))
        whole = concat_batches(self.plan.schema, batches)
        batches.clear()
        is_null = np.zeros(whole.n_rows, np.bool_)
        for column in whole.columns:
            is_null |= null_mask(column)
        if is_null.any():
            whole = whole.filter(~is_null)
        bare = [split_nulls(column)[0] for column in whole.columns]
        firsts = factorize(bare).first_rows if whole.n_rows else np.zeros(0, np.intp)
        return KeyIndex([column.take(firsts) for column in bare])


def membership(rows: RowSet, number: int) -> ScalarFunction:
    """Return the function that tells whether its arguments behind the first are a row of a set.

    The first argument is the operand as written: where it is NULL the result is. The others are
    the operand's parts in the set's types, NULL where they have no such value.
    """

    def kernel(call: Call) -> Column:
        _, is_null = split_nulls(call.columns[0])
        keys = [split_nulls(column)[0] for column in call.columns[1:]]
        found = rows.holds(keys, call.need)
        for column in call.columns[1:]:
            found = found & ~null_mask(column)
        result = NumericColumn(UINT8, found.astype(np.uint8))
        if not isinstance(call.result_type, NullableType) or is_null is None:
            return result
        return NullableColumn(call.result_type, result, is_null)

    return ScalarFunction(
        f"inSet{number}",
        "comparison",
        (Arg("x", ANY), Arg("key", ANY, is_repeated=True)),
        _result_type,
        kernel,
        "1 where x is a row of the query behind IN",
        "SELECT 1 IN (SELECT 1)",
        nulls=NullPolicy.OWN,
    )


def _result_type(args: Sequence[Argument]) -> DataType:
    return nullable(UINT8) if isinstance(args[0].type, NullableType) else UINT8
