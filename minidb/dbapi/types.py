"""PEP 249's type objects and constructors."""

from __future__ import annotations

import datetime
import re
import time

# Nullable says nothing of the kind of a value; parentheses hold lengths and element types.
BASE_NAME = re.compile(r"(?:Nullable\()?(\w+)")


class TypeObject:
    """One of PEP 249's five type objects; it equals the names of the types of its kind.

    Parameters
    ----------
    name : str
        PEP 249's name.
    type_names : str
        The names that it equals, without what stands in parentheses.
    """

    __slots__ = ("name", "type_names")

    def __init__(self, name: str, *type_names: str) -> None:
        self.name = name
        self.type_names = frozenset(type_names)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypeObject):
            return self.name == other.name
        if not isinstance(other, str):
            return NotImplemented
        found = BASE_NAME.match(other)
        return found is not None and found[1] in self.type_names

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return self.name


_WIDTHS = (8, 16, 32, 64, 128, 256)

STRING = TypeObject("STRING", "String", "Enum8", "Enum16", "UUID")
BINARY = TypeObject("BINARY", "FixedString", "Bits")
NUMBER = TypeObject(
    "NUMBER",
    *(f"{prefix}Int{bits}" for prefix in ("", "U") for bits in _WIDTHS),
    *("Float32", "Float64", "Bool", "Decimal"),
)
DATETIME = TypeObject("DATETIME", "Date", "DateTime")
ROWID = TypeObject("ROWID")

Date = datetime.date
Time = datetime.time
Timestamp = datetime.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> datetime.date:  # noqa: N802 - PEP 249 fixes the name
    """Return the local date of a time in seconds since 1970-01-01 UTC."""
    return datetime.date(*time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> datetime.time:  # noqa: N802 - PEP 249 fixes the name
    """Return the local time of day of a time in seconds since 1970-01-01 UTC."""
    return datetime.time(*time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> datetime.datetime:  # noqa: N802 - PEP 249 fixes the name
    """Return the local date and time of a time in seconds since 1970-01-01 UTC."""
    return datetime.datetime(*time.localtime(ticks)[:6])
