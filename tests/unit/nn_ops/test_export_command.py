"""The subcommand ``export``."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from minidb.errors import ExtensionError
from nn_ops.errors import NN_FILE_UNREADABLE, NN_UNKNOWN_MODEL
from nn_ops.export_command import COMMAND, table_prefix


def run(*arguments):
    parser = ArgumentParser()
    COMMAND.add_arguments(parser)
    return COMMAND.run(parser.parse_args(list(map(str, arguments))), lambda path: None)


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
