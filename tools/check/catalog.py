"""The list of all checks, in the order they run: the quick ones first."""

from __future__ import annotations

from tools.check.command import LINT_IMPORTS, python_check
from tools.check.links import check_links
from tools.check.model import Check
from tools.check.sizes import check_sizes
from tools.check.words import check_words

CHECKS: tuple[Check, ...] = (
    Check("format", "ruff format", python_check("-m", "ruff", "format", "--check", ".")),
    Check(
        "lint", "ruff check", python_check("-m", "ruff", "check", "--output-format=concise", ".")
    ),
    Check("sizes", "lines of files and functions", check_sizes),
    Check("words", "texts that must not appear", check_words),
    Check("links", "links between the documents", check_links),
    Check("imports", "layers, by import-linter", python_check("-c", LINT_IMPORTS, "--no-logo")),
    Check("types", "mypy, strict", python_check("-m", "mypy")),
)
