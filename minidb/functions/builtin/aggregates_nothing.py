"""The aggregate ``nothing``: what ``sum(NULL)`` and its like mean, whatever the rows are."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns import Column, IndexArray, default_column
from minidb.functions.arguments import Arg
from minidb.functions.builtin.kept_states import ResultState
from minidb.functions.declaration import AggregateFunction, Argument
from minidb.types import DataType, NothingType, NullableType

ALL_NULL = NullableType(NothingType())


class NothingAccumulator(ResultState):
    """Keep nothing."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Look at no row."""

    def __init__(self, result: DataType) -> None:
        self._result = result

    def finish(self, n_groups: int) -> Column:
        """Return the default for each group."""
        return default_column(self._result, n_groups)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the default for each frame."""
        return default_column(self._result, len(starts))

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return self._result


def _first_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the first argument."""
    return arguments[0].type if arguments else ALL_NULL


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="nothing",
        family="aggregate",
        args=(Arg("value", is_optional=True, is_repeated=True),),
        result=_first_type,
        make=lambda call: NothingAccumulator(call.result_type),
        help="The default of its argument's type; what aggregates of NULL alone become.",
        example="SELECT nothing(NULL)",
        skips_nulls=False,
        is_null_if_empty=False,
    ),
)
