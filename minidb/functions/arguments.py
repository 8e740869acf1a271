"""What a function's arguments may be: kinds of types with a name for error messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    LambdaType,
    StringType,
    TupleType,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A set of types: its name in messages and the test for membership (Nullable taken off)."""

    name: str
    accepts: Callable[[DataType], bool]


def kind_of(name: str, *classes: type[DataType]) -> Kind:
    """Return the kind of all types of some classes."""
    return Kind(name, lambda data_type: isinstance(data_type, classes))


def either(*kinds: Kind) -> Kind:
    """Return the union of kinds."""
    name = " or ".join(kind.name for kind in kinds)
    return Kind(name, lambda data_type: any(kind.accepts(data_type) for kind in kinds))


ANY = Kind("any type", lambda data_type: not isinstance(data_type, LambdaType))
INTEGER = Kind("an integer", lambda data_type: isinstance(data_type, IntType | BoolType))
UNSIGNED = Kind(
    "an unsigned integer",
    lambda data_type: (
        isinstance(data_type, BoolType)
        or (isinstance(data_type, IntType) and not data_type.is_signed)
    ),
)
FLOAT = kind_of("a float", FloatType)
NUMBER = kind_of("a number", IntType, FloatType, BoolType)
BOOL = Kind("a Bool or UInt8", lambda t: isinstance(t, BoolType) or t == IntType(8, False))
STRING = kind_of("a String", StringType)
FIXED_STRING = kind_of("a FixedString", FixedStringType)
TEXT = kind_of("a String or FixedString", StringType, FixedStringType)
DATE = kind_of("a Date", DateType)
DATETIME = kind_of("a DateTime", DateTimeType)
TEMPORAL = kind_of("a Date or DateTime", DateType, DateTimeType)
ARRAY = kind_of("an Array", ArrayType)
TUPLE = kind_of("a Tuple", TupleType)
BITS = kind_of("Bits", BitsType)
LAMBDA = kind_of("a lambda", LambdaType)


@dataclass(frozen=True, slots=True)
class Arg:
    """One declared argument.

    Parameters
    ----------
    name : str
        For help and messages.
    kind : Kind
        The types it takes.
    is_optional : bool
        May be left out; only at the end.
    is_repeated : bool
        May stand any number of times (at least once unless optional); only the last one.
    is_constant : bool
        Has to be a constant of the query.
    """

    name: str
    kind: Kind = ANY
    is_optional: bool = False
    is_repeated: bool = False
    is_constant: bool = False
