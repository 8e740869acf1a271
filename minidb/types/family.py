"""The family of data types: frozen values that know their ClickHouse name."""

from __future__ import annotations

import re
from typing import TypeGuard

import numpy as np

from minidb.errors import InternalError
from minidb.record import record


@record
class DataType:
    """The base of every type; `name` is ClickHouse's spelling (``Bits`` is minidb's own)."""

    @property
    def name(self) -> str:
        """Return the canonical name, which `minidb.types.names.parse_type` reads back."""
        raise InternalError(f"{type(self).__name__} has no name")

    def __str__(self) -> str:
        return self.name


@record
class NothingType(DataType):
    """The type of an empty array's elements, and of NULL inside Nullable; it has no values."""

    @property
    def name(self) -> str:
        """Return ``Nothing``."""
        return "Nothing"


@record
class BoolType(DataType):
    """True or false, stored as one byte 1 or 0."""

    @property
    def name(self) -> str:
        """Return ``Bool``."""
        return "Bool"


@record
class IntType(DataType):
    """An integer of 8, 16, 32, 64, 128 or 256 bits, two's complement when signed."""

    bits: int
    is_signed: bool

    @property
    def name(self) -> str:
        """Return for example ``Int8`` or ``UInt256``."""
        return f"{'Int' if self.is_signed else 'UInt'}{self.bits}"

    @property
    def is_wide(self) -> bool:
        """Whether values take several uint64 lanes."""
        return self.bits > 64

    @property
    def n_lanes(self) -> int:
        """Return the uint64 lanes of one value; 1 for the narrow widths."""
        return max(1, self.bits // 64)

    @property
    def minimum(self) -> int:
        """Return the smallest value."""
        return -(1 << (self.bits - 1)) if self.is_signed else 0

    @property
    def maximum(self) -> int:
        """Return the largest value."""
        return (1 << (self.bits - (1 if self.is_signed else 0))) - 1


@record
class DecimalType(DataType):
    """A number of up to `precision` digits, `scale` of them behind the point.

    Stored as the whole number value * 10**scale in 32, 64, 128 or 256 bits, the narrowest that
    holds all numbers of `precision` digits.
    """

    precision: int
    scale: int

    @property
    def name(self) -> str:
        """Return for example ``Decimal(15, 2)``."""
        return f"Decimal({self.precision}, {self.scale})"

    @property
    def bits(self) -> int:
        """Return the bits of the stored whole number."""
        return next(bits for digits, bits in DECIMAL_BITS.items() if self.precision <= digits)

    @property
    def widest_precision(self) -> int:
        """Return the most digits that the stored whole number can have: 9, 18, 38 or 76."""
        return next(digits for digits in DECIMAL_BITS if self.precision <= digits)

    @property
    def is_signed(self) -> bool:
        """Return True, as for a signed integer."""
        return True

    @property
    def is_wide(self) -> bool:
        """Whether values take several uint64 lanes."""
        return self.bits > 64

    @property
    def n_lanes(self) -> int:
        """Return the uint64 lanes of one value; 1 for the narrow widths."""
        return max(1, self.bits // 64)


@record
class EnumType(DataType):
    """One of a fixed list of texts, each stored as a number of 8 or 16 bits.

    `entries` are the texts with their numbers, by number.
    """

    bits: int
    entries: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """Return for example ``Enum8('a' = 1, 'b' = 2)``."""
        shown = ", ".join(f"{quoted_text(text)} = {number}" for text, number in self.entries)
        return f"Enum{self.bits}({shown})"


@record
class UUIDType(DataType):
    """A universally unique identifier of 128 bits.

    Lane 0 holds its first eight bytes and lane 1 the last eight, so that the order of the values
    is ClickHouse's: by the second half first.
    """

    @property
    def name(self) -> str:
        """Return ``UUID``."""
        return "UUID"

    @property
    def bits(self) -> int:
        """Return 128."""
        return 128

    @property
    def is_signed(self) -> bool:
        """Return False."""
        return False

    @property
    def n_lanes(self) -> int:
        """Return 2."""
        return 2


# The digits of a Decimal and the bits that hold as many.
DECIMAL_BITS = {9: 32, 18: 64, 38: 128, 76: 256}


@record
class FloatType(DataType):
    """An IEEE 754 number of 32 or 64 bits."""

    bits: int

    @property
    def name(self) -> str:
        """Return ``Float32`` or ``Float64``."""
        return f"Float{self.bits}"


@record
class StringType(DataType):
    """Any bytes of any length, UTF-8 by custom."""

    @property
    def name(self) -> str:
        """Return ``String``."""
        return "String"


@record
class FixedStringType(DataType):
    """Exactly `width` bytes; shorter values are filled with zero bytes."""

    width: int

    @property
    def name(self) -> str:
        """Return for example ``FixedString(16)``."""
        return f"FixedString({self.width})"


@record
class DateType(DataType):
    """Days since 1970-01-01, 0 to 65,535 (2149-06-06)."""

    @property
    def name(self) -> str:
        """Return ``Date``."""
        return "Date"


@record
class DateTimeType(DataType):
    """Seconds since 1970-01-01 00:00:00 UTC, 0 to 2**32 - 1."""

    @property
    def name(self) -> str:
        """Return ``DateTime``."""
        return "DateTime"


@record
class BitsType(DataType):
    """A vector of `n_bits` bits: bit i is bit i % 64 of word i // 64; tail bits are zero."""

    n_bits: int

    @property
    def name(self) -> str:
        """Return for example ``Bits(144)``."""
        return f"Bits({self.n_bits})"

    @property
    def n_words(self) -> int:
        """Return the uint64 words of one value."""
        return (self.n_bits + 63) // 64


@record
class ArrayType(DataType):
    """A list of any length of values of one type."""

    element: DataType

    @property
    def name(self) -> str:
        """Return for example ``Array(UInt8)``."""
        return f"Array({self.element.name})"


@record
class MapType(ArrayType):
    """Pairs of a key and a value in the order they were given: an array of tuples by another name.

    What works on every array works on a map, which keeps its own type; functions that take an
    Array do not take a Map.
    """

    @property
    def name(self) -> str:
        """Return for example ``Map(String, UInt8)``."""
        return f"Map({self.key.name}, {self.value.name})"

    @property
    def key(self) -> DataType:
        """Return the type of the keys."""
        return self._pair().elements[0]

    @property
    def value(self) -> DataType:
        """Return the type of the values."""
        return self._pair().elements[1]

    def _pair(self) -> TupleType:
        if not isinstance(self.element, TupleType):
            raise InternalError("a map holds pairs")
        return self.element


def map_of(key: DataType, value: DataType) -> MapType:
    """Return Map(key, value)."""
    return MapType(TupleType((key, value)))


@record
class TupleType(DataType):
    """A fixed number of values, each of its own type, with or without names."""

    elements: tuple[DataType, ...]
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return for example ``Tuple(UInt8, String)`` or ``Tuple(a UInt8, b String)``."""
        if self.names:
            named = zip(self.names, self.elements, strict=True)
            parts = [f"{_quoted_if_needed(n)} {t.name}" for n, t in named]
        else:
            parts = [element.name for element in self.elements]
        return f"Tuple({', '.join(parts)})"


_SHORT_ESCAPES = {
    "'": "\\'",
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\0": "\\0",
}


def quoted_text(text: str) -> str:
    """Return a text in single quotes as a type's name shows it."""
    return "'" + "".join(_SHORT_ESCAPES.get(char, char) for char in text) + "'"


def _quoted_if_needed(name: str) -> str:
    """Return an element's name, in backticks unless it is an identifier, as ClickHouse shows it."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", name):
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


@record
class NullableType(DataType):
    """A type with NULL added; never around Array, Tuple or Nullable."""

    inner: DataType

    @property
    def name(self) -> str:
        """Return for example ``Nullable(UInt8)``."""
        return f"Nullable({self.inner.name})"


@record
class LambdaType(DataType):
    """The type of ``x -> expr`` as a function's argument; no column has it."""

    parameters: tuple[DataType, ...]
    result: DataType

    @property
    def name(self) -> str:
        """Return for example ``Function((UInt8) -> String)``."""
        return f"Function(({', '.join(p.name for p in self.parameters)}) -> {self.result.name})"


@record
class AggregateStateType(DataType):
    """The state of an aggregate function over some rows.

    Parameters
    ----------
    function : str
        The aggregate with its combinators, such as ``sumOrNull``.
    parameters : tuple of int, float or str
        Those of the first pair of parentheses.
    arguments : tuple of DataType
        The types that the function was given.
    """

    function: str
    parameters: tuple[int | float | str, ...]
    arguments: tuple[DataType, ...]

    @property
    def name(self) -> str:
        """Return for example ``AggregateFunction(quantile(0.3), UInt64)``."""
        shown = self.function
        if self.parameters:
            shown += f"({', '.join(map(_literal, self.parameters))})"
        parts = [shown, *(argument.name for argument in self.arguments)]
        return f"AggregateFunction({', '.join(parts)})"


def _literal(value: int | float | str) -> str:
    """Return a parameter as SQL writes it."""
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def is_integer(data_type: DataType) -> TypeGuard[IntType]:
    """Whether `data_type` is an integer of any width (Bool is not)."""
    return isinstance(data_type, IntType)


def is_number(data_type: DataType) -> TypeGuard[IntType | FloatType | BoolType]:
    """Whether arithmetic works on `data_type`: integers, floats and Bool."""
    return isinstance(data_type, IntType | FloatType | BoolType)


def is_numeric(data_type: DataType) -> TypeGuard[IntType | FloatType | BoolType | DecimalType]:
    """Whether `data_type` is a number of any kind, a Decimal among them."""
    return isinstance(data_type, IntType | FloatType | BoolType | DecimalType)


def is_string_like(data_type: DataType) -> TypeGuard[StringType | FixedStringType]:
    """Whether `data_type` holds bytes of text."""
    return isinstance(data_type, StringType | FixedStringType)


def can_be_nullable(data_type: DataType) -> bool:
    """Whether Nullable may be put around `data_type`, as ClickHouse allows it."""
    return not isinstance(
        data_type, ArrayType | TupleType | NullableType | LambdaType | AggregateStateType
    )


def nullable(data_type: DataType) -> DataType:
    """Return Nullable(data_type) where that type exists, else `data_type` itself."""
    return NullableType(data_type) if can_be_nullable(data_type) else data_type


def without_null(data_type: DataType) -> DataType:
    """Return the type inside Nullable, or `data_type` itself."""
    return data_type.inner if isinstance(data_type, NullableType) else data_type


def numpy_dtype(data_type: DataType) -> np.dtype[np.generic]:
    """Return the dtype of the single NumPy array that stores a column of `data_type`.

    Raises
    ------
    InternalError
        For types stored otherwise: wide integers, strings, bits, arrays, tuples, Nullable.
    """
    match data_type:
        case BoolType() | NothingType():
            return np.dtype(np.uint8)
        case IntType(bits=bits, is_signed=signed) if bits <= 64:
            return np.dtype(f"{'i' if signed else 'u'}{bits // 8}")
        case DecimalType(bits=bits) if bits <= 64:
            return np.dtype(f"i{bits // 8}")
        case EnumType(bits=bits):
            return np.dtype(f"i{bits // 8}")
        case FloatType(bits=bits):
            return np.dtype(f"f{bits // 8}")
        case DateType():
            return np.dtype(np.uint16)
        case DateTimeType():
            return np.dtype(np.uint32)
        case _:
            raise InternalError(f"{data_type.name} is not stored in one NumPy array")
