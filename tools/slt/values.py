"""Values as SQLLogicTest compares them: texts by the query's types, sorted, maybe hashed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from hashlib import md5
from typing import Any


def shown(value: Any, kind: str) -> str:
    """Return one value as text.

    Parameters
    ----------
    value
        As the engine's Python interface gives it.
    kind : str
        ``I`` prints as ``%d``, ``R`` as ``%.3f``, ``T`` as it is.

    Returns
    -------
    str
        ``NULL`` for NULL, ``(empty)`` for an empty text; in texts, bytes that do not print are ``@``.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        value = int(value)
    match kind:
        case "I":
            return _integer(value)
        case "R":
            return _real(value)
        case _:
            return _text(value)


def _integer(value: Any) -> str:
    """Print as C's ``%d`` prints the number, read from the text where it is one."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, float | Decimal):
        return str(int(value))
    digits = str(value).strip()
    sign = digits[:1] if digits[:1] in {"-", "+"} else ""
    body = digits[len(sign) :]
    end = next((place for place, c in enumerate(body) if not c.isdigit()), len(body))
    return str(int(sign + body[:end])) if end else "0"


def _real(value: Any) -> str:
    try:
        return f"{float(value):.3f}"
    except ValueError:
        return "0.000"


def _text(value: Any) -> str:
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
    if isinstance(value, float) and value.is_integer():
        raw = repr(value).encode()
    if not raw:
        return "(empty)"
    return "".join(chr(c) if 0x20 <= c <= 0x7E else "@" for c in raw)


def flat_values(rows: Sequence[Sequence[Any]], types: str, sort: str) -> list[str]:
    """Return the values of all rows in the order that they are compared in."""
    texts = [[shown(value, kind) for value, kind in zip(row, types, strict=True)] for row in rows]
    if sort == "rowsort":
        texts.sort()
    values = [value for row in texts for value in row]
    return sorted(values) if sort == "valuesort" else values


def hashed(values: Sequence[str]) -> str:
    """Return what stands for values that are too many to write."""
    digest = md5("".join(f"{value}\n" for value in values).encode(), usedforsecurity=False)
    return f"{len(values)} values hashing to {digest.hexdigest()}"


def is_hash(expected: Sequence[str]) -> bool:
    """Whether expected values are given by their hash."""
    return len(expected) == 1 and " values hashing to " in expected[0]
