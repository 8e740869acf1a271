"""The aggregate ``nothing``: what ``sum(NULL)`` and its like mean, NULL whatever the rows are."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns import Column, IndexArray, default_column
from minidb.functions.arguments import Arg
from minidb.functions.builtin.kept_states import ResultState
from minidb.functions.declaration import AggregateFunction
from minidb.types import DataType, NothingType, NullableType

ALL_NULL = NullableType(NothingType())


class NothingAccumulator(ResultState):
    """Keep nothing."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Look at no row."""

    def finish(self, n_groups: int) -> Column:
        """Return NULL for each group."""
        return default_column(ALL_NULL, n_groups)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return NULL for each frame."""
        return default_column(ALL_NULL, len(starts))

    @property
    def state_type(self) -> DataType:
        """Return the result's type."""
        return ALL_NULL


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="nothing",
        family="aggregate",
        args=(Arg("value", is_repeated=True),),
        result=ALL_NULL,
        make=lambda call: NothingAccumulator(),
        help="NULL; what aggregates of NULL alone become.",
        example="SELECT nothing(NULL)",
        skips_nulls=False,
        is_null_if_empty=False,
    ),
)
