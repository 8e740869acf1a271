"""Further names of an aggregate that, other than its first name, are read in any case."""

from __future__ import annotations

from dataclasses import replace

from minidb.functions.declaration import AggregateFunction


def also_named(function: AggregateFunction, name: str) -> AggregateFunction:
    """Return the same aggregate under another, case-insensitive name, as SQL's ``VAR_POP``."""
    return replace(function, name=name, aliases=(), is_case_insensitive=True)
