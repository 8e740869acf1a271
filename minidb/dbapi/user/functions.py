"""``@db.function``: a Python function as a scalar function of SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from minidb.columns import Column, concat_columns, default_column, with_nulls
from minidb.dbapi.user.signature import Signature
from minidb.dbapi.user.values import UsersCode, arguments_of, array_from, column_from
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.record import record
from minidb.types import DataType, NullableType, nullable

Form: TypeAlias = Literal["values", "arrays", "columns"]
FAMILY = "user"


@record
class UserFunction:
    """A Python function, its signature, and how it wants its arguments."""

    name: str
    function: Callable[..., Any]
    signature: Signature
    form: Form

    def result(self, arguments: Sequence[Argument]) -> DataType:
        """Return the declared type, Nullable where a NULL may meet an argument that takes none."""
        pairs = zip(arguments, self.signature.arguments, strict=True)
        has_null = any(
            isinstance(given.type, NullableType) and not isinstance(wanted, NullableType)
            for given, wanted in pairs
        )
        return nullable(self.signature.result) if has_null else self.signature.result

    def run(self, call: Call) -> Column:
        """Call the function for the rows without a forbidden NULL."""
        types = self.signature.arguments
        columns, missing = arguments_of(self.name, call.columns, types)
        result = self.signature.result
        if missing is None or not missing.any():
            found = self._values(columns, call.n_rows)
        else:
            rows = np.flatnonzero(~missing)
            part = self._values([column.take(rows) for column in columns], len(rows))
            whole = concat_columns(result, [part, default_column(result, 1)])
            places = np.full(call.n_rows, len(part), np.intp)
            places[rows] = np.arange(len(part))
            found = whole.take(places)
        if found.type == call.result_type:
            return found
        return with_nulls(found, np.zeros(call.n_rows, np.bool_) if missing is None else missing)

    def _values(self, columns: list[Column], n_rows: int) -> Column:
        """Return the function's results for some rows."""
        if not n_rows:
            return default_column(self.signature.result, 0)
        given: object
        with UsersCode(self.name):
            if self.form == "columns":
                given = self.function(*columns)
            elif self.form == "arrays":
                given = self.function(*map(array_from, columns))
            elif columns:
                lists = [column.to_pylist() for column in columns]
                given = [self.function(*row) for row in zip(*lists, strict=True)]
            else:
                given = [self.function() for _ in range(n_rows)]
        return column_from(self.name, given, self.signature.result, n_rows)


def declare_function(user: UserFunction, *, is_deterministic: bool) -> ScalarFunction:
    """Return the declaration of a user's function."""
    return ScalarFunction(
        name=user.name,
        family=FAMILY,
        args=user.signature.args,
        result=user.result,
        kernel=user.run,
        help=first_line(user.function, "a function of yours"),
        example="",
        nulls=NullPolicy.OWN,
        can_fail=True,
        is_deterministic=is_deterministic,
    )


def first_line(thing: object, default: str) -> str:
    """Return the first line of a docstring."""
    text = getattr(thing, "__doc__", None)
    lines = text.strip().splitlines() if isinstance(text, str) else []
    return lines[0] if lines else default
