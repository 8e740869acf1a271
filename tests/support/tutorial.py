"""Pages whose commands run one after another, in a folder of their own."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from minidb.cli.main import main
from minidb.installed import InstalledPoint

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"^```(?P<kind>bash|python)\n(?P<code>.*?)^```$(?:\n\n```text\n(?P<shown>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page, and what the page says that it prints."""

    kind: str
    code: str
    shown: str


def blocks_of(page: str) -> Iterator[Block]:
    for found in BLOCK.finditer(page):
        yield Block(found["kind"], found["code"], found["shown"] or "")


def declared_points(group: str) -> list[InstalledPoint]:
    """Return the entry points of this source tree, installed or not."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    points = declared["project"]["entry-points"][group]
    return [InstalledPoint(name, value) for name, value in points.items()]


def commands_of(code: str) -> Iterator[list[str]]:
    """Yield the commands of a block as a shell would split them."""
    lexer = shlex.shlex(code, posix=True, punctuation_chars="\n")
    lexer.whitespace, lexer.whitespace_split = " \t", True
    words: list[str] = []
    for token in lexer:
        if token.strip("\n"):
            words.append(token)
        elif words:
            yield words
            words = []
    if words:
        yield words


def run_block(block: Block, folder: Path) -> None:
    """Run one block in the working folder; any failure is an error."""
    if block.kind == "python":
        script = folder / "block.py"
        script.write_text(block.code, "utf-8")
        runpy.run_path(str(script))
        return
    for name, *arguments in commands_of(block.code):
        if name == "mkdir":
            os.mkdir(arguments[0])
        elif name == "cd":
            os.chdir(arguments[0])
        else:
            assert name == "minidb", name
            code = main(arguments)
            sys.stdout.flush()
            assert code == 0, (arguments, code)
