"""The example of docs/extending.md, and what is said of extensions that are declared wrongly."""

import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import minidb
from minidb import database
from minidb.database import Database
from minidb.errors import MiniDBError
from minidb.installed import InstalledPoint

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def example(monkeypatch, tmp_path):
    """The page's first block as a module; the second is beside it."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for name, block in zip(("last_digit", "last_digit_used"), blocks[:2], strict=True):
        (tmp_path / f"{name}.py").write_text(block, "utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield import_module("last_digit")
    for name in ("last_digit", "last_digit_used"):
        sys.modules.pop(name, None)


@pytest.fixture
def declare(monkeypatch, example):
    example.NOTHING = object()

    def declare_as(value):
        entry = InstalledPoint("last_digit", value)
        monkeypatch.setattr(database, "entry_points", lambda group: [entry])

    return declare_as


@pytest.mark.usefixtures("example")
def test_the_example_runs_as_printed(capsys):
    import_module("last_digit_used")
    assert "1. │               4 │" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["toUInt256(5)", "-1", "true", "'5'"])
def test_the_example_refuses_what_it_cannot_take(example, value):
    refused = pytest.raises(minidb.ProgrammingError, match="must be an unsigned integer of at most")
    with minidb.connect(extensions=[example.EXTENSION]) as connection, refused:
        connection.execute(f"SELECT lastDigit({value})")


def test_an_installed_extension_is_in_every_database(declare):
    declare("last_digit:EXTENSION")
    with minidb.connect() as connection:
        assert connection.execute("SELECT lastDigit(17)").scalar() == 7


@pytest.mark.parametrize("value", ["last_digit:LastDigit", "last_digit:NOTHING"])
def test_an_entry_point_names_an_object_that_registers(declare, value):
    declare(value)
    with pytest.raises(MiniDBError, match="no object with a method `register`") as caught:
        Database.open()
    assert caught.value.code.name == "EXTENSION_CANNOT_BE_LOADED"
    assert caught.value.hint == "name an instance in the entry point, not its class"


def test_no_extension_leaves_the_built_ins():
    with minidb.connect(extensions=[]) as connection:
        assert connection.execute("SELECT 1").scalar() == 1
        with pytest.raises(minidb.ProgrammingError, match="no function 'lookup'"):
            connection.execute("SELECT lookup(1, 2)")
