"""The words that can never be bare names: those that begin or separate clauses."""

from __future__ import annotations

RESERVED_WORDS: frozenset[str] = frozenset(
    [
        "and",
        "as",
        "between",
        "by",
        "case",
        "except",
        "from",
        "group",
        "having",
        "in",
        "inner",
        "intersect",
        "into",
        "is",
        "join",
        "like",
        "limit",
        "not",
        "on",
        "or",
        "order",
        "prewhere",
        "select",
        "then",
        "union",
        "using",
        "when",
        "where",
        "with",
    ]
)
