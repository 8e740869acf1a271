"""Scripts of tables, views, rows, definitions and SQL functions, on both engines.

Each line of a file is a statement, which sees what those before it did.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engines import Engines

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", ["changes", "definitions"])
def test_every_statement_of_the_script_answers_as_clickhouse(name: str) -> None:
    script = (HERE / f"{name}.sql").read_text().splitlines()
    with Engines() as engines:
        found = [engines.difference(sql, is_ordered=True) for sql in script]
    assert not "\n".join(filter(None, found))
