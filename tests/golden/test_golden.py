"""Plans and error reports, word for word; `pytest --bless` writes them anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from minidb.optimizer.rules import BUILTIN_RULES
from tests.golden.golden_file import answers, read_cases, write_cases

FILES = sorted(Path(__file__).parent.glob("*.golden"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_engine_says_what_the_file_says(path, request):
    cases = read_cases(path)
    found = answers(cases)
    if request.config.getoption("--bless"):
        write_cases(path, found)
        return
    for case, now in zip(cases, found, strict=True):
        assert now.text() == case.text(), f"{path.name}, line {case.line}"
    assert "\n\n".join(case.text() for case in cases) + "\n" == path.read_text(encoding="utf-8")


def test_every_rule_has_a_file_in_which_it_fires():
    by_name = {path.stem: path for path in FILES}
    for rule in BUILTIN_RULES:
        cases = read_cases(by_name[rule.name])
        assert sum(f"=> {rule.name}\n" in case.expected for case in cases) >= 3


def test_no_rule_changes_its_own_result():
    for path in FILES:
        assert not [case for case in read_cases(path) if " again\n" in case.expected]
