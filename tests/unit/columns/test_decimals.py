"""Decimals as columns: their text, their reading, and the way from and to Python."""

from __future__ import annotations

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import StringColumn, column_from_values
from minidb.columns.text import parse_text, render_text
from minidb.errors import MiniDBError
from minidb.types import DecimalType
from minidb.types.names import parse_type
from tests.strategies.columns import DECIMAL_TYPES, columns_of


def texts(data_type: DecimalType, values: list[object]) -> list[object]:
    return render_text(column_from_values(data_type, values)).to_pylist()


def read(
    data_type: DecimalType, written: list[str], *, is_strict: bool = False
) -> tuple[list[object], list[bool]]:
    strings = StringColumn.from_bytes(text.encode() for text in written)
    values, ok = parse_text(strings, data_type, is_strict=is_strict)
    return values.to_pylist(), ok.tolist()


@pytest.mark.parametrize("precision", [9, 18, 38, 76])
def test_zeros_at_the_end_do_not_show(precision):
    data_type = DecimalType(precision, 3)
    values = [decimal.Decimal(t) for t in ("0", "1.500", "-0.005", "-12", "100.01", "-0.120")]
    assert texts(data_type, values) == ["0", "1.5", "-0.005", "-12", "100.01", "-0.12"]


def test_a_scale_of_nothing_but_places():
    assert texts(DecimalType(18, 18), [decimal.Decimal("-0.1"), 0]) == ["-0.1", "0"]
    assert texts(DecimalType(5, 0), [-12345, 0]) == ["-12345", "0"]
    assert texts(DecimalType(18, 2), []) == []


def test_the_smallest_stored_number_has_a_text():
    assert read(DecimalType(18, 2), ["-92233720368547758.07"], is_strict=False)[1] == [False]
    assert texts(DecimalType(38, 2), [decimal.Decimal("-92233720368547758.08")]) == [
        "-92233720368547758.08"
    ]


@pytest.mark.parametrize("data_type", DECIMAL_TYPES)
def test_what_is_written_is_read_back(data_type):
    @given(columns_of(data_type))
    def check(column):
        values, ok = parse_text(render_text(column), data_type, is_strict=True)
        assert ok.all()
        assert values.to_pylist() == column.to_pylist()

    check()


def test_digits_past_the_scale_are_cut_off():
    values, ok = read(DecimalType(9, 2), ["1.999", "-1.999", "1e-9", "0.004999", "12345e-3"])
    assert ok == [True] * 5
    assert list(map(str, values)) == ["1.99", "-1.99", "0.00", "0.00", "12.34"]


def test_the_precision_bounds_what_is_read_strictly():
    assert read(DecimalType(3, 1), ["300.5", "99.99"], is_strict=True)[1] == [False, True]
    assert read(DecimalType(3, 1), ["300.5", "1234567890"])[1] == [True, False]


@pytest.mark.parametrize(
    "text", ["", ".", "-", "+.", "e5", "1e", "1e+", " 1", "1 ", "1_0", "0x1", "1.2.3", "nan", "1\0"]
)
def test_what_is_no_number_is_not_read(text):
    assert read(DecimalType(9, 2), [text])[1] == [False]
    assert read(DecimalType(38, 2), [text])[1] == [False]


@given(st.lists(st.text(alphabet="0123456789.-+eE", max_size=50), min_size=1, max_size=5))
def test_both_ways_of_reading_agree(written):
    wide, wide_ok = read(DecimalType(76, 2), written)
    narrow, narrow_ok = read(DecimalType(18, 2), written)
    for a, a_ok, b, b_ok in zip(wide, wide_ok, narrow, narrow_ok, strict=True):
        if b_ok:
            assert a_ok
            assert a == b


def test_python_numbers_become_decimals():
    data_type = DecimalType(15, 2)
    given_values = [decimal.Decimal("0.29"), 0.29, 3, 1.005, -0.999]
    assert texts(data_type, given_values) == ["0.29", "0.29", "3", "1", "-0.99"]


@pytest.mark.parametrize(
    "value", ["text", True - 0.0j, float("nan"), decimal.Decimal("Infinity"), 10**13, 1e300]
)
def test_what_is_no_such_decimal_is_refused(value):
    with pytest.raises(MiniDBError):
        column_from_values(DecimalType(15, 2), [value])


def test_names_and_aliases():
    assert parse_type("Decimal") == DecimalType(10, 0)
    assert parse_type("numeric(5, 2)") == parse_type("DEC(5,2)") == DecimalType(5, 2)
    assert parse_type("Decimal64(3)") == DecimalType(18, 3)
    assert parse_type("Array(Nullable(Decimal(76, 76)))").name == "Array(Nullable(Decimal(76, 76)))"
    for wrong in (
        "Decimal(0, 0)",
        "Decimal(77, 1)",
        "Decimal(5, 6)",
        "Decimal32(10)",
        "Decimal(1,1,1)",
    ):
        with pytest.raises(MiniDBError):
            parse_type(wrong)
