"""Statements that users of all sorts wrote, each as ClickHouse answers it.

Each line of a file is a statement, which sees what those before it did.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engines import Engines

HERE = Path(__file__).parent
NAMES = [
    "stars_and_quantifiers",
    "trial_sales",
    "trial_expressions",
    "trial_names",
    "trial_combined",
    "trial_student",
    "trial_researcher",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_statement_answers_as_clickhouse(name: str) -> None:
    script = (HERE / f"{name}.sql").read_text().splitlines()
    with Engines() as engines:
        found = [engines.difference(sql) for sql in script]
    assert not "\n".join(filter(None, found))
