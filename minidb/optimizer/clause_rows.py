"""How many rows the nodes of single clauses yield, guessed from those below."""

from __future__ import annotations

from minidb.plan.clauses import (
    ArrayJoin,
    Combine,
    Expand,
    Kept,
    LimitBy,
    LimitWhole,
    Recursive,
    WithTotals,
)

ELEMENTS_PER_ARRAY = 4.0
TURNS = 10.0

Clause = Combine | Expand | Kept | WithTotals | LimitBy | LimitWhole | ArrayJoin | Recursive


def estimate_clause_rows(node: Clause, below: list[float]) -> float:
    """Return a guess of the rows of a node whose inputs yield `below`."""
    match node:
        case Kept():
            return 1.0
        case Expand(sets=sets):
            return below[0] * len(sets)
        case ArrayJoin():
            return below[0] * ELEMENTS_PER_ARRAY
        case Recursive():
            return below[0] + TURNS * below[1]
        case LimitWhole(count=int(count)):
            return min(below[0], float(abs(count)))
        case _:
            return below[0]
