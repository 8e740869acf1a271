"""Evaluation of bound expressions on the columns of one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    IndexArray,
    constant_column,
    default_column,
    empty_column,
    split_nulls,
    with_nulls,
    without_nulls,
)
from minidb.errors import InternalError, MiniDBError
from minidb.expr.nodes import (
    BoundExpr,
    ColumnRef,
    Constant,
    LambdaExpr,
    ScalarCall,
    can_fail,
    columns_of,
)
from minidb.expr.room import bytes_to_repeat, bytes_to_take, bytes_to_work, limit_of
from minidb.functions.arguments import declared_arg
from minidb.functions.declaration import BoundLambda, Call, NullPolicy
from minidb.record import state
from minidb.settings import Settings
from minidb.types import ArrayType, DataType, NothingType, NullableType, without_null

FEW = 8
"""An argument is evaluated on the rows that ask for it if they are less than one in `FEW`."""


@state
class Frame:
    """The columns that an expression can see while one batch is evaluated.

    Parameters
    ----------
    columns : mapping of int to Column
        By column id; all `n_rows` long.
    n_rows : int
        The rows of the batch.
    settings : Settings
        The session's.
    check_bytes : callable, optional
        Told the bytes that are needed; raises when they do not fit the statement's memory.
    used : int
        The bytes of the columns and of the results so far.
    """

    columns: Mapping[int, Column]
    n_rows: int
    settings: Settings
    check_bytes: Callable[[int], None] | None = None
    used: int = 0
    # Results by node identity; the node is kept so that its identity cannot be used again.
    done: dict[int, tuple[BoundExpr, Column]] = field(default_factory=dict)

    def need(self, n_bytes: int) -> None:
        """Make sure that bytes fit the statement's memory, beside the results so far."""
        if self.check_bytes is not None:
            self.check_bytes(self.used + n_bytes)

    @property
    def room(self) -> Callable[[int], None] | None:
        """Return what kernels ask for memory, None where there is no limit."""
        return None if self.check_bytes is None else self.need

    def keep(self, expr: BoundExpr, result: Column) -> None:
        """Remember the result of a call, and count it."""
        self.done[id(expr)] = (expr, result)
        if self.check_bytes is not None:
            self.used += result.nbytes
            self.check_bytes(self.used)

    def select(self, rows: IndexArray, wanted: set[int]) -> Frame:
        """Return a frame of chosen rows that holds the `wanted` columns alone."""
        chosen = {i: c for i, c in self.columns.items() if i in wanted}
        used = self.used
        if self.check_bytes is not None:
            used += bytes_to_take(chosen.values(), len(rows))
            self.check_bytes(used)
        columns = {i: c.take(rows) for i, c in chosen.items()}
        return Frame(columns, len(rows), self.settings, self.check_bytes, used)


def evaluate(expr: BoundExpr, frame: Frame) -> Column:
    """Return the value of `expr` for every row of the frame.

    Raises
    ------
    MiniDBError
        What a function raises, with the span of the call that failed.
    """
    match expr:
        case ColumnRef(id=column_id):
            return frame.columns[column_id]
        case Constant(column=column):
            if frame.check_bytes is not None:
                frame.need(bytes_to_repeat(column, frame.n_rows))
            return constant_column(column, frame.n_rows)
        case LambdaExpr():
            raise InternalError("a lambda has no value of its own", span=expr.span)
        case ScalarCall():
            known = frame.done.get(id(expr))
            if known is not None:
                return known[1]
            result = _evaluate_call(expr, frame)
            frame.keep(expr, result)
            return result


def evaluate_constant(expr: BoundExpr, settings: Settings) -> Column | None:
    """Return the one-row value of an expression that reads no column, or None.

    Calls of functions that are not deterministic have no constant value.
    """
    if isinstance(expr, Constant):
        return expr.column
    if not isinstance(expr, ScalarCall) or not expr.is_constant:
        return None
    return evaluate(expr, Frame({}, 1, settings, limit_of(settings)))


def _evaluate_call(call: ScalarCall, frame: Frame) -> Column:
    """Evaluate a call, and put its span on the error if it raises one."""
    if frame.n_rows == 0:
        return empty_column(call.type)
    try:
        if call.function.lazy_kernel is not None:
            types = tuple(arg.type for arg in call.args)
            lazy = _LazyArguments(call.args, frame, frame.n_rows, call.type, types)
            result = call.function.lazy_kernel(lazy)
        else:
            result = _evaluate_eagerly(call, frame)
    except MiniDBError as error:
        error.span = error.span or call.span
        raise
    if len(result) != frame.n_rows or result.type != call.type:
        message = f"{call.name} returned {len(result)} rows of {result.type} where "
        message += f"{frame.n_rows} of {call.type} were due"
        raise InternalError(message, span=call.span)
    return result


def _evaluate_eagerly(call: ScalarCall, frame: Frame) -> Column:
    """Evaluate the arguments, then the kernel, with NULLs as the function's policy says."""
    columns: list[Column] = []
    lambdas: list[BoundLambda | None] = []
    is_own = _takes_a_set(call)
    for place, arg in enumerate(call.args):
        if isinstance(arg, LambdaExpr):
            columns.append(default_column(NothingType(), frame.n_rows))
            lambdas.append(_CapturedLambda(arg, frame))
        elif isinstance(arg, Constant) and (
            _is_shared(call, place) or (is_own and isinstance(arg.type, ArrayType))
        ):
            # A set behind IN is looked up as it is; repeated for each row it would be large.
            columns.append(arg.column)
            lambdas.append(None)
        else:
            columns.append(evaluate(arg, frame))
            lambdas.append(None)
    if frame.check_bytes is not None:
        frame.need(bytes_to_work(columns, call.type))
    constants = tuple(_one_row(arg, column) for arg, column in zip(call.args, columns, strict=True))
    if call.function.nulls is NullPolicy.OWN:
        return call.function.kernel(
            Call(
                tuple(columns),
                frame.n_rows,
                call.type,
                constants,
                frame.settings,
                tuple(lambdas),
                frame.room,
            )
        )
    return _propagate_nulls(call, frame, columns, constants, tuple(lambdas))


