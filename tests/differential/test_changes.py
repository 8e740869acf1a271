"""One script of tables, rows, defaults, conversions, deletes and SQL functions, on both engines.

Each line of the file is a statement, which sees what those before it did.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.engines import Engines

SCRIPT = (Path(__file__).parent / "changes.sql").read_text().splitlines()


def test_every_statement_of_the_script_answers_as_clickhouse() -> None:
    with Engines() as engines:
        found = [engines.difference(sql, is_ordered=True) for sql in SCRIPT]
    assert not "\n".join(filter(None, found))
