"""The remaining functions give what ClickHouse gives."""

from __future__ import annotations

from minidb.functions.builtin import builtin_functions
from tests.support.call import Input, constant, scalar_functions
from tests.support.oracle import Case, differences

FUNCTIONS = scalar_functions(builtin_functions())
NUMBERS = Input("Float64", [0.0, 1.0, -1.5, 999.0, 1000.0, 1023.99, 1024.0, 1e6, -1e9, 1e30, 0.004])
WIDE = Input("UInt256", [0, 1, 1023, 2**64, 2**100, 2**255, 5, 6, 7, 8, 9])
NULLS = Input("Nullable(Int64)", [None, 1, 5, -3, None, 10**15, 2, 3, 4, 5, 6])


def test_readable_numbers_and_bars_agree():
    names = ("formatReadableSize", "formatReadableDecimalSize", "formatReadableQuantity")
    cases = [Case(name, (column,)) for name in names for column in (NUMBERS, NULLS)]
    low, high = constant("Int8", -2), constant("UInt16", 1000)
    cases += [Case("bar", (NUMBERS, low, high, constant("UInt8", n))) for n in (1, 5, 20)]
    cases.append(Case("bar", (NUMBERS, low, high)))
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)


def test_values_passed_through_agree():
    cases = [
        Case(name, (column,))
        for name in ("identity", "materialize", "ignore", "isConstant")
        for column in (NUMBERS, WIDE, NULLS, constant("UInt8", 1))
    ]
    cases = [case for case in cases if case.name != "isConstant" or not case.inputs[0].is_constant]
    cases.append(Case("throwIf", (constant("UInt8", 0),)))
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)
