"""Why functions differ from ClickHouse's, for the comparison page."""

from __future__ import annotations

from tools.oracle.answers import Answer

# Functions that ClickHouse does not have.
OWN = frozenset({"lookup", "sumbin"})

NO_COMMON_TYPE = 386

# Where both answer and the values differ: the reason, where it is one on purpose.
REASONS: dict[str, str] = {
    "argMax": "rows of equal keys: the first one here",
    "argMin": "rows of equal keys: the first one here",
    "arrayRotateLeft": "a NULL number of places: an empty array here",
    "arrayRotateRight": "a NULL number of places: an empty array here",
    "intExp10": "numbers below the range",
    "left": "lengths above 2^63 wrap around there",
    "leftUTF8": "lengths above 2^63 wrap around there",
    "max_by": "rows of equal keys: the first one here",
    "min_by": "rows of equal keys: the first one here",
    "right": "lengths above 2^63 wrap around there",
    "rightUTF8": "lengths above 2^63 wrap around there",
    "round": "places above 2^63 wrap around there",
    "roundBankers": "places above 2^63 wrap around there",
    "ceil": "places beyond a byte wrap around there",
    "floor": "places beyond a byte wrap around there",
    "substring": "lengths above 2^63 wrap around there",
    "topK": "values of equal count by first appearance here",
    "unbin": "text of other signs than 0 and 1",
}


def kind_of_difference(ours: Answer, theirs: Answer) -> str:
    """Return what kind of difference there is between two answers, in words."""
    if ours.code == NO_COMMON_TYPE:
        return "no common type here, a Variant or a default there"
    if ours.code:
        return f"error {ours.code} here"
    if theirs.code:
        return f"error {theirs.code} there"
    if ours.types != theirs.types:
        return "other type"
    return "other value"
