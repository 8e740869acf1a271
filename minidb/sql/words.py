"""Which words can never be bare names, and which the formatter must quote."""

from __future__ import annotations

# They begin or separate clauses: as a bare name each would hide a slip.
RESERVED_WORDS: frozenset[str] = frozenset(
    [
        "and",
        "as",
        "between",
        "case",
        "except",
        "from",
        "group",
        "having",
        "in",
        "intersect",
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
        "union",
        "using",
        "where",
        "with",
    ]
)

# Operators that are also functions: and(1, 0), where an expression begins and "(" follows at once.
OPERATOR_FUNCTIONS: frozenset[str] = frozenset(["and", "or", "like", "in"])

# They begin a statement, so behind EXPLAIN AST none of them can be the name of a setting.
STATEMENT_WORDS: frozenset[str] = frozenset(
    [
        "alter",
        "create",
        "delete",
        "desc",
        "describe",
        "drop",
        "exchange",
        "insert",
        "optimize",
        "rename",
        "set",
        "show",
        "truncate",
        "update",
        "use",
    ]
)

# Legal as bare names, but read as something else in some place where a name may stand.
AMBIGUOUS_WORDS: frozenset[str] = frozenset(
    [
        "all",
        "ast",
        "analyze",
        "both",
        "cast",
        "cube",
        "current",
        "database",
        "distinct",
        "end",
        "estimate",
        "exists",
        "extract",
        "false",
        "filter",
        "format",
        "groups",
        "grouping",
        "ilike",
        "index",
        "inf",
        "infinity",
        "interval",
        "leading",
        "model",
        "nan",
        "null",
        "offset",
        "partition",
        "pipeline",
        "plan",
        "primary",
        "qualify",
        "query",
        "range",
        "replace",
        "rollup",
        "rows",
        "settings",
        "syntax",
        "table",
        "temporary",
        "trailing",
        "true",
        "unbounded",
        "values",
        "when",
        "window",
    ]
)
