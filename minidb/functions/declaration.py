"""Functions as data: scalar, aggregate and table functions with signature, help and example."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from enum import Enum
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, IndexArray
from minidb.errors import NotSupportedError
from minidb.functions.arguments import Arg
from minidb.record import record, state
from minidb.settings import Settings
from minidb.types import DataType


@record
class Argument:
    """What the binder knows of an argument: its type, and its one-row column if constant.

    The column may be given as a function that finds it: a constant that nobody asks for is not
    computed, and so cannot fail.
    """

    type: DataType
    given: Column | Callable[[], Column | None] | None = None

    @property
    def constant(self) -> Column | None:
        """Return the value of a constant argument as a column of one row, None for others."""
        given = self.given
        return given if given is None or isinstance(given, Column) else given()

    def constant_value(self) -> object:
        """Return the constant as a Python value (None also when it is not constant)."""
        constant = self.constant
        return constant.to_pylist()[0] if constant is not None else None


ResultRule: TypeAlias = DataType | Callable[[Sequence[Argument]], DataType]


class NullPolicy(Enum):
    """Who handles NULL.

    PROPAGATE: the kernel sees types and columns without Nullable; the result is NULL wherever an
    argument is. OWN: the kernel and the result rule see Nullable types and columns.
    """

    PROPAGATE = "propagate"
    OWN = "own"


class BoundLambda(Protocol):
    """A lambda argument at run time."""

    def apply(self, parameters: Sequence[Column], rows: IndexArray) -> Column:
        """Evaluate the body once per element.

        Parameters
        ----------
        parameters : sequence of Column, m rows each
            The lambda's parameters.
        rows : ndarray of intp, shape (m,)
            For each element the row of the batch it belongs to, for captured columns.
        """


@record
class Call:
    """One evaluation of a scalar function on a batch.

    Parameters
    ----------
    columns : tuple of Column
        One per argument, `n_rows` long, constants repeated (stride 0 where possible). At the
        place of a lambda stands an empty column; see `lambdas`.
    n_rows : int
        The rows of the batch.
    result_type : DataType
        What the result rule gave; the kernel returns a column of exactly this type.
    constants : tuple of (Column or None)
        The one-row column of each constant argument.
    lambdas : tuple of (BoundLambda or None)
        The lambda at each place that holds one.
    settings : Settings
        The session's.
    need : callable, optional
        Told the bytes that the kernel is about to allocate; raises when they do not fit the
        statement's memory beside what it holds.
    """

    columns: tuple[Column, ...]
    n_rows: int
    result_type: DataType
    constants: tuple[Column | None, ...]
    settings: Settings
    lambdas: tuple[BoundLambda | None, ...] = ()
    need: Callable[[int], None] | None = None

    def constant_value(self, index: int) -> object:
        """Return a constant argument as a Python value (None when absent or not constant)."""
        constant = self.constants[index] if index < len(self.constants) else None
        return constant.to_pylist()[0] if constant is not None else None


Kernel: TypeAlias = Callable[[Call], Column]


class LazyCall(Protocol):
    """A call whose arguments are evaluated only on the rows that need them."""

    n_rows: int
    result_type: DataType
    types: tuple[DataType, ...]

    def evaluate(self, index: int, rows: BoolArray | None = None) -> Column:
        """Return argument `index`, full length; outside `rows` its values mean nothing."""


LazyKernel: TypeAlias = Callable[[LazyCall], Column]


@record
class ScalarFunction:
    """A function from one row's values to one value.

    Parameters
    ----------
    name : str
        ClickHouse's spelling.
    family : str
        The chapter it stands in: arithmetic, comparison, string, ...
    args : tuple of Arg
        Checked by the binder before `result` is asked.
    result : DataType or callable
        The result type, or the rule that finds it from the arguments (may raise BindError).
    kernel : callable
        Computes the result for a whole batch; may raise ValueExecutionError without a span.
    help, example : str
        One line each; the example is a SELECT that runs.
    aliases : tuple of str
        Further names.
    is_case_insensitive : bool
        Whether name and aliases are read in any case.
    nulls : NullPolicy
        Who handles NULL.
    can_fail : bool
        Whether the kernel may raise for some values; it is then never run on rows that a
        condition or a NULL excludes.
    never_fails : callable, optional
        Tells from the arguments that are constant (the others are None) that the kernel cannot
        raise although `can_fail` is set, such as LIKE with a pattern that can be read.
    is_deterministic : bool
        False for functions such as ``now`` and ``rand`` that must not be folded.
    lazy_kernel : callable, optional
        Replaces `kernel` for functions that choose which arguments to evaluate (``if``, ``and``).
    lambda_parameters : callable, optional
        From the types of the other arguments to those of the lambda's parameters; by default
        the element types of the arrays that follow it.
    within : callable, optional
        For functions that read the catalog: from the `Surroundings` of a statement to the function
        that a call in it means. The rule and the kernel of that one stand for those given here.
    """

    name: str
    family: str
    args: tuple[Arg, ...]
    result: ResultRule
    kernel: Kernel
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    is_case_insensitive: bool = False
    nulls: NullPolicy = NullPolicy.PROPAGATE
    can_fail: bool = False
    never_fails: Callable[[Sequence[Column | None]], bool] | None = None
    is_deterministic: bool = True
    lazy_kernel: LazyKernel | None = None
    lambda_parameters: Callable[[Sequence[DataType]], tuple[DataType, ...]] | None = None
    within: Callable[[Any], ScalarFunction] | None = None


class Accumulator(ABC):
    """The states of one aggregate for all groups.

    Rows come in input order, possibly over several updates; how they are cut into updates must
    not change the result (floats are added in row order).
    """

    @abstractmethod
    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Parameters
        ----------
        columns : sequence of Column, n rows each
            The arguments; without Nullable when the function skips NULLs.
        groups : ndarray of intp, shape (n,)
            The group of each row, from 0 to ``n_groups - 1``.
        n_groups : int
            Never falls from one update to the next.
        """

    @abstractmethod
    def finish(self, n_groups: int) -> Column:
        """Return one value per group, in the function's result type."""

    @property
    def bytes_to_fold(self) -> int:
        """Return about how many bytes `update` or `finish` takes for a moment, beside `nbytes`."""
        return 0

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column | None:
        """Return one value per frame, without touching the states.

        Parameters
        ----------
        columns : sequence of Column, n rows each
            The arguments, as in `update`.
        starts, ends : ndarray of intp, shape (m,)
            The rows ``starts[i]`` up to but without ``ends[i]`` are the i-th frame.

        Returns
        -------
        Column of m rows, or None
            None where there is no quicker way than a state for each frame.
        """
        return None

    @property
    def state_type(self) -> DataType:
        """Return the type of what `save` returns.

        Raises
        ------
        NotSupportedError
            NOT_IMPLEMENTED when the states of this aggregate cannot be kept.
        """
        raise NotSupportedError("the states of this aggregate cannot be kept or merged")

    def save(self, n_groups: int) -> Column:
        """Return the state of each group, of the type `state_type`."""
        raise NotSupportedError("the states of this aggregate cannot be kept or merged")

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add what other accumulators have saved, as if their rows came now.

        Parameters
        ----------
        states : Column, n rows
            Of the type `state_type`.
        groups : ndarray of intp, shape (n,)
            The group of each state; one group may get many.
        n_groups : int
            Never falls from one call to the next.
        """
        raise NotSupportedError("the states of this aggregate cannot be kept or merged")

    @property
    def nbytes(self) -> int:
        """Return an estimate of the bytes that the states hold."""
        return 0


@record
class AggregateCall:
    """What an aggregate's accumulator is made for."""

    types: tuple[DataType, ...]
    result_type: DataType
    parameters: tuple[object, ...]
    settings: Settings


