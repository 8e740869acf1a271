"""What holds for every scalar function: types, lengths, rows apart, constants, refusals."""

from __future__ import annotations

import datetime
import random

import numpy as np
import pytest

from minidb.columns import Column, NumericColumn, constant_column
from minidb.errors import InternalError, MiniDBError
from minidb.functions.arguments import LAMBDA
from minidb.functions.builtin import builtin_functions
from minidb.functions.declaration import ScalarFunction
from minidb.types.names import parse_type
from tests.support.call import Input, run, scalar_functions

DAYS = [datetime.date(1970, 1, 1), datetime.date(2020, 2, 29), datetime.date(2149, 6, 6)]
MOMENTS = [datetime.datetime(1970, 1, 1), datetime.datetime(2020, 2, 29, 23, 59, 59), datetime.datetime(2106, 2, 7, 6, 28, 15)]  # fmt: skip
POOL = (
    Input("UInt8", [0, 1, 255]),
    Input("Int8", [-128, 0, 127]),
    Input("Int64", [-(2**63), 2, 2**63 - 1]),
    Input("UInt64", [0, 3, 2**64 - 1]),
    Input("Int128", [-(2**127), 1, 2**127 - 1]),
    Input("UInt256", [0, 5, 2**256 - 1]),
    Input("Float64", [-0.0, float("nan"), float("inf")]),
    Input("Float32", [1.5, -2.5, 3e38]),
    Input("Bool", [True, False, True]),
    Input("String", ["", "aé", b"\xff\0"]),
    Input("FixedString(2)", ["", "ab", b"\xff"]),
    Input("Date", DAYS),
    Input("DateTime", MOMENTS),
    Input("Array(UInt8)", [[], [3, 1, 3], [0]]),
    Input("Array(Nullable(String))", [[None], [], ["b", None, "a"]]),
    Input("Array(Array(Int16))", [[[1]], [], [[], [2, 1]]]),
    Input("Array(Nothing)", [[], [], []]),
    Input("Tuple(UInt8, String)", [(1, "x"), (0, ""), (255, "y")]),
    Input("Nullable(Int32)", [None, -1, 7]),
    Input("Nullable(String)", ["a", None, ""]),
)
FUNCTIONS = sorted(
    {function.name: function for function in scalar_functions(builtin_functions()).values()}.values(),
    key=lambda function: function.name,
)  # fmt: skip
TRIES = 8
VOLATILE = {
    "rand",
    "rand64",
    "randConstant",
    "now",
    "today",
    "yesterday",
    "generateUUIDv4",
    "now64",
}


def calls(function: ScalarFunction) -> list[tuple[Input, ...]]:
    """Return argument lists that fit the declaration, chosen by a fixed seed."""
    chance = random.Random(function.name)
    found: list[tuple[Input, ...]] = []
    if any(arg.kind is LAMBDA for arg in function.args):
        return []
    for _ in range(TRIES):
        args = [arg for arg in function.args if not arg.is_optional or chance.random() < 0.5]
        if args and args[-1].is_repeated:
            args += [args[-1]] * chance.randrange(3)
        picked = []
        for arg in args:
            fitting = [i for i in POOL if arg.kind.accepts(parse_type(i.type)) or (i.type.startswith("Nullable") and arg.kind.accepts(parse_type(i.type).inner))]  # fmt: skip
            if not fitting:
                break
            given = chance.choice(fitting)
            if arg.is_constant:
                given = Input(given.type, [chance.choice(given.values)], is_constant=True)
            picked.append(given)
        else:
            found.append(tuple(picked))
    return found


def outcome(function: ScalarFunction, inputs: tuple[Input, ...]) -> Column | None:
    """Return the result, or None where the function refuses."""
    try:
        with np.errstate(all="raise", under="ignore"):
            return run(function, *inputs, n_rows=3)
    except InternalError:
        raise
    except MiniDBError:
        return None


def row_of(inputs: tuple[Input, ...], row: int) -> tuple[Input, ...]:
    return tuple(i if i.is_constant else Input(i.type, [i.values[row]]) for i in inputs)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_call_gives_rows_of_its_type_or_an_error(function):
    for inputs in calls(function):
        result = outcome(function, inputs)
        if result is None or function.name in VOLATILE:
            continue
        together = result.to_pylist()
        varying = any(not given.is_constant for given in inputs)
        if not varying:
            continue
        alone = []
        for row in range(3):
            single = outcome(function, row_of(inputs, row))
            assert single is not None, f"refused row {row} of {inputs} alone"
            alone += single.to_pylist()
        assert repr(together) == repr(alone), inputs


def test_inputs_of_stride_0_are_not_written_to():
    one = constant_column(NumericColumn(parse_type("UInt8"), np.array([3], np.uint8)), 4)
    assert isinstance(one, NumericColumn)
    assert one.values.strides == (0,)
    assert not one.values.flags.writeable
