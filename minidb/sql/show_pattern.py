"""The pattern behind SHOW: which names it keeps."""

from __future__ import annotations

import re

from minidb.sql.ast import Show


def matches_pattern(statement: Show, name: str) -> bool:
    """Whether a name fits the pattern of LIKE or ILIKE; without one every name does."""
    if statement.pattern is None:
        return True
    parts = (
        ".*" if sign == "%" else "." if sign == "_" else re.escape(sign)
        for sign in statement.pattern
    )
    flags = re.DOTALL | (re.IGNORECASE if statement.is_case_insensitive else 0)
    found = re.fullmatch("".join(parts), name, flags) is not None
    return found != statement.is_negated
