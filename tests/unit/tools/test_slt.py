"""The runner of SQLLogicTest files, and the files of our own on both stores."""

from decimal import Decimal
from pathlib import Path

import pytest

from tools.slt.__main__ import main
from tools.slt.engines import ENGINES
from tools.slt.generate import make_file
from tools.slt.records import SltSyntaxError, parse_records
from tools.slt.run import Runner, files_below, run_file
from tools.slt.values import flat_values, hashed, shown

CORPUS = Path(__file__).parents[2] / "slt"
FILES = sorted(files_below([CORPUS]))


def outcome(text, names=("minidb", "mysql")):
    engine = ENGINES["minidb"]()
    try:
        return Runner(Path("x.slt"), engine, names).run(parse_records(text))
    finally:
        engine.close()


@pytest.mark.parametrize("engine", ["minidb", "minidb-folder"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_corpus_passes(path, engine):
    made = ENGINES[engine]()
    try:
        report = run_file(path, made, {"minidb", "mysql"})
    finally:
        made.close()
    assert not report.failures, "\n".join(map(str, report.failures[:5]))
    assert report.n_passed > 5


def test_drawn_files_are_the_same_for_the_same_seed():
    assert make_file("groupby", 3, 5) == make_file("groupby", 3, 5)
    assert make_file("groupby", 3, 5) != make_file("groupby", 4, 5)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "I", "NULL"), (7, "I", "7"), (7.9, "I", "7"), (-7.9, "I", "-7"), ("12x", "I", "12"),
        ("x", "I", "0"), (True, "I", "1"), (1, "R", "1.000"), (2.0005, "R", "2.001"),
        (Decimal("1.25"), "R", "1.250"), ("x", "R", "0.000"), ("", "T", "(empty)"),
        ("a\tb\u00e9", "T", "a@b@@"), (b"\xff", "T", "@"), (5, "T", "5"),
    ],
)  # fmt: skip
def test_values_print_as_the_format_wants(value, kind, text):
    assert shown(value, kind) == text


def test_sorting_and_hash():
    rows = [(2, "b"), (10, "a")]
    assert flat_values(rows, "IT", "nosort") == ["2", "b", "10", "a"]
    assert flat_values(rows, "IT", "rowsort") == ["10", "a", "2", "b"]
    assert flat_values(rows, "IT", "valuesort") == ["10", "2", "a", "b"]
    assert hashed(["1", "2"]) == "2 values hashing to 6ddb4095eb719e2a9f0a3f95677d24e0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("query I nosort\nSELECT 1\n----\n2\n", "expected 2"),
        ("query II nosort\nSELECT 1\n----\n1\n", "expected 2 columns, got 1"),
        ("query I nosort\nSELECT 1\n----\n1 values hashing to 0\n", "got 1 values hashing"),
        ("query I nosort\nSELECT nothing\n----\n1\n", "failed: error 47"),
        ("statement ok\nSELEC 1\n", "failed: error 62"),
        ("statement error\nSELECT 1\n", "expected an error"),
        ("statement error UNKNOWN_TABLE\nSELECT x\n", "expected an error with"),
    ],
)
def test_what_differs_is_a_failure(text, message):
    report = outcome(text)
    assert report.n_passed == 0
    assert report.failures[0].message.startswith(message)


def test_labels_have_to_agree():
    text = "query I nosort same\nSELECT 1\n----\n1\n\nquery I nosort same\nSELECT 2\n----\n2\n"
    assert "label same" in outcome(text).failures[0].message


def test_skips_are_counted_by_reason():
    text = (
        "skipif mysql\nstatement ok\nBAD\n\nonlyif sqlite\nstatement ok\nBAD\n\n"
        "onlyif mysql\nstatement ok\nSELECT 1\n\nonlyif sqlite\nhalt\n\n"
        "skipif sqlite\nskipif mysql\nquery I nosort\nBAD\n----\n1\n\nhalt\n\nstatement ok\nBAD\n"
    )
    report = outcome(text)
    assert report.n_passed == 1
    assert report.skipped == {"skipif mysql": 2, "onlyif sqlite": 1, "behind halt": 1}
    assert (
        report.line
        == "1 passed, 0 failed, 4 skipped (1 behind halt, 1 onlyif sqlite, 2 skipif mysql)"
    )


@pytest.mark.parametrize(
    "text", ["query X nosort\nSELECT 1\n", "query I sorted\nSELECT 1\n", "what\n"]
)
def test_text_in_another_format_is_refused(text):
    with pytest.raises(SltSyntaxError):
        parse_records(text)


def test_the_command_says_what_failed(tmp_path, capsys):
    (tmp_path / "good.slt").write_text("statement ok\nSELECT 1\n")
    assert main([str(tmp_path)]) == 0
    (tmp_path / "bad.test").write_text("statement ok\nSELEC 1\n")
    assert main([str(tmp_path), "--engine", "minidb"]) == 1
    out = capsys.readouterr().out
    assert "bad.test:1: failed" in out
    assert "total: 1 passed, 1 failed" in out
    assert main([str(tmp_path / "none")]) == 2
