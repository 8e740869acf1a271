"""Tuples as vectors: products, norms and distances, each built from operators on elements.

A formula is written once, over an `Operate`: with types it gives the result's type, with columns
the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Protocol, TypeVar

from minidb.columns import Column
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import TUPLE, Arg
from minidb.functions.builtin.kit import F64, tuple_type, tuples
from minidb.functions.builtin.tuple_math import applied, run
from minidb.functions.cast import cast_column
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType

T = TypeVar("T")


class Operate(Protocol[T]):
    """Applies a scalar function by its name."""

    def __call__(self, name: str, *values: T) -> T:
        """Return what the function gives; ``Float64`` converts."""


Formula = Callable[[Operate[T], Sequence[T], Sequence[T]], T]


def _sum(op: Operate[T], values: Sequence[T]) -> T:
    return reduce(partial(op, "plus"), values)


def _squares(op: Operate[T], values: Sequence[T]) -> T:
    return _sum(op, [op("multiply", value, value) for value in values])


def _differences(op: Operate[T], left: Sequence[T], right: Sequence[T]) -> list[T]:
    return [op("minus", a, b) for a, b in zip(left, right, strict=True)]


def _dot(op: Operate[T], left: Sequence[T], right: Sequence[T]) -> T:
    return _sum(op, [op("multiply", a, b) for a, b in zip(left, right, strict=True)])


def _length(op: Operate[T], values: Sequence[T]) -> T:
    return op("sqrt", _squares(op, values))


def _sizes(op: Operate[T], values: Sequence[T]) -> T:
    return _sum(op, [op("abs", value) for value in values])


def _largest(op: Operate[T], values: Sequence[T]) -> T:
    sizes = [op("Float64", op("abs", value)) for value in values]
    return reduce(partial(op, "greatest"), sizes)


def _cosine(op: Operate[T], left: Sequence[T], right: Sequence[T]) -> T:
    lengths = op("multiply", _length(op, left), _length(op, right))
    share = op("divide", _dot(op, left, right), lengths)
    one = op("divide", lengths, lengths)
    return op("minus", one, share)


def _hamming(op: Operate[T], left: Sequence[T], right: Sequence[T]) -> T:
    return _sum(op, [op("notEquals", a, b) for a, b in zip(left, right, strict=True)])


def _type_of(name: str, *types: DataType) -> DataType:
    return F64 if name == "Float64" else applied(name, types)


def _elements(arguments: Sequence[Argument]) -> tuple[list[DataType], list[DataType]]:
    """Return the element types of both sides; those of the first again where there is one."""
    sides = [list(tuple_type(argument.type).elements) for argument in arguments]
    if not sides[0] or len(sides[0]) != len(sides[-1]):
        shown = " and ".join(str(len(side)) for side in sides)
        message = f"vectors of {shown} elements do not go together"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return sides[0], sides[-1]


def _result(arguments: Sequence[Argument], *, formula: Formula[DataType]) -> DataType:
    return formula(_type_of, *_elements(arguments))


def _kernel(call: Call, *, formula: Formula[Column]) -> Column:
    def operate(name: str, *values: Column) -> Column:
        return cast_column(values[0], F64) if name == "Float64" else run(name, call, values)

    sides = [tuples(column).children for column in call.columns]
    return formula(operate, sides[0], sides[-1])


def _declare(
    name: str,
    n_tuples: int,
    of_types: Formula[DataType],
    of_columns: Formula[Column],
    what: str,
    shown: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    args = (Arg("tuple", TUPLE), Arg("other", TUPLE))[:n_tuples]
    return ScalarFunction(
        name=name,
        family="distance",
        args=args,
        result=partial(_result, formula=of_types),
        kernel=partial(_kernel, formula=of_columns),
        help=what,
        example=f"SELECT {shown}({'(3, -4), (1, 2)' if n_tuples == 2 else '(3, -4)'})",
        aliases=aliases,
        can_fail=True,
    )


def _of_one(formula: Callable[[Operate[T], Sequence[T]], T]) -> Formula[T]:
    return lambda op, left, _: formula(op, left)


def _of_two(formula: Callable[[Operate[T], Sequence[T]], T]) -> Formula[T]:
    return lambda op, left, right: formula(op, _differences(op, left, right))


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("dotProduct", 2, _dot, _dot, "The sum of the products of elements.", "dotProduct", ("scalarProduct",)),
    _declare("tupleHammingDistance", 2, _hamming, _hamming, "The number of places where tuples differ.", "tupleHammingDistance"),
    _declare("tupleL1Norm", 1, _of_one(_sizes), _of_one(_sizes), "L1Norm of a tuple.", "L1Norm"),
    _declare("tupleL2Norm", 1, _of_one(_length), _of_one(_length), "L2Norm of a tuple.", "L2Norm"),
    _declare("tupleL2SquaredNorm", 1, _of_one(_squares), _of_one(_squares), "L2SquaredNorm of a tuple.", "L2SquaredNorm"),
    _declare("tupleLinfNorm", 1, _of_one(_largest), _of_one(_largest), "LinfNorm of a tuple.", "LinfNorm"),
    _declare("tupleL1Distance", 2, _of_two(_sizes), _of_two(_sizes), "L1Distance of tuples.", "L1Distance"),
    _declare("tupleL2Distance", 2, _of_two(_length), _of_two(_length), "L2Distance of tuples.", "L2Distance"),
    _declare("tupleL2SquaredDistance", 2, _of_two(_squares), _of_two(_squares), "L2SquaredDistance of tuples.", "L2SquaredDistance"),
    _declare("tupleLinfDistance", 2, _of_two(_largest), _of_two(_largest), "LinfDistance of tuples.", "LinfDistance"),
    _declare("tupleCosineDistance", 2, _cosine, _cosine, "cosineDistance of tuples.", "cosineDistance"),
)  # fmt: skip
