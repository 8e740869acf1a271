"""Table definitions and their JSON form."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.errors import CORRUPTED_DATA, StorageError
from minidb.storage.definition import ColumnDef, TableDef, table_from_json, table_to_json
from minidb.types import IntType, StringType
from tests.strategies.columns import EVERY_TYPE, data_types

names = st.text(min_size=1, max_size=10)
column_defs = st.builds(ColumnDef, names, data_types(), st.none() | st.text(max_size=10))
table_defs = st.builds(
    TableDef,
    names,
    names,
    st.lists(column_defs, max_size=4).map(tuple),
    st.sampled_from(["Memory", "MergeTree"]),
    st.lists(names, max_size=2).map(tuple),
    st.lists(names, max_size=2).map(tuple),
)


@given(table_defs)
def test_a_definition_comes_back_from_json(definition):
    text = json.dumps(table_to_json(definition))
    assert table_from_json(json.loads(text)) == definition


def test_every_type_comes_back_by_its_name():
    columns = tuple(ColumnDef(f"c{i}", data_type) for i, data_type in enumerate(EVERY_TYPE))
    definition = TableDef("default", "t", columns)
    assert table_from_json(table_to_json(definition)) == definition


def test_names_and_types_are_listed_in_order():
    definition = TableDef(
        "d", "t", (ColumnDef("b", StringType()), ColumnDef("a", IntType(8, True)))
    )
    assert definition.key == ("d", "t")
    assert definition.column_names == ("b", "a")
    assert definition.column_types == (StringType(), IntType(8, True))
    assert definition.is_stored
    assert not TableDef("d", "t", (), "Memory").is_stored


WHOLE = table_to_json(TableDef("d", "t", (ColumnDef("a", StringType()),)))


@pytest.mark.parametrize(
    "change",
    [
        {"name": 5},
        {"database": None},
        {"columns": [["a", "NoSuchType", None]]},
        {"columns": [["a", "String"]]},
        {"columns": [["a", "String", 7]]},
        {"columns": 3},
        {"order_by": [1]},
        {"engine": []},
    ],
)
def test_another_shape_is_damage(change):
    with pytest.raises(StorageError) as caught:
        table_from_json(WHOLE | change)
    assert caught.value.code == CORRUPTED_DATA


def test_a_missing_key_is_damage():
    with pytest.raises(StorageError, match="no table definition"):
        table_from_json({"name": "t"})
