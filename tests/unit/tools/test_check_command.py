"""The command: its parts, its table, its exit code."""

from pathlib import Path

import pytest

from tools.check import __main__ as command
from tools.check.command import python_check
from tools.check.model import Check, Outcome
from tools.check.report import Row, details, summary


def check(name: str, outcome: Outcome) -> Check:
    return Check(name, "a test", lambda root: outcome)


GOOD = check("good", Outcome())
WARNED = check("warned", Outcome(warned=("getting long",)))
BAD = check("bad", Outcome(refused=("too long",)))


def test_a_program_that_succeeds_says_nothing(tmp_path: Path) -> None:
    assert python_check("-c", "print('all is well')")(tmp_path) == Outcome()


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    code = "import sys; print('line 1'); print(); print('line 2', file=sys.stderr); sys.exit(3)"
    assert sorted(python_check("-c", code)(tmp_path).refused) == ["line 1", "line 2"]


def test_a_program_that_fails_in_silence_is_refused(tmp_path: Path) -> None:
    outcome = python_check("-c", "import sys; sys.exit(3)")(tmp_path)
    assert outcome.refused == ("exit code 3, without a word",)


def test_the_table_has_one_row_per_check() -> None:
    rows = [Row(made, made.run(Path()), 0.25) for made in (GOOD, WARNED, BAD)]
    assert summary(rows).splitlines() == [
        "check   looks at  verdict  seconds",
        "good    a test    ok       0.2",
        "warned  a test    warned   0.2",
        "bad     a test    REFUSED  0.2",
    ]
    assert [details(row) for row in rows] == [
        "",
        "warned:\n  (warning) getting long",
        "bad:\n  too long",
    ]


@pytest.mark.parametrize(
    ("checks", "code"), [((GOOD,), 0), ((GOOD, WARNED), 0), ((GOOD, BAD), 1), ((BAD, GOOD), 1)]
)
def test_only_a_refusal_fails(
    checks: tuple[Check, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "CHECKS", checks)
    assert command.main([]) == code


def test_only_runs_what_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "CHECKS", (GOOD, BAD))
    assert command.main(["--only", "good"]) == 0
    assert "bad" not in capsys.readouterr().out


def test_an_unknown_check_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main(["--only", "none"])
    assert stop.value.code == 2
    assert "none" in capsys.readouterr().err
