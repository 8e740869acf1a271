"""The made pages of the documentation hold what the code prints today."""

from __future__ import annotations

import pytest

from tools.docs.__main__ import DOCS, pages
from tools.docs.examples import refreshed

MADE = {path.relative_to(DOCS.parent).as_posix(): (path, text) for path, text in pages()}


@pytest.mark.parametrize("name", sorted(MADE))
def test_page_is_up_to_date(name):
    path, expected = MADE[name]
    assert path.read_text(encoding="utf-8") == expected, "run python -m tools.docs"


def test_an_example_is_run_and_its_times_are_blotted_out():
    page = "```sql\nEXPLAIN ANALYZE SELECT 1 + 1\n```\n\n```text\nold\n```\n"
    shown = refreshed(page)
    assert "old" not in shown
    assert "own time … ms" in shown


def test_an_error_in_an_example_is_shown_as_its_report():
    page = "```sql\nSELECT nope\n```\n\n```text\n```\n"
    assert "error 47 UNKNOWN_IDENTIFIER" in refreshed(page)
