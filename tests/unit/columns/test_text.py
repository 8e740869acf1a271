"""The text form of values, and reading it back."""

from __future__ import annotations

import pytest
from hypothesis import example, given

from minidb.columns import StringColumn, column_from_values, constant_column
from minidb.columns.text import parse_text, quote_text, render_text
from minidb.types import ArrayType, BitsType, FloatType, IntType, NullableType
from minidb.types.names import parse_type
from tests.strategies.columns import EVERY_TYPE, columns, same_values, sample_values


def texts(type_name: str, values: list[object]) -> list[object]:
    return render_text(column_from_values(parse_type(type_name), values)).to_pylist()


def read(type_name: str, values: list[str], **options: bool) -> tuple[list[object], list[bool]]:
    strings = StringColumn.from_bytes(value.encode() for value in values)
    column, ok = parse_text(strings, parse_type(type_name), **options)
    return column.to_pylist(), ok.tolist()


@given(columns())
@example(column_from_values(FloatType(32), [1234567.875, 1e-45, 3.4028234663852886e38]))
@example(column_from_values(IntType(256, True), [-(2**255), 2**255 - 1]))
def test_text_reads_back_in_an_array(column):
    array = ArrayType(column.type)
    whole = column_from_values(array, [column.to_pylist()])
    again, ok = parse_text(render_text(whole), array, is_strict=True)
    assert ok.all()
    assert same_values(again, whole)


@pytest.mark.parametrize("data_type", EVERY_TYPE, ids=str)
def test_no_rows_have_no_text(data_type):
    none = column_from_values(data_type, [])
    assert len(render_text(none)) == 0
    column, ok = parse_text(StringColumn.from_bytes([]), data_type)
    assert (len(column), len(ok), column.type) == (0, 0, data_type)


@pytest.mark.parametrize("data_type", EVERY_TYPE, ids=str)
def test_a_constant_column_shows_its_value_in_every_row(data_type):
    one = column_from_values(
        data_type, [None if isinstance(data_type, NullableType) else sample_values(data_type)[2]]
    )
    shown = render_text(constant_column(one, 3)).to_pylist()
    assert shown == render_text(one).to_pylist() * 3


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e20, "100000000000000000000"), (1e21, "1e21"), (1e-6, "0.000001"), (1e-7, "1e-7"), (-0.0, "-0"),
     (123456789012345680.0, "123456789012345680"), (-1.25e-5, "-0.0000125"), (float("-inf"), "-inf"),
     (float("nan"), "nan"), (5e-324, "5e-324"), (100.0, "100"), (1.2345678901234569e23, "1.2345678901234569e23")],
)  # fmt: skip
def test_floats_have_the_shortest_text(value, text):
    assert texts("Float64", [value]) == [text]


def test_float32_has_the_digits_of_its_own_width():
    assert texts("Float32", [0.1, 16777216.0, 1234567.875]) == ["0.1", "16777216", "1234567.9"]


def test_quotes_stand_inside_arrays_and_tuples_only():
    assert texts("String", ["it's"]) == ["it's"]
    assert texts("Array(String)", [["it's", "\\\n\0"]]) == [r"['it\'s','\\\n\0']"]
    assert texts("Tuple(UInt8, Nullable(String))", [(1, None)]) == ["(1,NULL)"]
    assert texts("Array(Date)", [[]]) == ["[]"]


def test_null_has_the_text_it_is_given():
    column = column_from_values(NullableType(IntType(8, False)), [1, None])
    assert render_text(column, b"\\N").to_pylist() == ["1", "\\N"]


def test_quote_text_leaves_plain_text_alone():
    assert quote_text(StringColumn.from_bytes([b"", b"a'"])).to_pylist() == ["''", "'a\\''"]


def test_integers_wrap_unless_the_reading_is_strict():
    assert read("UInt8", ["300", "-1", "+5"]) == ([44, 255, 5], [True, False, True])
    assert read("UInt8", ["300", "255"], is_strict=True)[1] == [False, True]
    assert read("Int64", ["9223372036854775808"], is_strict=True)[1] == [False]
    assert read("UInt256", [str(2**256), str(2**256 - 1)], is_strict=True)[1] == [False, True]


def test_an_integer_of_any_length_is_read():
    digits = "1" + "0" * 5000
    values, ok = read("UInt128", [digits])
    assert (values, ok) == ([10**5000 % 2**128], [True])
    assert read("UInt128", [digits], is_strict=True)[1] == [False]


@pytest.mark.parametrize(
    "text", ["", "-", "--1", "1-", " 1", "1 ", "1.5", "1e2", "0x1", "\u0661", "\0"]
)
def test_what_is_no_integer_is_not_read(text):
    assert read("Int32", [text])[1] == [False]


@pytest.mark.parametrize(
    "text", ["", ".", "e5", "1e", "1e+", "1 ", "1_0", "0x1", "1.2.3", "infx", "1\0"]
)
def test_what_is_no_float_is_not_read(text):
    assert read("Float64", [text])[1] == [False]


@pytest.mark.parametrize("text", ["[1", "1]", "[1,]x", "[1]]", "(1)", "[a]", "[[1]", "[1,,2]", ""])
def test_what_is_no_array_is_not_read(text):
    assert read("Array(UInt8)", [text])[1] == [False]


def test_text_inside_arrays_has_quotes_and_null_has_none():
    values, ok = read("Array(Nullable(String))", ["['NULL',NULL]", "[x]"])
    assert (values[0], ok) == (["NULL", None], [True, False])


def test_bits_are_read_with_exactly_their_width():
    assert read("Bits(3)", ["101", "1", "1012"]) == (["101", "100", "101"], [True, False, False])
    bits = column_from_values(BitsType(65), ["1" + "0" * 63 + "1"])
    assert render_text(bits).to_pylist() == ["1" + "0" * 63 + "1"]


def test_a_slice_is_read_without_its_neighbours():
    strings = StringColumn.from_bytes([b"7", b"12", b"x"]).slice(1, 2)
    column, ok = parse_text(strings, IntType(8, False))
    assert (column.to_pylist(), ok.tolist()) == ([12], [True])
