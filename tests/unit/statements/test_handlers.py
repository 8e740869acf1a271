"""Every statement finds its function, and a session imports no more than it needs."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature

import pytest

from minidb.execution import operators
from minidb.execution.operator import Operator
from minidb.statements import handlers

PLACES = sorted({*handlers.HANDLERS.values(), handlers.DROP_FUNCTION, handlers.INSERT_ROWS})
START = """
import sys, minidb
with minidb.connect() as connection:
    assert connection.execute("SELECT 1").rows() == [(1,)]
print(*sorted(sys.modules))
"""


@pytest.mark.parametrize("place", PLACES)
def test_a_handler_takes_what_was_read_and_a_context(place):
    assert list(signature(handlers.load_handler(place)).parameters)[-1] == "context"


@pytest.mark.parametrize("name", operators.__all__)
def test_an_operator_is_found_where_the_package_says(name):
    assert issubclass(getattr(operators, name), Operator)


def test_what_a_query_does_not_need_is_not_imported():
    run = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True)
    imported = run.stdout.split()
    assert "minidb.statements.query" in imported
    unneeded = {
        "importlib.metadata",
        "torch",
        "minidb.statements.insert",
        "minidb.statements.explain",
        "minidb.execution.operators.join",
        "minidb.formats.csv_output",
        "minidb.functions.builtin.dates",
    }
    assert unneeded.isdisjoint(imported)