def _takes_a_set(call: ScalarCall) -> bool:
    """Whether the last argument is declared constant, and so read from `Call.constants`."""
    args = call.function.args
    return call.function.nulls is NullPolicy.OWN and bool(args) and args[-1].is_constant


def _is_shared(call: ScalarCall, place: int) -> bool:
    """Whether one row of a constant is enough; a Nullable one's mask is as long as the batch."""
    is_nullable = isinstance(call.args[place].type, NullableType)
    return declared_arg(call.function.args, place).is_shared and not is_nullable


def _one_row(arg: BoundExpr, column: Column) -> Column | None:
    """Return the value of a constant argument as a column of one row."""
    if isinstance(arg, Constant):
        return arg.column
    if arg.is_constant and len(column):
        return column.slice(0, 1)
    return None


def _propagate_nulls(
    call: ScalarCall,
    frame: Frame,
    columns: Sequence[Column],
    constants: tuple[Column | None, ...],
    lambdas: tuple[BoundLambda | None, ...],
) -> Column:
    """Run the kernel on the values and make the result NULL wherever an argument is."""
    if isinstance(without_null(call.type), NothingType):
        return default_column(call.type, frame.n_rows)
    if not isinstance(call.type, NullableType):
        # There is no NULL of this type: the kernel sees the defaults that ClickHouse sees.
        plain = tuple(without_nulls(column) for column in columns)
        seen = tuple(None if c is None else without_nulls(c) for c in constants)
        return call.function.kernel(
            Call(plain, frame.n_rows, call.type, seen, frame.settings, lambdas, frame.room)
        )
    is_null: BoolArray | None = None
    values: list[Column] = []
    for column in columns:
        inner, mask = split_nulls(column)
        values.append(inner)
        if mask is not None:
            is_null = mask if is_null is None else is_null | mask
    bare = tuple(None if c is None else split_nulls(c)[0] for c in constants)
    result_type = call.type if is_null is None else without_null(call.type)
    kernel = call.function.kernel
    if is_null is None or not can_fail(call.function, call.type) or not is_null.any():
        result = kernel(
            Call(
                tuple(values),
                frame.n_rows,
                result_type,
                bare,
                frame.settings,
                lambdas,
                frame.room,
            )
        )
        return with_nulls(result, is_null)
    rows = np.flatnonzero(~is_null)
    if not len(rows):
        return with_nulls(default_column(result_type, frame.n_rows), is_null)
    # A constant array that is shared has one row, for all.
    chosen = tuple(v.take(rows) if len(v) == frame.n_rows else v for v in values)
    part = kernel(Call(chosen, len(rows), result_type, bare, frame.settings, lambdas, frame.room))
    return with_nulls(_spread(part, rows, frame.n_rows), is_null)


def _spread(part: Column, rows: IndexArray, n_rows: int) -> Column:
    """Put the values of chosen rows at their places; the others repeat a value already there."""
    if not len(part):
        return default_column(part.type, n_rows)
    source = np.zeros(n_rows, dtype=np.intp)
    source[rows] = np.arange(len(rows))
    return part.take(source)


@state
class _CapturedLambda:
    """A lambda together with the batch whose columns its body may read."""

    expr: LambdaExpr
    frame: Frame

    def apply(self, parameters: Sequence[Column], rows: IndexArray) -> Column:
        """Evaluate the body once per element; see `BoundLambda`."""
        inner = self.frame.select(rows, columns_of(self.expr))
        columns = dict(inner.columns)
        for parameter, column in zip(self.expr.parameters, parameters, strict=True):
            columns[parameter.id] = column
        outer = self.frame
        body_frame = Frame(columns, len(rows), outer.settings, outer.check_bytes, inner.used)
        return evaluate(self.expr.body, body_frame)


@state
class _LazyArguments:
    """The arguments of a call, evaluated when the kernel asks; see `LazyCall`."""

    args: tuple[BoundExpr, ...]
    frame: Frame
    n_rows: int
    result_type: DataType
    types: tuple[DataType, ...]

    def evaluate(self, index: int, rows: BoolArray | None = None) -> Column:
        """Return argument `index`; one that can fail is evaluated on `rows` alone.

        So is every other call where the rows are few.
        """
        arg = self.args[index]
        if rows is None or not isinstance(arg, ScalarCall):
            return evaluate(arg, self.frame)
        n_chosen = np.count_nonzero(rows)
        is_many = not arg.may_fail and n_chosen * FEW >= self.n_rows
        if is_many or n_chosen == self.n_rows or id(arg) in self.frame.done:
            return evaluate(arg, self.frame)
        chosen = np.flatnonzero(rows)
        if not len(chosen):
            return default_column(arg.type, self.n_rows)
        part = evaluate(arg, self.frame.select(chosen, columns_of(arg)))
        return _spread(part, chosen, self.n_rows)
