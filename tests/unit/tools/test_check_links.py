"""Dead links between documents are found; code and the network are left alone."""

from pathlib import Path

import pytest

from tools.check.links import anchors_of, check_links, links_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "words.md").write_text("# Words\n\n## A `batch`, and more\n\n## Words\n")
    return tmp_path


def refused(folder: Path, text: str) -> tuple[str, ...]:
    (folder / "README.md").write_text(text)
    return check_links(folder).refused


@pytest.mark.parametrize(
    "text",
    [
        "[words](docs/words.md)",
        "[batch](docs/words.md#a-batch-and-more)",
        "[again](docs/words.md#words-1)",
        "[folder](docs/)",
        "# Here\n[here](#here)",
        "[net](https://example.org/none)",
        "[mail](mailto:a@example.org)",
        "`[code](none.md)`",
        "```\n[code](none.md)\n```",
        '[titled](docs/words.md "the words")',
        "[ref]: docs/words.md",
    ],
)
def test_live_links_pass(folder: Path, text: str) -> None:
    assert refused(folder, text) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](none.md)", "README.md:1: no file 'none.md'"),
        ("\n[a](docs/words.md#none)", "README.md:2: no heading 'none' in words.md"),
        ("[a](#none)", "README.md:1: no heading 'none' in README.md"),
        ("[ref]: none.md", "README.md:1: no file 'none.md'"),
        ("![picture](none.png)", "README.md:1: no file 'none.png'"),
    ],
)
def test_dead_links_are_refused(folder: Path, text: str, problem: str) -> None:
    assert refused(folder, text) == (problem,)


def test_every_link_of_a_line_is_seen() -> None:
    assert list(links_of("[a](x.md) and [b](y.md)")) == [(1, "x.md"), (1, "y.md")]


def test_repeated_headings_are_numbered() -> None:
    assert anchors_of("# A\n## A\n### A b\n") == {"a", "a-1", "a-b"}
