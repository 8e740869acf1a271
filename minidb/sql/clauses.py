"""Puts the flat list of a SELECT's clauses into order, and refuses what is double or misplaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from minidb.errors import OFFSET_FETCH_WITHOUT_ORDER_BY, SYNTAX_ERROR, SqlSyntaxError
from minidb.record import record
from minidb.source import Span
from minidb.sql.ast_query import GroupBy, Limit, LimitBy

# In this order they may stand in a SELECT.
CLAUSE_ORDER = (
    "FROM", "PREWHERE", "WHERE", "GROUP BY", "WITH ROLLUP", "WITH CUBE", "WITH TOTALS", "HAVING",
    "WINDOW", "QUALIFY", "ORDER BY", "LIMIT BY", "LIMIT", "OFFSET", "FETCH",
    "WITH TIES", "SETTINGS",
)  # fmt: skip


@record
class Clause:
    """One clause as read: its name, what it holds, and its place.

    LIMIT holds its one or two expressions, BY the expressions of LIMIT BY.
    """

    name: str
    value: Any
    span: Span


def arrange(clauses: list[Clause]) -> dict[str, Any]:
    """Return the fields of `Select` that the clauses stand for.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR when a clause comes twice, too late, or without the one it belongs to.
    """
    found: dict[str, Clause] = {}
    rank = -1
    for clause in clauses:
        name = clause.name
        if name in found:
            raise _wrong(f"{name} is written twice", clause)
        new_rank = CLAUSE_ORDER.index(name)
        if new_rank < rank:
            later = next(other for other in CLAUSE_ORDER[new_rank + 1 :] if other in found)
            raise _wrong(f"{name} must stand before {later}", clause)
        rank = new_rank
        found[name] = clause
    values = {name: clause.value for name, clause in found.items()}
    fields: dict[str, Any] = {
        "source": values.get("FROM"),
        "prewhere": values.get("PREWHERE"),
        "where": values.get("WHERE"),
        "having": values.get("HAVING"),
        "qualify": values.get("QUALIFY"),
        "windows": values.get("WINDOW", ()),
        "order_by": values.get("ORDER BY", ()),
        "limit_by": values.get("LIMIT BY"),
        "settings": values.get("SETTINGS", ()),
        "group_by": _group_by(found),
        "limit": _limit(found),
    }
    return fields


def _wrong(message: str, clause: Clause) -> SqlSyntaxError:
    return SqlSyntaxError(SYNTAX_ERROR, message, span=clause.span)


def join_limit_by(clauses: list[Any]) -> list[Clause]:
    """Make one clause of LIMIT, an OFFSET behind it, and BY; without BY they stay as they are.

    FETCH is a list already, since it can hold WITH TIES.
    """
    if isinstance(clauses[-1], list):
        return [*clauses[:-1], *clauses[-1]]
    limit, last = clauses[0], clauses[-1]
    if last.name != "BY":
        return clauses
    count, offset = limit.value
    if len(clauses) == 3:
        if offset is not None:
            raise _wrong("the offset is written twice", clauses[1])
        offset = clauses[1].value
    span = limit.span.cover(last.span)
    return [Clause("LIMIT BY", LimitBy(count, offset, last.value, span=span), span)]


def _group_by(found: dict[str, Clause]) -> GroupBy | None:
    group: GroupBy | None = found["GROUP BY"].value if "GROUP BY" in found else None
    for name, mode in (("WITH ROLLUP", "ROLLUP"), ("WITH CUBE", "CUBE")):
        if name in found:
            if group is None or group.mode != "PLAIN":
                raise _wrong(f"{name} needs a plain GROUP BY before it", found[name])
            group = replace(group, mode=mode)
    if "WITH TOTALS" in found:
        # Totals of a query without keys: GROUP BY () with one more row.
        group = replace(group or GroupBy(()), with_totals=True)
    return group


def _limit(found: dict[str, Clause]) -> Limit | None:
    limit, offset, ties = found.get("LIMIT"), found.get("OFFSET"), found.get("WITH TIES")
    fetch = found.get("FETCH")
    if fetch is not None:
        if limit is not None:
            raise _wrong("LIMIT and FETCH say the same: write one of them", fetch)
        if "ORDER BY" not in found:
            message = "FETCH needs an ORDER BY before it"
            raise SqlSyntaxError(OFFSET_FETCH_WITHOUT_ORDER_BY, message, span=fetch.span)
        limit = fetch
    if ties is not None and limit is None:
        raise _wrong("WITH TIES needs a LIMIT before it", ties)
    if limit is None:
        return None if offset is None else Limit(None, offset.value, span=offset.span)
    count, written_offset = limit.value
    if offset is not None and written_offset is not None:
        raise _wrong("the offset is written twice", offset)
    return Limit(
        count,
        offset.value if offset is not None else written_offset,
        ties is not None,
        span=limit.span,
    )
