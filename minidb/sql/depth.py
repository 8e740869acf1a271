"""How deep a statement may nest, and room on Python's stack for trees that are legally deep."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Parentheses, brackets, CASE, prefix operators, ternaries and lambdas around one place.
MAX_NESTING = 1_000

# Operators in one chain such as 1 + 1 + ...: their tree leans to the left and is as deep.
MAX_CHAIN = 10_000

# Tables joined in one FROM, and queries under EXCEPT, INTERSECT or UNIONs of several kinds.
MAX_SOURCES = 1_000

# A tree of MAX_CHAIN + MAX_NESTING nodes, a few Python frames for each.
RECURSION_LIMIT = 60_000

_lock = threading.Lock()
_users: list[int] = []


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Let code inside the block recurse over any tree that the parser lets through.

    Python's recursion limit belongs to the whole process, so it is raised with the first user and
    put back with the last one. Pure Python frames take no space on the C stack (since 3.11).
    """
    with _lock:
        _users.append(sys.getrecursionlimit())
        if _users[0] < RECURSION_LIMIT:
            sys.setrecursionlimit(RECURSION_LIMIT)
    try:
        yield
    finally:
        with _lock:
            first = _users[0]
            _users.pop()
            if not _users:
                sys.setrecursionlimit(first)
