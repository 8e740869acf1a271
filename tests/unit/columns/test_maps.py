"""Maps as columns: their text, their reading, and dicts in and out."""

from __future__ import annotations

import pytest

from minidb.columns import StringColumn, column_from_values
from minidb.columns.text import parse_text, render_text
from minidb.errors import MiniDBError
from minidb.types.names import parse_type

NESTED = parse_type("Map(String, Map(Int16, Array(String)))")


def test_maps_of_maps_are_read_back():
    values = [{}, {"a,b": {-1: ["it's", "}"], 2: []}, "{": {}}]
    column = column_from_values(NESTED, values)
    assert render_text(column).to_pylist()[1] == r"{'a,b':{-1:['it\'s','}'],2:[]},'{':{}}"
    again, ok = parse_text(render_text(column), NESTED)
    assert ok.all()
    assert again.to_pylist() == values


@pytest.mark.parametrize("text", ["", "{", "{'a'}", "{'a':1,}", "{'a':1:2}", "['a',1]", "{a:1}"])
def test_what_is_no_map_is_not_read(text):
    strings = StringColumn.from_bytes([text.encode()])
    assert parse_text(strings, parse_type("Map(String, UInt8)"))[1].tolist() == [False]


def test_keys_cannot_be_null():
    with pytest.raises(MiniDBError):
        parse_type("Map(Nullable(String), UInt8)")
