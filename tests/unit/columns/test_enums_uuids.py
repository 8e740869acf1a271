"""Enums and UUIDs as columns: text, reading, Python values, and what is refused."""

from __future__ import annotations

import uuid

import pytest

from minidb.columns import StringColumn, column_from_values
from minidb.columns.order import SortKey, sort_permutation
from minidb.columns.text import parse_text, render_text
from minidb.errors import MiniDBError
from minidb.types import EnumType, UUIDType
from minidb.types.names import parse_type
from tests.strategies.columns import ENUM_TYPES

COLOURS = EnumType(8, (("red", -1), ("green", 2), ("blue", 7)))


def test_an_enum_reads_its_texts_and_its_numbers():
    strings = StringColumn.from_bytes([b"blue", b"red", b"2", b"3", b"", b"Red"])
    values, ok = parse_text(strings, COLOURS)
    assert ok.tolist() == [True, True, True, False, False, False]
    assert values.to_pylist()[:3] == ["blue", "red", "green"]


def test_an_enum_sorts_by_number():
    column = column_from_values(COLOURS, ["green", "blue", "red"])
    assert sort_permutation([SortKey(column)]).tolist() == [2, 0, 1]


@pytest.mark.parametrize("value", ["pink", 3, None, 1.5])
def test_what_is_no_element_is_refused(value):
    with pytest.raises(MiniDBError):
        column_from_values(COLOURS, [value])


@pytest.mark.parametrize("data_type", ENUM_TYPES)
def test_the_name_of_an_enum_reads_back(data_type):
    assert parse_type(data_type.name) == data_type


def test_an_enum_numbers_its_texts():
    assert parse_type("Enum('a', 'b' = 5, 'c')").name == "Enum8('a' = 1, 'b' = 5, 'c' = 6)"
    assert parse_type("Enum('a' = 200, 'b' = 1)").name == "Enum16('b' = 1, 'a' = 200)"


@pytest.mark.parametrize(
    "name", ["Enum8", "Enum8()", "Enum8('a' = 128)", "Enum('a', 'a')", "Enum('a' = 1, 'b' = 1)"]
)
def test_what_is_no_enum_is_refused(name):
    with pytest.raises(MiniDBError):
        parse_type(name)


def test_a_uuid_is_read_with_dashes_and_without():
    text = "61f0c404-5cb3-11e7-907b-a6006ad3dba0"
    written = [text, text.upper(), text.replace("-", ""), text[:-1], "{" + text + "}", ""]
    values, ok = parse_text(StringColumn.from_bytes(t.encode() for t in written), UUIDType())
    assert ok.tolist() == [True, True, True, False, False, False]
    assert values.to_pylist()[:3] == [uuid.UUID(text)] * 3
    assert render_text(values).to_pylist()[:3] == [text] * 3


def test_a_uuid_sorts_by_its_second_half():
    values = [uuid.UUID(int=(1 << 64) | 2), uuid.UUID(int=(2 << 64) | 1), uuid.UUID(int=2)]
    order = sort_permutation([SortKey(column_from_values(UUIDType(), values))])
    assert order.tolist() == [1, 2, 0]
