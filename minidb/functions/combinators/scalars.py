"""Scalar functions that run aggregates: over arrays, and on states.

They are made for one registry, because the aggregate is named by a text or by a type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from minidb.columns import Column
from minidb.errors import (
    BAD_ARGUMENTS,
    UNKNOWN_AGGREGATE_FUNCTION,
    BindError,
    InternalError,
)
from minidb.functions.arguments import ARRAY, STRING, Arg, Kind
from minidb.functions.builtin.kit import arrays
from minidb.functions.combinators.build import Builder, Built
from minidb.functions.combinators.names import CombinedName, read_name
from minidb.functions.combinators.states import merge_states
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.functions.registry import FunctionRegistry
from minidb.types import AggregateStateType, ArrayType, DataType

STATE = Kind("an AggregateFunction", lambda t: isinstance(t, AggregateStateType))
WRITTEN = re.compile(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*")
NUMBER = re.compile(r"-?\d+(\.\d*)?([eE][-+]?\d+)?")


class AggregateScalars:
    """The functions, each bound to the registry that knows the aggregates."""

    def __init__(self, registry: FunctionRegistry) -> None:
        self._registry = registry
        self._builder = Builder(registry)

    def functions(self) -> tuple[ScalarFunction, ...]:
        """Return the declarations."""
        return (self._finalize(), self._reduce(), self._initialize())

    def _finalize(self) -> ScalarFunction:
        return ScalarFunction(
            name="finalizeAggregation",
            family="aggregate state",
            args=(Arg("state", STATE),),
            result=lambda arguments: self._of_state(arguments[0].type).result,
            kernel=self._run_finalize,
            help="The result of an aggregate whose state is given.",
            example="SELECT finalizeAggregation(sumState(number)) FROM numbers(10)",
            nulls=NullPolicy.OWN,
        )

    def _reduce(self) -> ScalarFunction:
        return ScalarFunction(
            name="arrayReduce",
            family="array",
            args=(
                Arg("aggregate", STRING, is_constant=True),
                Arg("array", ARRAY, is_repeated=True),
            ),
            result=lambda arguments: self._named(arguments, over_arrays=True).result,
            kernel=self._run_reduce,
            help="An aggregate, named by a text, over the elements of arrays.",
            example="SELECT arrayReduce('max', [1, 5, 3])",
            nulls=NullPolicy.OWN,
            can_fail=True,
        )

    def _initialize(self) -> ScalarFunction:
        return ScalarFunction(
            name="initializeAggregation",
            family="aggregate state",
            args=(
                Arg("aggregate", STRING, is_constant=True),
                Arg("value", is_repeated=True),
            ),
            result=lambda arguments: self._named(arguments, over_arrays=False).result,
            kernel=self._run_initialize,
            help="An aggregate, named by a text, over each row alone.",
            example="SELECT initializeAggregation('sum', 7)",
            nulls=NullPolicy.OWN,
        )

    def _of_state(self, data_type: DataType) -> Built:
        if not isinstance(data_type, AggregateStateType):
            raise InternalError(f"{data_type.name} is no state")
        return self._builder.of_state(data_type)

    def _named(self, arguments: Sequence[Argument], *, over_arrays: bool) -> Built:
        """Return the aggregate that the first argument names, over the types of the others."""
        text = arguments[0].constant_value()
        name, parameters = self._read(text)
        types = [argument.type for argument in arguments[1:]]
        if over_arrays:
            types = [t.element if isinstance(t, ArrayType) else t for t in types]
        return self._builder.build(name, types, parameters)

    def _read(self, text: object) -> tuple[CombinedName, tuple[object, ...]]:
        """Read a name such as ``quantile(0.3)``."""
        written = WRITTEN.fullmatch(text) if isinstance(text, str) else None
        found = None if written is None else read_name(self._registry, written[1])
        if written is None or found is None:
            message = f"no aggregate function {text!r}"
            raise BindError(UNKNOWN_AGGREGATE_FUNCTION, message)
        pieces = [piece.strip() for piece in (written[2] or "").split(",") if piece.strip()]
        return found, tuple(map(_parameter, pieces))

    def _run_finalize(self, call: Call) -> Column:
        (states,) = call.columns
        accumulator = self._of_state(states.type).make(call.settings)
        merge_states(accumulator, states, np.arange(call.n_rows), call.n_rows)
        return accumulator.finish(call.n_rows)

    def _built(self, call: Call, *, over_arrays: bool) -> Built:
        arguments = [
            Argument(column.type, constant)
            for column, constant in zip(call.columns, call.constants, strict=True)
        ]
        return self._named(arguments, over_arrays=over_arrays)

    def _run_reduce(self, call: Call) -> Column:
        built = self._built(call, over_arrays=True)
        combined = [arrays(column) for column in call.columns[1:]]
        if any(not np.array_equal(a.offsets, combined[0].offsets) for a in combined[1:]):
            raise BindError(BAD_ARGUMENTS, "the arrays of arrayReduce are of equal length")
        accumulator = built.make(call.settings)
        groups = np.repeat(np.arange(call.n_rows), combined[0].lengths)
        accumulator.update([array.child for array in combined], groups, call.n_rows)
        return accumulator.finish(call.n_rows)

    def _run_initialize(self, call: Call) -> Column:
        accumulator = self._built(call, over_arrays=False).make(call.settings)
        accumulator.update(call.columns[1:], np.arange(call.n_rows), call.n_rows)
        return accumulator.finish(call.n_rows)


def _parameter(text: str) -> object:
    """Return a number or a quoted text."""
    if NUMBER.fullmatch(text):
        return float(text) if "." in text or "e" in text.lower() else int(text)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1]
    raise BindError(BAD_ARGUMENTS, f"a parameter of an aggregate is a literal, not {text}")


def aggregate_scalars(registry: FunctionRegistry) -> tuple[ScalarFunction, ...]:
    """Return the scalar functions that run the aggregates of a registry."""
    return AggregateScalars(registry).functions()
