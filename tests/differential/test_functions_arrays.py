"""Array and tuple functions give what ClickHouse gives, types and values."""

from __future__ import annotations

from itertools import product

import pytest

from minidb.errors import MiniDBError
from minidb.functions.builtin import builtin_functions
from tests.support.call import Input, constant, run, scalar_functions
from tests.support.oracle import Case, differences, error_code

FUNCTIONS = scalar_functions(builtin_functions())

NAN, INF = float("nan"), float("inf")
BIG = 2**255 + 12345
COLUMNS = (
    Input("Array(UInt8)", [[], [1, 2, 3, 2, 1], [255], [0, 0], [7, 7, 9], [3, 1]]),
    Input("Array(Int64)", [[-(2**63), 2**63 - 1], [], [-1], [5, 4, 5], [0], [1, 2, 3]]),
    Input("Array(Float64)", [[1.5, NAN, -1.0], [], [NAN, NAN], [0.0, -0.0], [INF, -INF], [2.5]]),
    Input("Array(Float32)", [[0.1, 0.2, 0.7], [], [1e30], [-1.5], [3.0, 3.0], [0.0]]),
    Input("Array(String)", [["b", "", "a", "b"], [], ["\0", "", "\0\0"], [b"\xff\xfe"], ["é", "z"], ["x" * 20, "x" * 19]]),
    Input("Array(Nullable(Int16))", [[1, None, 1, None, -5], [], [None], [None, 3], [2, 1], [4]]),
    Input("Array(UInt256)", [[BIG // 4, 1, 3], [], [0], [2**64, 2**64 - 1], [5, 5], [2**128]]),
    Input("Array(Int128)", [[-1, 2**127 - 1], [], [-(2**127)], [3, -3, 3], [0], [1]]),
    Input("Array(Array(UInt8))", [[[1], [], [1]], [], [[]], [[2, 1], [2]], [[1, 2], [1, 3]], [[9]]]),
    Input("Array(Tuple(UInt8, String))", [[(1, "a"), (1, "")], [], [(0, "x")], [(2, "b"), (1, "c")], [(1, "a"), (1, "a")], [(3, "")]]),
    Input("Array(Bool)", [[True, False, True], [], [False], [True], [True, True], [False, True]]),
    Input("Array(FixedString(2))", [["ab", "a"], [], ["b", "a", "b"], [""], ["zz", "zz"], ["q"]]),
    Input("Array(Nullable(String))", [["b", None, ""], [], [None, None], ["a", "a"], ["x"], [None]]),
    Input("Array(UInt64)", [[2**64 - 1, 2**64 - 1], [], [0], [1, 2], [3], [4, 4, 4]]),
)  # fmt: skip
WHOLE = ("length", "empty", "notEmpty", "arrayPopBack", "arrayPopFront", "arrayReverse", "reverse",
         "arrayFlatten", "arrayEnumerate", "arrayDistinct", "arrayUniq", "arrayEnumerateUniq",
         "arrayEnumerateDense", "arrayCompact", "arraySort", "arrayReverseSort", "arrayMin", "arrayMax")  # fmt: skip
FOLDS = ("arraySum", "arrayAvg", "arrayProduct", "arrayCumSum", "arrayDifference")
INDEX = Input("Int8", [1, -1, 0, 2, -2, 5])
NUMERIC = tuple(c for c in COLUMNS if "Nullable" not in c.type and c.type[6] in "UIFB" and "Fixed" not in c.type)  # fmt: skip


def agree(cases: list[Case]) -> None:
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)


def first_elements(column: Input) -> Input:
    inner = column.type[6:-1]
    filler = next(v for row in column.values for v in row)
    values = [row[-1] if row else filler for row in column.values]
    return Input(inner, values)


def test_functions_of_one_array_agree():
    agree([Case(name, (column,)) for name, column in product(WHOLE, COLUMNS)])


def test_folds_agree():
    agree([Case(name, (column,)) for name, column in product(FOLDS, NUMERIC)])


def test_elements_and_pieces_agree():
    sizes = Input("Nullable(Int64)", [2, None, -1, 0, 100, 1])
    cases = []
    for column in COLUMNS:
        cases += [
            Case("arrayElement", (column, INDEX)),
            Case("arrayElement", (column, constant("Int8", -1))),
            Case("arrayElement", (constant(column.type, column.values[0]), INDEX)),
            Case("arraySlice", (column, INDEX)),
            Case("arraySlice", (column, INDEX, sizes)),
            Case("arraySlice", (column, sizes)),
            Case("arraySlice", (column, constant("Int64", -(2**63)), constant("Int64", 2**63 - 1))),
            Case("arrayResize", (column, INDEX)),
            Case("arrayResize", (column, INDEX, first_elements(column))),
            Case("arrayRotateLeft", (column, INDEX)),
            Case("arrayRotateRight", (column, INDEX)),
        ]
        if "Tuple" not in column.type:  # there ClickHouse 26 gives a Nullable(Tuple)
            index = Input("Nullable(UInt64)", [1, None, 2**64 - 1, 2, 0, 1])
            cases.append(Case("arrayElement", (column, index)))
    agree(cases)


def test_functions_of_an_array_and_a_value_agree():
    names = ("has", "indexOf", "countEqual", "arrayPushBack", "arrayPushFront")
    cases = [Case(name, (c, first_elements(c))) for name, c in product(names, COLUMNS)]
    nullable = Input("Nullable(UInt8)", [1, None, 255, 0, 7, None])
    cases += [Case(name, (COLUMNS[i], nullable)) for name, i in product(names, (0, 5))]
    agree(cases)


def test_functions_of_two_arrays_agree():
    cases = []
    for name, column in product(("hasAll", "hasAny", "arrayConcat"), COLUMNS):
        turned = Input(column.type, [*column.values[1:], column.values[0]])
        cases.append(Case(name, (column, turned)))
        cases.append(Case(name, (column, constant(column.type, column.values[0]))))
        cases.append(Case(name, (column, column)))
    cases += [Case(name, (COLUMNS[0], COLUMNS[5])) for name in ("hasAll", "arrayConcat")]
    cases += [Case("arrayZip", (column, column)) for column in COLUMNS]
    cases += [Case("arrayUniq", (column, column)) for column in COLUMNS]
    cases += [Case("arrayEnumerateUniq", (column, column)) for column in COLUMNS]
    agree(cases)


def test_making_arrays_agrees():
    small, wide = Input("UInt8", [0, 1, 5]), Input("Int128", [-1, 2**100, 0])
    text, fixed = Input("String", ["", "a", "\0"]), Input("FixedString(2)", ["", "a", "ab"])
    null = Input("Nullable(Int16)", [None, -3, 300])
    floats = Input("Float32", [0.5, 1.5, -2.0])
    agree(
        [
            Case("array", (small, null)),
            Case("array", (small, wide)),
            Case("array", (small, floats, null)),
            Case("array", (text, fixed)),
            Case("array", (constant("Nullable(Nothing)", None), text)),
            Case("range", (small,)),
            Case("range", (small, Input("Int8", [-3, 5, 10]))),
            Case("range", (small, Input("Int8", [-3, 50, 10]), Input("Int16", [-1, 7, 300]))),
            Case("arrayWithConstant", (small, text)),
            Case("arrayWithConstant", (small, null)),
            Case("arrayWithConstant", (constant("UInt8", 2), wide)),
            Case("tuple", (small, null, text)),
            Case("tupleElement", (Input("Tuple(a UInt8, b String)", [(1, "x"), (2, "")]), constant("UInt8", 2))),
            Case("tupleElement", (Input("Tuple(a UInt8, b String)", [(1, "x"), (2, "")]), constant("String", "a"))),
            Case("tupleElement", (COLUMNS[9], constant("UInt8", 1))),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "name", "inputs"),
    [
        ("range(-1)", "range", (constant("Int8", -1),)),
        ("range(1, 5, 0)", "range", (constant("UInt8", 1), constant("UInt8", 5), constant("UInt8", 0))),
        ("range(600000000)", "range", (constant("UInt32", 600_000_000),)),
        ("arrayWithConstant(-3, 'a')", "arrayWithConstant", (constant("Int8", -3), constant("String", "a"))),
        ("arrayWithConstant(2000000000, 1)", "arrayWithConstant", (constant("UInt32", 2_000_000_000), constant("UInt8", 1))),
        ("arrayResize([1], 2000000000)", "arrayResize", (constant("Array(UInt8)", [1]), constant("UInt32", 2_000_000_000))),
        ("arrayZip([1], [1, 2])", "arrayZip", (constant("Array(UInt8)", [1]), constant("Array(UInt8)", [1, 2]))),
        ("arrayUniq([1], [1, 2])", "arrayUniq", (constant("Array(UInt8)", [1]), constant("Array(UInt8)", [1, 2]))),
        ("tupleElement((1, 2), 3)", "tupleElement", (constant("Tuple(UInt8, UInt8)", (1, 2)), constant("UInt8", 3))),
        ("arraySum(['a'])", "arraySum", (constant("Array(String)", ["a"]),)),
        ("has(['a'], 1)", "has", (constant("Array(String)", ["a"]), constant("UInt8", 1))),
        ("array('a', 1) SETTINGS use_variant_as_common_type = 0", "array", (constant("String", "a"), constant("UInt8", 1))),
    ],
)  # fmt: skip
def test_errors_have_the_same_code(sql, name, inputs):
    with pytest.raises(MiniDBError) as error:
        run(FUNCTIONS[name], *inputs)
    assert error.value.code.number == error_code(f"SELECT {sql}")
