"""The nightly run: what passed, failed and was left out stands on its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check import nightly as module
from tools.check.nightly import PAGE, SEARCHES, Search, nightly

GOOD = Search("good", "finds nothing", ("-c", "print('no' 'ise'); print('7 passed')"))
BAD = Search(
    "bad", "finds something", ("-c", "print('w' 'hy'); print('1 failed'); raise SystemExit(1)")
)


@pytest.mark.parametrize(("only", "code"), [(["good"], 0), (["bad"], 1), ([], 1)])
def test_the_page_tells_what_was_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: list[str], code: int
) -> None:
    monkeypatch.setattr(module, "SEARCHES", (GOOD, BAD))
    (tmp_path / "docs").mkdir()
    assert nightly(tmp_path, only) == code
    page = (tmp_path / PAGE).read_text()
    assert ("## good: passed" in page) == ("bad" not in only)
    assert ("## bad: FAILED" in page) == ("good" not in only)
    assert ("Not part of this run" in page) == bool(only)
    assert "noise" not in page
    if "bad" not in only:
        assert "7 passed" in page
    else:
        assert "why\n1 failed" in page


def test_every_search_names_tests_that_are_there() -> None:
    root = Path(__file__).resolve().parents[3]
    named = [one for search in SEARCHES for one in search.arguments if one.startswith("tests/")]
    assert named
    assert all((root / one).exists() for one in named)


def test_every_nightly_test_belongs_to_a_search() -> None:
    root = Path(__file__).resolve().parents[3]
    named = [one for search in SEARCHES for one in search.arguments if one.startswith("tests/")]
    marked = {
        path.relative_to(root).as_posix()
        for path in (root / "tests").rglob("test_*.py")
        if "mark.nightly" in path.read_text(encoding="utf-8")
    } - {"tests/unit/tools/test_check_nightly.py"}
    # The search `mutants` is the command that this test runs.
    marked -= {"tests/unit/tools/test_mutate.py"}
    assert [one for one in sorted(marked) if not one.startswith(tuple(named))] == []
