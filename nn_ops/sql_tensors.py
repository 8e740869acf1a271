"""How an operator of networks is declared as a SQL function over columns of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from minidb.extension import (
    Arg,
    Argument,
    Call,
    Column,
    DataType,
    ExtensionError,
    InternalError,
    Kind,
    ScalarFunction,
    concat_columns,
    constant_column,
    signature,
)
from nn_ops.sql_given import Given
from nn_ops.sql_values import Tensor, column_of, lengths_of, tensor_of

FAMILY = "neural network"
WORK_PER_BYTE = 2
BLOCK_BYTES = 1 << 20
"""About so many bytes of the data are worked on at a time: unpacked, they are up to 64 times more."""

Run: TypeAlias = Callable[..., Tensor]


@dataclass(frozen=True, slots=True)
class Data:
    """An argument with a value per row: an array of numbers, or of arrays of them."""

    name: str
    kind: Kind
    n_axes: int = 1

    @property
    def arg(self) -> Arg:
        """Return the declaration; a constant is not repeated for every row."""
        return Arg(self.name, self.kind, is_shared=True)


@dataclass(frozen=True, slots=True)
class Constant:
    """An argument that is one value for all rows: a size, or a layer's parameters."""

    name: str
    kind: Kind
    is_optional: bool = False

    @property
    def arg(self) -> Arg:
        """Return the declaration."""
        return Arg(
            self.name,
            self.kind,
            is_optional=self.is_optional,
            is_constant=True,
            is_shared=True,
        )


def optional(*constants: Constant) -> tuple[Constant, ...]:
    """Return arguments that may be left out."""
    return tuple(Constant(one.name, one.kind, is_optional=True) for one in constants)


def tensor_function(
    name: str,
    data: Sequence[Data],
    constants: Sequence[Constant],
    result: DataType,
    prepare: Callable[[Given], Run],
    *,
    text: str,
    example: str,
) -> ScalarFunction:
    """Return a function over columns of arrays.

    Parameters
    ----------
    name : str
    data : sequence of Data
        The first arguments: whole columns.
    constants : sequence of Constant
        Those behind them, which the binder already checks by `prepare`.
    result : DataType
    prepare : callable
        From the constants to what is done with the data: tensors of shape (rows, ...), one per
        argument, to one tensor with as many rows.
    text, example : str
        Help.
    """
    names = [one.name for one in data] + [one.name for one in constants]
    args = (*(one.arg for one in data), *(one.arg for one in constants))

    def rule(arguments: Sequence[Argument]) -> DataType:
        with _helped(name, args):
            prepare(Given(name, names, _behind(data, [a.constant for a in arguments])))
        return result

    def kernel(call: Call) -> Column:
        with _helped(name, args):
            run = prepare(Given(name, names, _behind(data, call.constants)))
            return _evaluate(call, data, run)

    return ScalarFunction(
        name=name,
        family=FAMILY,
        args=args,
        result=rule if constants else result,
        kernel=kernel,
        help=text,
        example=example,
        can_fail=True,
    )


def constant_function(
    name: str,
    constants: Sequence[Constant],
    result: DataType,
    find: Callable[[Given], Tensor | tuple[Tensor, ...]],
    *,
    text: str,
    example: str,
) -> ScalarFunction:
    """Return a function of constants alone.

    Parameters
    ----------
    find : callable
        From the constants to a tensor of one row, or to one for each element of a tuple.
    name, constants, result, text, example
        As in `tensor_function`.
    """
    names = [one.name for one in constants]
    args = tuple(one.arg for one in constants)

    def rule(arguments: Sequence[Argument]) -> DataType:
        with _helped(name, args):
            find(Given(name, names, [argument.constant for argument in arguments]))
        return result

    def kernel(call: Call) -> Column:
        with _helped(name, args):
            one = column_of(result, find(Given(name, names, call.constants)))
        return constant_column(one, call.n_rows)

    return ScalarFunction(
        name=name,
        family=FAMILY,
        args=args,
        result=rule,
        kernel=kernel,
        help=text,
        example=example,
        can_fail=True,
    )


@contextmanager
def _helped(name: str, args: Sequence[Arg]) -> Iterator[None]:
    """Let NumPy be silent, and an error without a hint show the arguments.

    What overflows or is not a number is found in the results.
    """
    try:
        with np.errstate(all="ignore"):
            yield
    except ExtensionError as error:
        error.hint = error.hint or signature(name, args)
        raise


def _behind(data: Sequence[Data], constants: Sequence[Column | None]) -> list[Column | None]:
    """Return the constants, None in the places of the data."""
    return [None] * len(data) + list(constants[len(data) :])


def _evaluate(call: Call, data: Sequence[Data], run: Run) -> Column:
    """Run an operator on the rows of a batch, those of equal lengths together."""
    columns = call.columns[: len(data)]
    given = call.constants[: len(data)]
    if all(constant is not None for constant in given):
        ones = [constant for constant in given if constant is not None]
        one = column_of(call.result_type, run(*_tensors(ones, data, 1)))
        return constant_column(one, call.n_rows)
    need = call.need
    lengths = np.stack([np.broadcast_to(lengths_of(c), call.n_rows) for c in columns], axis=1)
    if (lengths == lengths[0]).all():
        whole = _in_blocks(run, _tensors(columns, data, call.n_rows), need)
        return column_of(call.result_type, whole)
    kinds, of_row = np.unique(lengths, axis=0, return_inverse=True)
    of_row = of_row.reshape(-1)
    parts = []
    for number in range(len(kinds)):
        rows = np.flatnonzero(of_row == number)
        some = [c.take(rows) if len(c) == call.n_rows else c for c in columns]
        found = _in_blocks(run, _tensors(some, data, len(rows)), need)
        parts.append(column_of(call.result_type, found))
    order = np.argsort(np.argsort(of_row, kind="stable"), kind="stable")
    return concat_columns(call.result_type, parts).take(order)


def _in_blocks(run: Run, tensors: Sequence[Tensor], need: Callable[[int], None] | None) -> Tensor:
    """Run an operator on some rows at a time, so that what it unpacks stays small.

    What the first rows take tells what all of them will.
    """
    n_rows = len(tensors[0])
    row_bytes = sum(tensor.itemsize * tensor[0].size for tensor in tensors)
    step = max(1, BLOCK_BYTES // max(row_bytes, 1))
    first = run(*(tensor[:step] for tensor in tensors))
    if step >= n_rows:
        return first
    if need is not None:
        need(WORK_PER_BYTE * first.nbytes * n_rows // step)
    found = np.empty((n_rows, *first.shape[1:]), first.dtype)
    found[:step] = first
    for start in range(step, n_rows, step):
        some = slice(start, start + step)
        found[some] = run(*(tensor[some] for tensor in tensors))
    return found


def _tensors(columns: Sequence[Column], data: Sequence[Data], n_rows: int) -> list[Tensor]:
    """Return the data as tensors; what stands there once is seen in every row."""
    found = []
    for column, argument in zip(columns, data, strict=True):
        tensor = tensor_of(column, argument.name, argument.n_axes)
        if len(tensor) not in (1, n_rows):
            raise InternalError(f"{argument.name} has {len(tensor)} rows instead of {n_rows}")
        found.append(np.broadcast_to(tensor, (n_rows, *tensor.shape[1:])))
    return found
