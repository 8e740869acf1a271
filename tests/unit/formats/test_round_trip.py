"""What a format writes it reads back, for columns of every type."""

import math
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minidb.columns import Batch, column_from_values
from minidb.errors import ValueExecutionError
from minidb.formats.format import Table, Target
from minidb.formats.registry import find_format
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


def test_tuples_take_several_fields_of_csv():
    data_type = parse_type("Tuple(UInt8, Tuple(String, Nullable(Int8)))")
    batch = Batch((column_from_values(data_type, [(1, ("a,b", None)), (2, ("", -3))]),), 2)
    assert written("CSV", batch)[0] == b'1,"a,b",\\N\n2,"",-3\n'
    assert same_values(read_back("CSV", batch)[0], batch.columns[0])


def test_nan_and_infinity_become_null_in_json():
    batch = Batch((column_from_values(FloatType(64), [math.nan, math.inf, 1.5]),), 3)
    assert read_back("JSONEachRow", batch)[0].to_pylist() == [0.0, 0.0, 1.5]


@pytest.mark.parametrize("name", ["TSV", "CSV", "JSONEachRow"])
@settings(max_examples=60)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_by_a_documented_error(name, raw):
    chosen = find_format(name)
    target = Target(("a", "b"), (StringType(), parse_type("Nullable(Int8)")))
    for work in (lambda: chosen.read(raw, target), lambda: chosen.infer(raw)):
        with suppress(ValueExecutionError):
            work()
