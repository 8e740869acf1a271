import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.cli.statements import is_complete, split_script


def texts(script):
    return [statement.text.strip() for statement in split_script(script)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("", []),
        (" ; ;\n", []),
        ("-- nothing; here\n/* nor ; here */ # or ; here\n", []),
        ("a; b", ["a", "b"]),
        ("a;b;", ["a", "b"]),
        ("SELECT ';', \"x;y\", `z;`; b", ["SELECT ';', \"x;y\", `z;`", "b"]),
        (r"SELECT 'it''s;', 'a\';b'; c", [r"SELECT 'it''s;', 'a\';b'", "c"]),
        ("a -- x;y\n; b /* ; */", ["a -- x;y", "b /* ; */"]),
        ("SELECT 'open; b", ["SELECT 'open; b"]),
        ("a /* open; b", ["a /* open; b"]),
        ("a #!x;\n;b", ["a #!x;", "b"]),
    ],
)
def test_scripts_are_cut_at_semicolons(script, expected):
    assert texts(script) == expected


def test_statements_know_their_place_and_end():
    first, second, third = split_script("a;\n b\\G c")
    assert [(s.start, s.is_ended, s.is_vertical) for s in (first, second, third)] == [
        *((0, True, False), (2, True, True), (7, False, False))
    ]


@given(st.text(alphabet="ab;'\"`\\-/*# \nG"))
def test_no_text_is_lost(script):
    for statement in split_script(script):
        assert script[statement.start :].startswith(statement.text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("", True), ("  ", True), (".help", True), ("\\q", True), ("SELECT 1;", True)),
        *(("SELECT 1", False), ("SELECT ';", False), ("SELECT 1\\G", True), ("a; b", False)),
        *(("SELECT 1 -- ;", False), ("/* ; ", False), ("-- only a comment", True)),
        *(("exit", True), ("Quit", True), ("help", True), ("exits", False)),
    ],
)
def test_what_waits_for_its_end(text, expected):
    assert is_complete(text) is expected
