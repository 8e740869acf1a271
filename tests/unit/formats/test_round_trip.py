"""What a format writes it reads back, for columns of every type."""

import datetime
import io
import math
from contextlib import suppress
from decimal import Decimal
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minidb.columns import Batch, column_from_values
from minidb.errors import MiniDBError, ValueExecutionError
from minidb.formats.format import Table, Target
from minidb.formats.registry import all_formats, find_format
from minidb.types import FloatType, StringType
from minidb.types.names import parse_type
from tests.strategies.columns import batches, same_values


def written(name, batch):
    names = tuple(f"c{i}" for i in range(len(batch.columns)))
    types = tuple(column.type for column in batch.columns)
    table = Table(names, types, [batch])
    return b"".join(find_format(name).write(table)), Target(names, types)


def read_back(name, batch):
    text, target = written(name, batch)
    return find_format(name).read(text, target)


def holds_nan_or_infinity(value):
    match value:
        case float():
            return not math.isfinite(value)
        case list() | tuple():
            return any(map(holds_nan_or_infinity, value))
        case _:
            return False


@pytest.mark.parametrize("name", ["TSV", "TSVWithNames", "CSV", "CSVWithNames"])
@settings(max_examples=40)
@given(batch=batches())
def test_every_type_comes_back(name, batch):
    if name.startswith("CSV"):
        assume(not any(column.type.name.startswith("Tuple") for column in batch.columns))
    back = read_back(name, batch)
    assert all(same_values(a, b) for a, b in zip(batch.columns, back, strict=True))


@settings(max_examples=40)
@given(batch=batches())
def test_every_type_comes_back_from_json(batch):
    values = [value for column in batch.columns for value in column.to_pylist()]
    assume(not any(map(holds_nan_or_infinity, values)))
    back = read_back("JSONEachRow", batch)
    assert all(same_values(a, b) for a, b in zip(batch.columns, back, strict=True))


def test_a_map_keeps_keys_that_json_repeats():
    data_type = parse_type("Map(String, UInt8)")
    target = Target(("m",), (data_type,))
    (column,) = find_format("JSONEachRow").read(b'{"m":{"a":1,"a":2,"b":null}} {"m":{}}', target)
    batch = Batch((column,), 2)
    table = Table(("m",), (data_type,), [batch])
    assert b"".join(find_format("TSV").write(table)) == b"{'a':1,'a':2,'b':0}\n{}\n"
    with pytest.raises(ValueExecutionError, match="as Map"):
        find_format("JSONEachRow").read(b'{"m":[1]}', target)


def test_tuples_take_several_fields_of_csv():
    data_type = parse_type("Tuple(UInt8, Tuple(String, Nullable(Int8)))")
    batch = Batch((column_from_values(data_type, [(1, ("a,b", None)), (2, ("", -3))]),), 2)
    assert written("CSV", batch)[0] == b'1,"a,b",\\N\n2,"",-3\n'
    assert same_values(read_back("CSV", batch)[0], batch.columns[0])


def test_nan_and_infinity_become_null_in_json():
    batch = Batch((column_from_values(FloatType(64), [math.nan, math.inf, 1.5]),), 3)
    assert read_back("JSONEachRow", batch)[0].to_pylist() == [0.0, 0.0, 1.5]


