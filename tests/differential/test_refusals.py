"""What functions take and refuse, and what NULL does where the result is an array."""

from __future__ import annotations

import pytest

from tools.oracle.check import asked
from tools.oracle.engines import Engines

CALLS = (
    "toInt8OrDefault('a', 5::Int8)",
    "toInt8OrDefault(NULL, 5::Int8)",
    "toInt8OrDefault('a', 5)",
    "toDecimal32OrDefault(NULL::Nullable(String), 2)",
    "toDecimal32OrNull('1', 2::Int8)",
    "accurateCastOrDefault('x', 'Int8', 1)",
    "editDistance('a'::FixedString(3), 'a')",
    "leftUTF8('a'::FixedString(3), 1)",
    "countSubstrings('a'::FixedString(3), 'a')",
    "position('abc'::FixedString(3), 'b')",
    "extractGroups('ab', 'a')",
    "translate('aab', 'aa', 'xy')",
    "translate('abc', 'ab', 'é')",
    "substringIndex('a..b', '..', 1)",
    "hex(unbin('2020-01-31'))",
    "byteHammingDistance('a', 'abc')",
    "UUIDStringToNum('abc')",
    "addDays(toDate('2020-01-01'), 18446744073709551615)",
    "addDays(toDateTime('2020-01-01 00:00:00'), -1000000)",
    "subtractMonths(toDate('2024-12-31'), -9223372036854775808)",
    "toStartOfISOYear(toDate('1970-01-01'))",
    "fromDaysSinceYearZero(719527)",
    "toStartOfWeek(toDate('2020-01-01'), 1::UInt16)",
    "round(5, 40000)",
    "range(NULL::Nullable(UInt8))",
    "splitByString(',', NULL::Nullable(String))",
    "arrayRotateLeft([1, 2], NULL::Nullable(UInt8))",
    "varSampStable(number) FROM numbers(1)",
    "varPopStable(number) FROM numbers(0)",
    "groupArrayLast(3)(number) FROM numbers(8)",
    "groupBitmap(c) FROM values('c Bool', true, false)",
)


@pytest.fixture(scope="module")
def engines():
    with Engines() as both:
        yield both


@pytest.mark.parametrize("call", CALLS)
def test_both_engines_answer_alike(engines, call):
    ours, theirs = asked(engines.mine, f"SELECT {call}"), engines.theirs(f"SELECT {call}")
    assert (ours.types, ours.rows) == (theirs.types, theirs.rows)
    assert bool(ours.code) == bool(theirs.code)
    assert ours.code >= 0
