"""What ``*``, ``t.* EXCEPT (a)``, ``* REPLACE (x AS a)`` and ``COLUMNS('pattern')`` stand for."""

from __future__ import annotations

from minidb.binder.scope import Scope
from minidb.columns import Field
from minidb.errors import MiniDBError
from minidb.functions.regex import compile_regex
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast


@record
class StarColumn:
    """One column of a star: what results call it, and what REPLACE put in its place."""

    name: str
    field: Field
    replacement: ast.Alias | None = None


def expand_star(scope: Scope, star: ast.Star) -> list[StarColumn]:
    """Return the columns that a star stands for, in order; EXCEPT and REPLACE are applied.

    As in ClickHouse, EXCEPT and REPLACE say nothing about a column that is not there.

    Raises
    ------
    BindError
        UNKNOWN_IDENTIFIER when there is no such table, CANNOT_COMPILE_REGEXP for a wrong pattern.
    """
    columns = scope.expand_star(star.qualifier, star.span)
    if star.pattern is not None:
        columns = [c for c in columns if _matches(star.pattern, c[1].name, star.span)]
    for left_out in star.left_out:
        columns = [c for c in columns if not _is_left_out(left_out, c[1].name)]
    replaced = {item.name: item for item in star.replaced}
    return [StarColumn(name, field, replaced.get(field.name)) for name, field in columns]


def _is_left_out(left_out: ast.StarExcept, name: str) -> bool:
    """Whether EXCEPT names the column."""
    if left_out.pattern is not None:
        return _matches(left_out.pattern, name, left_out.span)
    return name in left_out.names


def _matches(pattern: str, name: str, span: Span) -> bool:
    """Whether a pattern is found in a name."""
    try:
        return compile_regex(pattern.encode()).search(name) is not None
    except MiniDBError as error:
        error.span = error.span or span
        raise