READABLE = [item.name for item in all_formats() if item.read is not None]
BINARY = ["RowBinary", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes", "Native"]


@pytest.mark.parametrize("name", [*BINARY, "Values", "TSVWithNamesAndTypes"])
@settings(max_examples=12)
@given(batch=batches())
def test_every_type_comes_back_from_bytes(name, batch):
    assume(batch.n_rows or name not in {"RowBinary", "RowBinaryWithNames"})
    back = read_back(name, batch)
    assert all(same_values(a, b) for a, b in zip(batch.columns, back, strict=True))


EVERYTHING = [
    ("Int8", [-1, 5, 7]),
    ("UInt64", [0, 1 << 63, 3]),
    ("Int256", [-1, 1 << 200, 0]),
    ("Float32", [0.5, -0.0, 1e10]),
    ("Nullable(Float64)", [None, 0.1, -1e-300]),
    ("String", ["", "a\tb\n'\"\\\0", "日本"]),
    ("Nullable(String)", ["x", None, ""]),
    ("FixedString(3)", ["abc", "a\0\0", "\0\0\0"]),
    ("Bool", [True, False, True]),
    ("Decimal(9, 2)", [Decimal("1.50"), Decimal("-3.25"), Decimal(0)]),
    ("Nullable(Decimal(40, 3))", [Decimal("1.5"), None, Decimal("-7.125")]),
    ("Date", [datetime.date(2020, 1, 2), datetime.date(1970, 1, 1), datetime.date(2149, 6, 6)]),
    ("DateTime", [datetime.datetime(2020, 1, 2, 3, 4, 5)] * 3),
    ("Bits(70)", ["01" * 35, "1" * 70, "0" * 70]),
    ("Array(Nullable(Int16))", [[1, None], [], [3]]),
    ("Array(Array(String))", [[["a", "b"], []], [], [["'"]]]),
    ("Tuple(a UInt8, b String)", [(1, "x"), (2, ""), (3, "y,)")]),
    ("Array(Tuple(UInt8, Nullable(String)))", [[(1, None)], [], [(2, "z")]]),
]


def everything():
    columns = [column_from_values(parse_type(name), values) for name, values in EVERYTHING]
    return Batch(tuple(columns), 3)


@pytest.mark.parametrize("name", sorted(set(READABLE) - {"CSVWithNamesAndTypes", "RawBLOB"}))
def test_a_table_of_every_type_comes_back(name):
    if name in {"LineAsString", "Npy"} or "Raw" in name or name.startswith("CSV"):
        pytest.skip("holds one column, has no escapes, or spreads tuples over several fields")
    batch = everything()
    back = read_back(name, batch)
    assert [c.to_pylist() for c in back] == [c.to_pylist() for c in batch.columns]


@pytest.mark.parametrize(
    "name", ["Arrow", "Parquet", "Native", "RowBinaryWithNamesAndTypes", "JSON"]
)
def test_names_and_types_are_found(name):
    batch = everything()
    text, target = written(name, batch)
    found = find_format(name).infer(text)
    assert found.names == target.names
    if name not in {"Arrow", "Parquet"}:
        assert found.types == target.types


@pytest.mark.parametrize(
    "values", [[1, 2], [0.5, math.nan], ["a", "xyz"], [[[1], [2]], [[3], [4]]]]
)
def test_numpy_reads_what_npy_writes(values):
    kinds = {int: "Int16", float: "Float32", str: "String", list: "Array(Array(UInt64))"}
    batch = Batch((column_from_values(parse_type(kinds[type(values[0])]), values),), 2)
    text, target = written("Npy", batch)
    array = np.load(io.BytesIO(text))
    shown = array.astype("U") if isinstance(values[0], str) else array
    assert np.array_equal(shown, np.array(values), equal_nan=isinstance(values[0], float))
    assert same_values(find_format("Npy").read(text, target)[0], batch.columns[0])


DAMAGED = sorted(set(READABLE) - {"LineAsString", "RawBLOB", "Npy"})


@pytest.mark.parametrize("name", DAMAGED)
def test_cut_or_flipped_bytes_never_leak_an_error(name):
    text, target = written(name, everything())
    chosen, random = find_format(name), Random(1)
    for _ in range(25):
        at = random.randrange(len(text))
        flipped = text[at] ^ (1 << random.randrange(8))
        for damaged in (text[:at], text[:at] + bytes([flipped]) + text[at + 1 :]):
            with suppress(MiniDBError):
                chosen.read(damaged, target)
            with suppress(MiniDBError):
                if chosen.infer is not None:
                    chosen.infer(damaged)


@pytest.mark.parametrize("name", ["TSV", "CSV", "JSONEachRow", "RowBinary", "Native", "Values"])
@settings(max_examples=40)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_by_a_documented_error(name, raw):
    chosen = find_format(name)
    target = Target(("a", "b"), (StringType(), parse_type("Nullable(Int8)")))
    with suppress(ValueExecutionError):
        chosen.read(raw, target)
    if chosen.infer is not None:
        with suppress(ValueExecutionError):
            chosen.infer(raw)


@pytest.mark.parametrize(
    ("name", "raw", "place"),
    [
        ("RowBinary", b"\1a\0\1\5bc", "row 2, column 'a': the input ends inside a text (byte 4)"),
        ("RowBinary", b"\1a\7", "row 1, column 'b': the byte before a value says 7, neither"),
        ("Values", b"('a',1),\n('b' 2)", "line 2: expected 2 values in a row, with ','"),
        ("Values", b"('a',1),\n('b',x)", "line 2, column 'b': cannot read 'x' as Int8 (row 2"),
        ("CSV", b"a,1\nb,300\n", "line 2, column 'b': cannot read '300' as Int8 (row 2, byte 6)"),
        ("JSONCompactEachRow", b'["a",1]\n["b"]', "line 2, column '': expected 2 values, found 1"),
        (
            "JSONEachRow",
            b'{"b":1}\n{"b":"x"}',
            "line 2, column 'b': cannot read 'x' as Int8 (row 2",
        ),
    ],
)
def test_errors_name_row_column_and_byte(name, raw, place):
    target = Target(("a", "b"), (StringType(), parse_type("Nullable(Int8)")))
    with pytest.raises(ValueExecutionError) as caught:
        find_format(name).read(raw, target)
    assert caught.value.message.startswith(place)
