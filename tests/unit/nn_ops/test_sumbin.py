"""sumbin against plain loops: by place and in input order, cut into updates at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidb
from minidb.columns import NumericColumn, column_from_values, concat_columns
from minidb.errors import ValueExecutionError
from minidb.functions.declaration import AggregateCall, Argument
from minidb.settings import Settings
from minidb.types import BoolType, DataType, IntType
from nn_ops.errors import NN_NOT_BINARY, NN_PLACE_OUTSIDE_WORD
from nn_ops.lookup import LOOKUP
from nn_ops.sumbin import SUMBIN, SUMBIN_SMARTLITE, WITH_OVERFLOW
from tests.strategies.aggregates import MAX_GROUPS, grouped_rows, run

UINT8 = IntType(8, False)
INTEGERS = st.sampled_from(
    [BoolType(), *(IntType(b, s) for b in (8, 64, 256) for s in (False, True))]
)


def bits_of(data_type: DataType) -> st.SearchStrategy[object]:
    return st.booleans() if isinstance(data_type, BoolType) else st.integers(0, 1)


@given(grouped_rows(st.tuples(INTEGERS), bits_of, max_rows=60))
def test_bits_in_input_order_first_most_significant(case):
    columns, groups, cuts = case
    words = [0] * MAX_GROUPS
    for bit, group in zip(columns[0].to_pylist(), groups, strict=True):
        words[group] = words[group] << 1 | int(bit)
    assert run(SUMBIN, columns, groups, MAX_GROUPS, cuts).to_pylist() == words


@given(grouped_rows(st.tuples(INTEGERS), bits_of, max_rows=60), st.data())
def test_bits_by_place_in_any_row_order(case, data):
    columns, groups, cuts = case
    n_rows = len(groups)
    low_places = data.draw(st.sampled_from([UINT8, IntType(16, True), IntType(256, True)]))
    places = data.draw(st.lists(st.integers(0, 255), min_size=n_rows, max_size=n_rows))
    words = [0] * MAX_GROUPS
    for bit, place, group in zip(columns[0].to_pylist(), places, groups, strict=True):
        words[group] |= int(bit) << place
    both = [columns[0], column_from_values(low_places, places)]
    assert run(SUMBIN, both, groups, MAX_GROUPS, cuts).to_pylist() == words


def test_the_vectors_of_the_specification():
    for data_type in (UINT8, IntType(256, False)):
        bits = column_from_values(data_type, [1, 0, 1, 1])
        turned = column_from_values(data_type, [1, 1, 0, 1])
        assert run(SUMBIN, [bits], [0] * 4, 1).to_pylist() == [11]
        assert run(SUMBIN, [bits], [0] * 4, 1, [2]).to_pylist() == [11]
        assert run(SUMBIN, [turned], [0] * 4, 1).to_pylist() == [13]


@pytest.mark.parametrize("n_rows", [1, 63, 64, 65, 128, 255, 256])
def test_words_of_every_width(n_rows):
    bits = np.random.default_rng(n_rows).integers(0, 2, n_rows).astype(np.uint8)
    expected = int("".join(map(str, bits)), 2)
    column = NumericColumn(UINT8, bits)
    assert run(SUMBIN, [column], [0] * n_rows, 1, [n_rows // 3]).to_pylist() == [expected]
    places = NumericColumn(UINT8, np.arange(n_rows - 1, -1, -1).astype(np.uint8))
    assert run(SUMBIN, [column, places], [0] * n_rows, 1).to_pylist() == [expected]


def test_groups_that_come_mixed():
    groups = [2, 0, 2, 1, 0, 2]
    column = column_from_values(UINT8, [1, 1, 0, 1, 0, 1])
    assert run(SUMBIN, [column], groups, 4, [3]).to_pylist() == [0b10, 0b1, 0b101, 0]


@pytest.mark.parametrize("cuts", [[], [100], [256]])
def test_a_257th_row_is_refused(cuts):
    ones = NumericColumn(UINT8, np.ones(257, np.uint8))
    with pytest.raises(ValueExecutionError, match="at most 256 rows") as caught:
        run(SUMBIN, [ones], [0] * 257, 1, cuts)
    assert caught.value.code == NN_PLACE_OUTSIDE_WORD


@pytest.mark.parametrize(
    ("data_type", "value"),
    [(UINT8, 2), (IntType(8, True), -1), (IntType(256, False), 1 << 64), (IntType(128, True), -1)],
)
def test_other_values_than_bits_are_refused(data_type, value):
    column = column_from_values(data_type, [0, 1, value])
    for columns in ([column], [column, column_from_values(UINT8, [0, 1, 2])]):
        with pytest.raises(ValueExecutionError, match=f"bit from 0 to 1, got {value}") as caught:
            run(SUMBIN, columns, [0, 0, 0], 1)
        assert caught.value.code == NN_NOT_BINARY


@pytest.mark.parametrize(
    ("data_type", "place"), [(IntType(16, False), 256), (IntType(8, True), -1)]
)
def test_places_outside_the_word_are_refused(data_type, place):
    columns = [column_from_values(UINT8, [0]), column_from_values(data_type, [place])]
    with pytest.raises(ValueExecutionError, match="place from 0 to 255") as caught:
        run(SUMBIN, columns, [0], 1)
    assert caught.value.code == NN_PLACE_OUTSIDE_WORD
    assert "group by" in caught.value.hint


def test_the_name_is_read_in_any_case():
    assert SUMBIN.is_case_insensitive
    assert not LOOKUP.is_case_insensitive
    assert not WITH_OVERFLOW.is_case_insensitive


ALL_INTEGERS = st.sampled_from(
    [BoolType(), *(IntType(b, s) for b in (8, 16, 32, 64, 128, 256) for s in (False, True))]
)


def in_type(data_type: DataType, number: int) -> int:
    """Return a number modulo 2**bits as a type shows it."""
    bits = 8 if isinstance(data_type, BoolType) else data_type.bits
    number %= 1 << bits
    is_negative = isinstance(data_type, IntType) and data_type.is_signed and number >> (bits - 1)
    return number - (1 << bits) if is_negative else number


@given(grouped_rows(st.tuples(ALL_INTEGERS), bits_of, max_rows=60))
def test_with_overflow_the_last_bits_stay(case):
    columns, groups, cuts = case
    words = [0] * MAX_GROUPS
    for bit, group in zip(columns[0].to_pylist(), groups, strict=True):
        words[group] = words[group] << 1 | int(bit)
    found = run(WITH_OVERFLOW, columns, groups, MAX_GROUPS, cuts)
    assert found.to_pylist() == [in_type(columns[0].type, word) for word in words]


@given(grouped_rows(st.tuples(ALL_INTEGERS), max_rows=40))
def test_smartlite_sums_narrow_values_and_shifts_wide_ones_in(case):
    columns, groups, cuts = case
    data_type = columns[0].type
    is_sum = isinstance(data_type, BoolType) or data_type.bits <= 64
    words = [0] * MAX_GROUPS
    for value, group in zip(columns[0].to_pylist(), groups, strict=True):
        if is_sum:
            words[group] += int(value)
        else:
            words[group] = words[group] << 1 | value % (1 << data_type.bits)
    found = run(SUMBIN_SMARTLITE, columns, groups, MAX_GROUPS, cuts)
    assert found.to_pylist() == [in_type(data_type, word) for word in words]


def test_the_vectors_of_the_published_code():
    wide = IntType(256, False)
    for values, expected in (([1, 0, 1, 1], 11), ([1, 1, 0, 1], 13)):
        column = column_from_values(wide, values)
        assert run(SUMBIN_SMARTLITE, [column], [0] * 4, 1).to_pylist() == [expected]
    assert run(
        SUMBIN_SMARTLITE, [column_from_values(UINT8, [1, 0, 1, 1])], [0] * 4, 1
    ).to_pylist() == [3]
    ones = NumericColumn(UINT8, np.ones(256, np.uint8))
    assert run(SUMBIN_SMARTLITE, [ones], [0] * 256, 1).to_pylist() == [0]


@pytest.fixture(scope="module")
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE b (part UInt8, place UInt8, bit UInt8, wide UInt256)")
        opened.execute(
            "INSERT INTO b SELECT number DIV 2, 3 - number, number != 1, number != 1 FROM numbers(4)"
        )
        yield opened


SMARTLITE = "SETTINGS sumbin_compatibility = 'smartlite'"


@pytest.mark.parametrize(
    ("call", "settings", "expected"),
    [
        ("sumbin(bit)", "", (11, "UInt256")),
        ("SUMBIN(bit, place)", "", (11, "UInt256")),
        ("sumbinWithOverflow(bit)", "", (11, "UInt8")),
        ("sumbinWithOverflow(bit, place)", "", (11, "UInt8")),
        ("sumbin(bit)", SMARTLITE, (3, "UInt8")),
        ("sumbin(wide)", SMARTLITE, (11, "UInt256")),
        ("sumbinWithOverflow(bit)", SMARTLITE, (3, "UInt8")),
        ("sumbin(bit, place)", SMARTLITE, (11, "UInt256")),
        ("sumbinWithOverflow(bit, place)", SMARTLITE, (11, "UInt8")),
        ("sumbinIf(bit, place != 2)", "", (7, "UInt256")),
        ("sumbinIf(bit, place, part = 1)", "", (3, "UInt256")),
        ("sumbinIf(bit, place != 2)", SMARTLITE, (3, "UInt8")),
        ("sumbin(if(place = 2, NULL, bit))", "", (7, "Nullable(UInt256)")),
        ("sumbin(if(place = 3, NULL, bit), place)", "", (3, "Nullable(UInt256)")),
        ("sumbinOrNull(bit)", SMARTLITE, (3, "Nullable(UInt8)")),
        ("arrayReduce('sumbin', groupArray(bit))", "", (11, "UInt256")),
    ],
)
def test_in_sql(connection, call, settings, expected):
    sql = f"SELECT {call} AS x, toTypeName(x) FROM b {settings}"
    assert connection.execute(sql).rows() == [expected]


MERGED = "SELECT {name}Merge(s) FROM (SELECT {name}State({args}) AS s FROM b GROUP BY part ORDER BY part)"


@pytest.mark.parametrize(
    ("name", "args", "settings", "expected"),
    [
        ("sumbin", "bit", "", 11),
        ("sumbin", "bit, place", "", 11),
        ("sumbinWithOverflow", "bit", "", 11),
        ("sumbinWithOverflow", "bit, place", "", 11),
        # The published code shifts by 1 however many rows a state holds.
        ("sumbin", "wide", SMARTLITE, 7),
        ("sumbin", "bit", SMARTLITE, 3),
    ],
)
def test_states_are_merged(connection, name, args, settings, expected):
    sql = MERGED.format(name=name, args=args)
    assert connection.execute(f"{sql} {settings}").scalar() == expected


def test_states_of_one_meaning_are_not_those_of_the_other(connection):
    connection.execute(
        f"CREATE TABLE s ENGINE = Memory AS SELECT sumbinState(bit) AS s FROM b {SMARTLITE}"
    )
    assert connection.execute("SELECT sumbinSmartliteMerge(s) FROM s").scalar() == 3
    with pytest.raises(minidb.Error, match="takes states of sumbin, not"):
        connection.execute("SELECT sumbinMerge(s) FROM s")


@given(st.data(), st.sampled_from([SUMBIN, WITH_OVERFLOW]))
def test_merged_states_are_the_whole(data, function):
    columns, groups, _ = data.draw(grouped_rows(st.tuples(ALL_INTEGERS), bits_of, max_rows=60))
    split = data.draw(st.integers(0, len(groups)))
    result = (
        function.result
        if isinstance(function.result, DataType)
        else function.result([Argument(columns[0].type)])
    )
    call = AggregateCall((columns[0].type,), result, (), Settings({}))
    codes = np.array(groups, np.intp)
    whole, merged = function.make(call), function.make(call)
    whole.update(columns, codes, MAX_GROUPS)
    states = []
    for rows in (slice(0, split), slice(split, len(groups))):
        part = function.make(call)
        part.update(
            [column.slice(rows.start, rows.stop) for column in columns], codes[rows], MAX_GROUPS
        )
        states.append(part.save(MAX_GROUPS))
        assert states[-1].type == part.state_type
    both = concat_columns(states[0].type, states)
    merged.merge(both, np.tile(np.arange(MAX_GROUPS), 2), MAX_GROUPS)
    assert merged.finish(MAX_GROUPS).to_pylist() == whole.finish(MAX_GROUPS).to_pylist()


def test_places_past_a_narrow_word_are_refused(connection):
    with pytest.raises(minidb.Error, match="place from 0 to 7, got 8") as caught:
        connection.execute("SELECT sumbinWithOverflow(bit, place + 8 - 3) FROM b WHERE place = 3")
    assert caught.value.code == NN_PLACE_OUTSIDE_WORD
    assert caught.value.span is not None
