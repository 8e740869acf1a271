"""The page of the original's mistakes names each of them, and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/paper_vs_code.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| B\d+ ", line)]


def test_every_mistake_has_a_row() -> None:
    numbers = sorted(int(re.findall(r"\d+", row)[0]) for row in ROWS)
    assert numbers == list(range(1, 36))


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", source, re.MULTILINE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2:5].strip())
def test_a_row_without_a_test_says_that_it_is_not_built(row: str) -> None:
    assert "`tests/" in row or ("not built yet" in row and "(part)" in row)
