"""The type of a literal: the narrowest one that holds its value, as in ClickHouse."""

from __future__ import annotations

from minidb.types.family import DataType, FloatType, IntType

WIDTHS = (8, 16, 32, 64)


def integer_literal_type(value: int) -> DataType:
    """Return the narrowest integer type for `value`; beyond 64 bits a number is a Float64."""
    for bits in WIDTHS:
        candidate = IntType(bits, value < 0)
        if candidate.minimum <= value <= candidate.maximum:
            return candidate
    return FloatType(64)
