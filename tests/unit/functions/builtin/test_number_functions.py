"""Functions of numbers: constants, empty columns, NULLs, laziness and errors."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from minidb.columns import Column, NumericColumn, column_from_values, constant_column
from minidb.errors import ILLEGAL_DIVISION, MiniDBError, ValueExecutionError
from minidb.expr.evaluate import Frame, evaluate
from minidb.expr.nodes import ColumnRef, Constant, make_call
from minidb.functions.builtin import (
    arithmetic,
    bit_moves,
    bits,
    builtin_functions,
    comparison,
    conditional,
    conversion,
    division,
    extremes,
    logic,
    mathematics,
    reinterpret,
    rounding,
)
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.settings import default_settings
from minidb.types import DataType, IntType
from minidb.types.names import parse_type
from tests.support.call import Input, constant, run

FUNCTIONS = {f.name: f for f in builtin_functions() if isinstance(f, ScalarFunction)}
MINE = [
    f
    for module in (arithmetic, bit_moves, bits, comparison, conditional, conversion, division,
                   extremes, logic, mathematics, reinterpret, rounding)
    for f in module.FUNCTIONS
]  # fmt: skip
SAMPLES = ("UInt8", "Int64", "UInt256", "Float64", "Bool", "Date", "String", "Nullable(Int16)")


def column_of(data_type: DataType, n_rows: int) -> Column:
    text = {"Date": "date", "String": "text"}.get(data_type.name, "number")
    values = {"date": datetime.date(2020, 1, 31), "text": "1", "number": 1}
    one = column_from_values(data_type, [values[text]])
    return constant_column(one, n_rows)


def frozen(column: Column) -> Column:
    """Return a column whose array refuses to be written to."""
    if isinstance(column, NumericColumn):
        values = column.values.copy()
        values.flags.writeable = False
        return NumericColumn(column.type, values)
    return column


def result_of(function: ScalarFunction, columns: list[Column]) -> Column | None:
    """Evaluate on whole columns; None where the types do not fit or the call is refused."""
    references = [ColumnRef(i, c.type, "c") for i, c in enumerate(columns)]
    try:
        rule = function.result
        result = rule([Argument(c.type) for c in columns]) if callable(rule) else rule
        call = make_call(function, references, result)
        n_rows = len(columns[0]) if columns else 1
        return evaluate(call, Frame(dict(enumerate(columns)), n_rows, default_settings()))
    except MiniDBError:
        return None


@pytest.mark.parametrize("function", MINE, ids=lambda f: f.name)
def test_constant_columns_give_what_full_ones_give(function):
    n_arguments = max(1, sum(not arg.is_optional for arg in function.args))
    for name in SAMPLES:
        data_type = parse_type(name)
        if not all(
            arg.kind.accepts(getattr(data_type, "inner", data_type)) for arg in function.args
        ):
            continue
        if any(arg.is_constant for arg in function.args) or name.startswith("Nullable"):
            continue
        view = [column_of(data_type, 3)] * n_arguments
        full = [frozen(column.take(np.arange(3))) for column in view]
        from_views, from_full = result_of(function, view), result_of(function, full)
        assert repr(from_views) == repr(from_full), name


@pytest.mark.parametrize("function", MINE, ids=lambda f: f.name)
def test_kernels_take_no_rows(function):
    if function.lazy_kernel is not None or any(arg.is_constant for arg in function.args):
        return
    n_arguments = sum(not arg.is_optional for arg in function.args)
    for name in ("UInt8", "UInt256", "Float64", "String", "Date"):
        data_type = parse_type(name)
        if not all(arg.kind.accepts(data_type) for arg in function.args):
            continue
        columns = tuple(column_from_values(data_type, []) for _ in range(n_arguments))
        try:
            rule = function.result
            result = rule([Argument(c.type) for c in columns]) if callable(rule) else rule
        except MiniDBError:
            continue
        call = Call(columns, 0, result, (None,) * n_arguments, default_settings())
        found = function.kernel(call)
        assert (len(found), found.type) == (0, result)


def lazy(name: str, *columns: Column) -> Column:
    """Call a function whose last argument is ``intDiv(1, x)`` of the last column."""
    references = [ColumnRef(i, c.type, "c") for i, c in enumerate(columns)]
    one = Constant(IntType(8, False), "1", column_from_values(IntType(8, False), [1]))
    risky = make_call(FUNCTIONS["intDiv"], [one, references[-1]], IntType(8, False))
    args = [*references[:-1], risky]
    rule = FUNCTIONS[name].result
    assert callable(rule)
    call = make_call(FUNCTIONS[name], args, rule([Argument(a.type) for a in args]))
    frame = Frame(dict(enumerate(columns)), len(columns[0]), default_settings())
    return evaluate(call, frame)


def bytes_column(*values: int | None) -> Column:
    name = "Nullable(UInt8)" if None in values else "UInt8"
    return column_from_values(parse_type(name), list(values))


def test_and_and_or_do_not_evaluate_what_is_decided():
    assert lazy("and", bytes_column(0, 1), bytes_column(0, 1)).to_pylist() == [0, 1]
    assert lazy("or", bytes_column(1, 0), bytes_column(0, 1)).to_pylist() == [1, 1]
    with pytest.raises(ValueExecutionError):
        lazy("and", bytes_column(1, 1), bytes_column(0, 1))


def test_if_evaluates_the_chosen_branch_alone():
    found = lazy("if", bytes_column(1, 0), bytes_column(7, 8), bytes_column(0, 1))
    assert found.to_pylist() == [7, 1]
    found = lazy("multiIf", bytes_column(None, 1), bytes_column(7, 8), bytes_column(1, 0))
    assert found.to_pylist() == [1, 8]


def test_coalesce_stops_where_a_value_is_found():
    assert lazy("coalesce", bytes_column(5, None), bytes_column(0, 1)).to_pylist() == [5, 1]


def test_rows_that_are_null_are_not_divided():
    found = run(
        FUNCTIONS["intDiv"], Input("Nullable(UInt8)", [None, 6]), Input("Nullable(UInt8)", [0, 2])
    )
    assert found.to_pylist() == [None, 3]


@pytest.mark.parametrize("divisor", [("UInt8", 0), ("UInt256", 0), ("Float64", 0.0)])
def test_whole_division_by_zero_is_refused(divisor):
    with pytest.raises(ValueExecutionError) as raised:
        run(FUNCTIONS["intDiv"], Input("Int64", [1]), Input(divisor[0], [divisor[1]]))
    assert raised.value.code == ILLEGAL_DIVISION


def test_division_by_zero_of_floats_gives_infinities():
    found = run(FUNCTIONS["divide"], Input("Int8", [1, -1, 0]), Input("UInt8", [0, 0, 0]))
    assert repr(found.to_pylist()) == "[inf, -inf, nan]"


def test_null_is_no_member_and_not_missing_either():
    members = constant("Tuple(UInt8, UInt8)", (1, 2))
    column = Input("Nullable(UInt8)", [None, 1, 3])
    assert run(FUNCTIONS["in"], column, members).to_pylist() == [None, 1, 0]
    assert run(FUNCTIONS["notIn"], column, members).to_pylist() == [None, 0, 1]


def test_a_long_text_set_is_found_by_rank():
    members = constant("Array(String)", [f"word{i}" for i in range(20)])
    column = Input("String", ["word3", "word", "", "word19"])
    assert run(FUNCTIONS["in"], column, members).to_pylist() == [1, 0, 0, 1]


def test_casts_between_bits_and_integers():
    bits_to = run(FUNCTIONS["CAST"], Input("Bits(9)", ["100000001"]), constant("String", "UInt16"))
    assert bits_to.to_pylist() == [257]
    to_bits = run(FUNCTIONS["CAST"], Input("UInt16", [258]), constant("String", "Bits(9)"))
    assert to_bits.to_pylist() == ["010000001"]
    texts = run(FUNCTIONS["CAST"], Input("String", ["101"]), constant("String", "Bits(3)"))
    assert texts.to_pylist() == ["101"]


def test_an_unreadable_text_is_named_in_the_error():
    with pytest.raises(ValueExecutionError, match="'abc' cannot be read as UInt8") as raised:
        run(FUNCTIONS["toUInt8"], Input("String", ["1", "abc"]))
    assert raised.value.hint == "toUInt8OrNull and toUInt8OrZero give NULL or 0 instead"
