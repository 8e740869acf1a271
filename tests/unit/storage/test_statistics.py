"""Bounds per granule, case by case (the general law is a property test)."""

from __future__ import annotations

import pytest

from minidb.columns import column_from_values
from minidb.storage.statistics import granule_starts, granule_statistics
from minidb.types.names import parse_type

NAN = float("nan")


def bounds(type_name: str, values: list[object], granule_rows: int = 2) -> list[tuple]:
    """Return (low, high, has_null, has_nan) per granule; (None, None, ...) without bounds."""
    column = column_from_values(parse_type(type_name), values)
    found = granule_statistics(column, granule_rows)
    assert found is not None
    lows, highs = found.minimum.to_pylist(), found.maximum.to_pylist()
    return [
        (*((lows[i], highs[i]) if found.has_bounds[i] else (None, None)), null, nan)
        for i, (null, nan) in enumerate(
            zip(found.has_null.tolist(), found.has_nan.tolist(), strict=True)
        )
    ]


def test_granules_begin_at_whole_multiples():
    assert granule_starts(5, 2).tolist() == [0, 2, 4, 5]
    assert granule_starts(4, 2).tolist() == [0, 2, 4]
    assert granule_starts(0, 2).tolist() == [0]


@pytest.mark.parametrize("bits", [8, 16, 32, 64, 128, 256])
def test_signed_integers_of_every_width(bits):
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    values = [3, -2, high, low, 0]
    assert bounds(f"Int{bits}", values) == [
        (-2, 3, False, False),
        (low, high, False, False),
        (0, 0, False, False),
    ]


@pytest.mark.parametrize("bits", [8, 64, 128, 256])
def test_unsigned_integers_compare_without_sign(bits):
    high = (1 << bits) - 1
    assert bounds(f"UInt{bits}", [high, 1]) == [(1, high, False, False)]


def test_nan_and_null_are_outside_the_bounds():
    values = [NAN, 1.5, None, NAN, None, None, -0.5, 2.0]
    assert bounds("Nullable(Float64)", values) == [
        (1.5, 1.5, False, True),
        (None, None, True, True),
        (None, None, True, False),
        (-0.5, 2.0, False, False),
    ]


def test_only_nulls_have_no_bounds():
    assert bounds("Nullable(Int256)", [None, None, None]) == [(None, None, True, False)] * 2


def test_long_text_is_cut_below_and_raised_above():
    assert bounds("String", ["b" * 20, "a" * 20]) == [("a" * 16, "b" * 15 + "c", False, False)]
    assert bounds("String", ["", "short"]) == [("", "short", False, False)]


def test_text_of_the_highest_bytes_keeps_its_whole_bound():
    raw = b"\xff" * 18
    assert bounds("String", [raw, raw[:17]]) == [(raw[:16], raw, False, False)]


def test_zero_bytes_count_in_text():
    assert bounds("String", ["a", "a\0"]) == [("a", "a\0", False, False)]


def test_fixed_strings_are_bounded_by_their_first_bytes():
    assert bounds("FixedString(3)", ["abc", "abd"]) == [("abc", "abd", False, False)]
    ((low, high, *_),) = bounds("FixedString(20)", ["b" * 20, "a" * 20])
    assert low == "a" * 16 + "\0" * 4
    assert high == b"b" * 16 + b"\xff" * 4


@pytest.mark.parametrize("type_name", ["Bits(65)", "Array(UInt8)", "Tuple(UInt8, String)"])
def test_some_types_have_no_bounds(type_name):
    column = column_from_values(parse_type(type_name), [])
    assert granule_statistics(column, 2) is None
