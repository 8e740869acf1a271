"""Hash functions equal ClickHouse's bit for bit."""

from __future__ import annotations

import random
from itertools import product

import pytest

from minidb.errors import BindError
from minidb.functions.builtin import builtin_functions
from tests.support.call import Input, constant, run, scalar_functions
from tests.support.oracle import Case, differences

FUNCTIONS = scalar_functions(builtin_functions())
ANY_VALUE = ("cityHash64", "sipHash64", "halfMD5", "xxHash32", "xxHash64", "murmurHash2_32",
             "murmurHash2_64", "murmurHash3_32", "murmurHash3_64")  # fmt: skip
OF_TEXT = ("MD5", "SHA1", "SHA224", "SHA256", "SHA512", "CRC32", "CRC32IEEE", "murmurHash3_128")
SOURCE = random.Random(1).randbytes(301)
TEXTS = Input("String", [SOURCE[:length] for length in range(301)])
FEW = Input("String", ["", "a", b"\xff\0", "x" * 33])

INTEGERS = [
    Input(f"{sign}Int{bits}", [0, 1, 2 ** (bits - 1) - 1, -1 if not sign else 2**bits - 1])
    for sign, bits in product(("", "U"), (8, 16, 32, 64))
]
OTHERS = [
    Input("Float32", [0.0, -0.0, 1.5, -1e30]),
    Input("Float64", [0.0, -0.0, 1.5, -1e300]),
    Input("Bool", [True, False, True, False]),
    Input("Date", ["1970-01-01", "2020-02-29", "2149-06-06", "1999-12-31"]),
    Input("FixedString(3)", ["", "a", "abc", b"\xff"]),
    Input("Int128", [0, -1, 2**100, -(2**127)]),
    Input("UInt256", [0, 1, 2**255, 2**256 - 1]),
    Input("Nullable(UInt16)", [None, 1, 500, None]),
    Input("Nullable(String)", [None, "", "abc", None]),
]
NESTED = [
    Input("Array(UInt8)", [[], [1], [1, 2, 3], [0]]),
    Input("Array(String)", [[], [""], ["a", "bc"], ["x" * 40]]),
    Input("Array(Array(UInt16))", [[], [[]], [[1], [2, 3]], [[7]]]),
    Input("Tuple(UInt8, String)", [(0, ""), (1, "a"), (2, "b"), (3, "c")]),
    Input("Array(Tuple(UInt8, String))", [[], [(1, "a")], [(1, "a"), (2, "")], [(0, "x")]]),
]


def dates(column: Input) -> Input:
    import datetime

    if column.type != "Date":
        return column
    return Input("Date", [datetime.date.fromisoformat(str(day)) for day in column.values])


def agree(cases: list[Case]) -> None:
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [*ANY_VALUE, *OF_TEXT])
def test_texts_of_all_lengths_have_the_same_hash(name):
    agree([Case(name, (TEXTS,))])


def test_numbers_have_the_same_hash():
    columns = [*INTEGERS, *map(dates, OTHERS)]
    agree([Case(name, (column,)) for name, column in product(ANY_VALUE, columns)])


def test_integer_hashes_agree():
    agree([Case(name, (c,)) for name, c in product(("intHash32", "intHash64"), INTEGERS)])


def test_several_values_have_the_same_hash():
    columns = (INTEGERS[0], INTEGERS[7], FEW, *map(dates, OTHERS[1:8]))
    cases = [Case(name, (FEW, c)) for name, c in product(ANY_VALUE, columns)]
    cases += [Case(name, (INTEGERS[2], FEW, INTEGERS[7])) for name in ANY_VALUE]
    agree(cases)


def test_arrays_and_tuples_have_the_same_hash():
    cases = [Case(name, (column,)) for name, column in product(ANY_VALUE, NESTED)]
    cases += [Case(name, (FEW, column)) for name, column in product(ANY_VALUE, NESTED)]
    agree(cases)


def test_no_arguments_have_a_hash():
    assert run(FUNCTIONS["cityHash64"], n_rows=2).to_pylist() == [16324913028386710556] * 2


def test_an_array_with_null_has_no_hash():
    with pytest.raises(BindError):
        run(FUNCTIONS["cityHash64"], constant("Array(Nullable(UInt8))", [None]))
