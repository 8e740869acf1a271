"""``@db.aggregate``: a Python class with update, merge and evaluate as an aggregate of SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidb.columns import Column, IndexArray
from minidb.dbapi.user.functions import FAMILY, Form, first_line
from minidb.dbapi.user.signature import Signature
from minidb.dbapi.user.values import UsersCode, arguments_of, array_from, column_from
from minidb.functions.declaration import Accumulator, AggregateCall, AggregateFunction
from minidb.record import record
from minidb.types import DataType, NullableType

# What Python keeps for a small object, at least.
STATE_BYTES = 200


@record
class UserAggregate:
    """A class of states, its signature, and how `update` wants its arguments.

    `state` is the type of what `save` returns and `load` takes, if states can be kept.
    """

    name: str
    cls: Callable[[], Any]
    signature: Signature
    form: Form
    state: DataType | None = None


class UserAccumulator(Accumulator):
    """One object of the user's class per group."""

    def __init__(self, user: UserAggregate) -> None:
        self._user = user
        self._states: list[Any] = []

    def _grow(self, n_groups: int) -> None:
        """Make the states of new groups."""
        with UsersCode(self._user.name):
            self._states += [self._user.cls() for _ in range(len(self._states), n_groups)]

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows: one call per row, or per group and batch in the form for arrays."""
        self._grow(n_groups)
        user = self._user
        found, missing = arguments_of(user.name, columns, user.signature.arguments)
        if missing is not None and missing.any():
            rows = np.flatnonzero(~missing)
            found, groups = [column.take(rows) for column in found], groups[rows]
        if user.form == "values":
            self._update_rows(found, groups)
        else:
            self._update_arrays(found, groups)

    def _update_rows(self, columns: Sequence[Column], groups: IndexArray) -> None:
        lists = [column.to_pylist() for column in columns]
        rows = zip(*lists, strict=True) if lists else ((),) * len(groups)
        with UsersCode(f"{self._user.name}.update"):
            for group, row in zip(groups.tolist(), rows, strict=True):
                self._states[group].update(*row)

    def _update_arrays(self, columns: Sequence[Column], groups: IndexArray) -> None:
        order = np.argsort(groups, kind="stable")
        sizes = np.bincount(groups, minlength=len(self._states))
        ends = np.cumsum(sizes)
        ordered = [column.take(order) for column in columns]
        as_columns = self._user.form == "columns"
        with UsersCode(f"{self._user.name}.update"):
            for group in np.flatnonzero(sizes).tolist():
                start, stop = int(ends[group] - sizes[group]), int(ends[group])
                pieces: list[Any] = [column.slice(start, stop) for column in ordered]
                if not as_columns:
                    pieces = list(map(array_from, pieces))
                self._states[group].update(*pieces)

    def finish(self, n_groups: int) -> Column:
        """Return what the states evaluate to."""
        self._grow(n_groups)
        user = self._user
        with UsersCode(f"{user.name}.evaluate"):
            values = [state.evaluate() for state in self._states[:n_groups]]
        return column_from(user.name, values, user.signature.result, n_groups)

    @property
    def state_type(self) -> DataType:
        """Return the type that the decorator was given."""
        return super().state_type if self._user.state is None else self._user.state

    def save(self, n_groups: int) -> Column:
        """Return what the states save."""
        if self._user.state is None:
            return super().save(n_groups)
        self._grow(n_groups)
        with UsersCode(f"{self._user.name}.save"):
            values = [state.save() for state in self._states[:n_groups]]
        return column_from(f"{self._user.name}.save", values, self._user.state, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Load states and merge them."""
        if self._user.state is None:
            super().merge(states, groups, n_groups)
        self._grow(n_groups)
        loader: Any = self._user.cls
        for group, value in zip(groups.tolist(), states.to_pylist(), strict=True):
            with UsersCode(f"{self._user.name}.merge"):
                self._states[group].merge(loader.load(value))

    @property
    def nbytes(self) -> int:
        """Return a guess of the bytes."""
        return STATE_BYTES * len(self._states)


def declare_aggregate(user: UserAggregate) -> AggregateFunction:
    """Return the declaration of a user's aggregate."""
    takes_null = any(isinstance(t, NullableType) for t in user.signature.arguments)

    def make(call: AggregateCall) -> Accumulator:
        return UserAccumulator(user)

    return AggregateFunction(
        name=user.name,
        family=FAMILY,
        args=user.signature.args,
        result=user.signature.result,
        make=make,
        help=first_line(user.cls, "an aggregate of yours"),
        example="",
        skips_nulls=not takes_null,
        is_null_if_empty=not takes_null,
    )
