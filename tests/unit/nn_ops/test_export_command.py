"""The subcommand ``export``."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import pytest

import minidb
from minidb.errors import ExtensionError
from nn_ops.errors import NN_FILE_UNREADABLE, NN_UNKNOWN_MODEL
from nn_ops.export_command import COMMAND, table_prefix
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.register import NeuralOperators
from nn_ops.sqlgen.clickhouse import export_clickhouse
from nn_ops.sqlgen.duckdb import export_duckdb

DIGITS = Path(__file__).parents[3] / "nn_ops/data/digits.safetensors"


def run(*arguments, db=":memory:"):
    parser = ArgumentParser()
    parser.add_argument("--db", default=str(db))
    COMMAND.add_arguments(parser)
    args = parser.parse_args(list(map(str, arguments)))
    return COMMAND.run(args, lambda path: minidb.connect(path, extensions=[NeuralOperators()]))


def test_the_files_are_written_and_named(tmp_path, capsys):
    assert run("digits", "--to", "clickhouse", tmp_path / "out") == 0
    named = capsys.readouterr().out.split()
    found = sorted(str(path) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert sorted(named) == found
    assert "CREATE FUNCTION" in (tmp_path / "out" / "prelude.sql").read_text()


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(ExtensionError) as caught:
        run("digit", "--to", "clickhouse", tmp_path)
    assert caught.value.code == NN_UNKNOWN_MODEL
    assert "digits" in caught.value.hint


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExtensionError) as caught:
        run("digits", "--to", "clickhouse", tmp_path / "file")
    assert caught.value.code == NN_FILE_UNREADABLE


@pytest.mark.parametrize(
    ("name", "prefix"), [("digits", "digits"), ("my net.2", "my_net_2"), ("3x3", "m3x3")]
)
def test_a_name_becomes_the_beginning_of_tables_names(name, prefix):
    assert table_prefix(name) == prefix


def test_a_model_of_the_database_is_given_back_byte_for_byte(tmp_path, capsys):
    db, target = tmp_path / "db", tmp_path / "out.safetensors"
    with minidb.connect(str(db), extensions=[NeuralOperators()]) as connection:
        connection.execute("CREATE MODEL mine FROM ?", [str(DIGITS)])
    assert run("mine", "--to", target, db=db) == 0
    assert capsys.readouterr().out.split() == [str(target)]
    assert target.read_bytes() == DIGITS.read_bytes()
    with pytest.raises(ExtensionError) as caught:
        run("mind", "--to", target, db=db)
    assert caught.value.code == NN_UNKNOWN_MODEL
    assert "mine" in caught.value.hint
    with pytest.raises(ExtensionError) as caught:
        run("mine", "--to", tmp_path / "no" / "x.safetensors", db=db)
    assert caught.value.code == NN_FILE_UNREADABLE


@pytest.mark.parametrize("target", [("abacus", "folder"), ("clickhouse",), ("a", "b", "c")])
def test_a_target_that_is_none_is_refused(target, capsys):
    assert run("digits", "--to", *target) == 2
    assert "--to takes FILE.safetensors or clickhouse DIR" in capsys.readouterr().err


@pytest.mark.parametrize(("greatest", "clickhouse", "duckdb"), [(255, 8, "UT"), (256, 16, "US")])
def test_the_table_of_images_holds_the_greatest_pixel(tmp_path, greatest, clickhouse, duckdb):
    program = replace(lower(load_shipped_model()), max_pixel=greatest)
    export_clickhouse(program, "net", tmp_path)
    assert f"pixels Array(UInt{clickhouse})" in (tmp_path / "tables.sql").read_text()
    export_duckdb(program, "net", tmp_path)
    assert f"pixels {duckdb}" in (tmp_path / "tables.sql").read_text()
