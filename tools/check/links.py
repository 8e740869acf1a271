"""Links between the documents: each leads to a file and a heading that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from tools.check.files import project_files
from tools.check.model import Outcome

FENCE = re.compile(r"^\s*(```|~~~)")
CODE = re.compile(r"`[^`]*`")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]^]+\]:\s+<?([^\s>]+)>?")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def check_links(root: Path) -> Outcome:
    """Refuse links of Markdown files to files or headings that are not there.

    Parameters
    ----------
    root : Path
        The project's root folder.

    Returns
    -------
    Outcome
        One line per dead link. Links to the network are not followed.
    """
    refused: list[str] = []
    for path in project_files(root, ".md"):
        name = path.relative_to(root).as_posix()
        for number, target in links_of(path.read_text(encoding="utf-8")):
            problem = dead_link(path, target)
            if problem is not None:
                refused.append(f"{name}:{number}: {problem}")
    return Outcome(tuple(refused))


def links_of(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield line number and target of each link outside code."""
    for number, line in prose_of(markdown):
        text = CODE.sub("", line)
        for found in (*LINK.finditer(text), *REFERENCE.finditer(text)):
            yield number, found.group(1)


def prose_of(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines outside fenced code."""
    is_code = False
    for number, line in enumerate(markdown.splitlines(), start=1):
        if FENCE.match(line):
            is_code = not is_code
        elif not is_code:
            yield number, line


def dead_link(source: Path, target: str) -> str | None:
    """Return what is wrong with a link in the file `source`, or None."""
    if ELSEWHERE.match(target):
        return None
    place, _, anchor = unquote(target).partition("#")
    path = source.parent / place if place else source
    if not path.exists():
        return f"no file {place!r}"
    if not anchor or path.suffix != ".md":
        return None
    known = anchors_of(path.read_text(encoding="utf-8"))
    return None if anchor in known else f"no heading {anchor!r} in {path.name}"


def anchors_of(markdown: str) -> set[str]:
    """Return the anchors that the headings of a Markdown text get."""
    n_seen: Counter[str] = Counter()
    anchors: set[str] = set()
    for _, line in prose_of(markdown):
        heading = HEADING.match(line)
        if heading is not None:
            base = slug(heading.group(1))
            anchors.add(f"{base}-{n_seen[base]}" if n_seen[base] else base)
            n_seen[base] += 1
    return anchors


def slug(heading: str) -> str:
    """Return a heading's anchor: lower case, hyphens for spaces, no punctuation."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
