"""Subcommands: found by entry points, loaded when named."""

import sys
import types

import pytest

from minidb.cli import commands
from minidb.cli.main import main
from minidb.installed import InstalledPoint


class Echo:
    help = "say what it was given"

    def add_arguments(self, parser):
        parser.add_argument("word")

    def run(self, args, connect):
        connection = connect(args.db)
        rows = connection.execute("SELECT ?", (args.word,)).rows()
        connection.close()
        sys.stdout.write(f"{args.db} {rows}\n")
        return 7


class Silent:
    """A command whose run returns nothing."""

    help = "say nothing"

    def add_arguments(self, parser):
        pass

    def run(self, args, connect):
        pass


@pytest.fixture
def echo(monkeypatch):
    module = types.ModuleType("echo_command")
    module.COMMAND = Echo()
    monkeypatch.setitem(sys.modules, "echo_command", module)
    entries = [
        InstalledPoint("echo", "echo_command:COMMAND"),
        InstalledPoint("broken", "no_such_module_at_all:COMMAND"),
    ]
    monkeypatch.setattr(commands, "entry_points", lambda group: entries)


@pytest.mark.usefixtures("echo")
def test_a_command_gets_its_arguments_and_the_database(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "echo").mkdir()
    assert main(["echo", "hello"]) == 7
    assert main(["echo", "x", "--db", "data"]) == 7
    assert capsys.readouterr().out == ":memory: [('hello',)]\ndata [('x',)]\n"


@pytest.mark.usefixtures("echo")
def test_a_path_with_a_slash_is_never_a_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["./echo", "-c", "SELECT 1"]) == 0
    assert capsys.readouterr().out == "1\n"


@pytest.mark.usefixtures("echo")
def test_help_lists_the_commands_without_loading_them(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "broken, echo" in out
    assert "formats: Arrow, " in out


@pytest.mark.usefixtures("echo")
def test_a_command_that_cannot_be_loaded(capsys):
    assert main(["broken"]) == 2
    assert "command 'broken' cannot be loaded" in capsys.readouterr().err


@pytest.mark.usefixtures("echo")
def test_wrong_arguments_of_a_command(capsys):
    assert main(["echo"]) == 2
    assert "usage: minidb echo" in capsys.readouterr().err


def test_a_command_is_an_object_that_runs(capsys, monkeypatch):
    module = types.ModuleType("wrong_commands")
    module.CLASS, module.SILENT = Echo, Silent()
    monkeypatch.setitem(sys.modules, "wrong_commands", module)
    entries = [
        InstalledPoint("class", "wrong_commands:CLASS"),
        InstalledPoint("silent", "wrong_commands:SILENT"),
    ]
    monkeypatch.setattr(commands, "entry_points", lambda group: entries)
    assert main(["class"]) == 2
    assert "is no object with a method `run`" in capsys.readouterr().err
    assert main(["silent"]) == 0