@record
class AggregateFunction:
    """A function from the rows of a group to one value.

    Parameters
    ----------
    name, family, args, result, help, example, aliases, is_case_insensitive
        As in `ScalarFunction`; `result` sees the types without Nullable when NULLs are skipped.
    make : callable
        Makes the accumulator of one query.
    parameters : tuple of Arg
        Those of the first pair of parentheses, as in ``quantile(0.5)(x)``; constants.
    skips_nulls : bool
        Rows where an argument is NULL are left out before `update`.
    is_null_if_empty : bool
        With a Nullable argument the result is Nullable, and NULL for a group without rows.
    under : callable, optional
        From the session's settings to the function that stands in under them, None for this one.
    """

    name: str
    family: str
    args: tuple[Arg, ...]
    result: ResultRule
    make: Callable[[AggregateCall], Accumulator]
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    is_case_insensitive: bool = False
    parameters: tuple[Arg, ...] = ()
    skips_nulls: bool = True
    is_null_if_empty: bool = True
    under: Callable[[Settings], AggregateFunction | None] | None = None


class TableSource(Protocol):
    """Rows that a table function hands out."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the wanted columns (by number), at most `batch_rows` rows at a time."""

    def estimate_rows(self) -> int | None:
        """Return the number of rows if it is known."""


@record
class TableFunction:
    """A function that stands in FROM; its arguments are constants.

    `open` makes the source from the arguments; it may raise BindError or StorageError. `within` is
    for functions that read the catalog: from the `Surroundings` of a statement to the function
    that a call in it means.
    """

    name: str
    args: tuple[Arg, ...]
    open: Callable[[Sequence[Argument], Settings], TableSource]
    help: str
    example: str
    aliases: tuple[str, ...] = ()
    is_case_insensitive: bool = False
    within: Callable[[Any], TableFunction] | None = None


@state
class GrowingArray:
    """A NumPy array that grows with the number of groups, filled with one value.

    Parameters
    ----------
    dtype : numpy dtype
        Of the states.
    fill : scalar
        The state of a group that has seen no row.
    width : int
        0 for a vector; else the second dimension.
    """

    dtype: np.dtype[np.generic]
    fill: object = 0
    width: int = 0
    values: NDArray[Any] = field(init=False)

    def __post_init__(self) -> None:
        shape = (0, self.width) if self.width else (0,)
        self.values = np.empty(shape, self.dtype)

    def grow(self, n_groups: int) -> NDArray[Any]:
        """Return the states with room for at least `n_groups` groups."""
        if n_groups > len(self.values):
            capacity = max(n_groups, 2 * len(self.values))
            shape = (capacity, self.width) if self.width else (capacity,)
            larger = np.full(shape, self.fill, self.dtype)
            larger[: len(self.values)] = self.values
            self.values = larger
        return self.values
