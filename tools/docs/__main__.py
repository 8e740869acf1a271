"""``python -m tools.docs``: write the made pages; with ``--check``, only say which are out of date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from minidb.functions.builtin import INDEX_FILE, index_text
from tools.docs.examples import BLOCK, refreshed
from tools.docs.functions import reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = DOCS / "sql" / "functions.md"


def pages() -> Iterator[tuple[Path, str]]:
    """Yield each made file and what it should hold."""
    yield INDEX_FILE, index_text()
    yield REFERENCE, reference()
    for path in sorted(DOCS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if BLOCK.search(text):
            yield path, refreshed(text)


def main() -> int:
    """Write or check the pages."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is old")
    options = parser.parse_args()
    old = []
    for path, expected in pages():
        if not path.exists() or path.read_text(encoding="utf-8") != expected:
            old.append(path)
            if not options.check:
                path.write_text(expected, encoding="utf-8")
    for path in old:
        print(f"{'out of date' if options.check else 'wrote'}: {path.relative_to(DOCS.parent)}")
    return 1 if old and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
