"""Reports of syntax errors, whole, against tests/golden/syntax_errors.txt.

To renew the file after a change of wording: ``python -m tests.unit.sql.test_syntax_errors``; then
read the difference line by line.
"""

from pathlib import Path

import pytest

from minidb.errors import MiniDBError
from minidb.sql.parser import parse_statement

GOLDEN = Path(__file__).parents[2] / "golden" / "syntax_errors.txt"


def cases() -> list[tuple[str, str]]:
    blocks = GOLDEN.read_text(encoding="utf-8").split("\n\n")
    pairs = [block.strip("\n").split("\n=>\n") for block in blocks if "\n=>\n" in block]
    return [(text, report) for text, report in pairs]


def report_of(text: str) -> str:
    try:
        parse_statement(text)
    except MiniDBError as error:
        error.sql = text
        return error.report()
    return "parses"


@pytest.mark.parametrize(("text", "report"), cases(), ids=[text for text, _ in cases()])
def test_report_is_the_blessed_one(text, report):
    assert report_of(text) == report


def test_at_most_five_things_are_expected():
    lists = [report.split(", found")[0] for _, report in cases() if ": expected " in report]
    assert all(len(listed.split(", ")) + listed.count(" or ") <= 5 for listed in lists)


if __name__ == "__main__":
    blocks = [f"{text}\n=>\n{report_of(text)}\n" for text, _ in cases()]
    GOLDEN.write_text("\n".join(blocks), encoding="utf-8")
