"""What a function's arguments may be: kinds of types with a name for error messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
)
from minidb.record import record
from minidb.source import Span
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FixedStringType,
    FloatType,
    IntType,
    LambdaType,
    MapType,
    NothingType,
    StringType,
    TupleType,
)


@record
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
DECIMAL = kind_of("a Decimal", DecimalType)
NUMERIC = kind_of("a number", IntType, FloatType, BoolType, DecimalType)
BOOL = Kind("a Bool or UInt8", lambda t: isinstance(t, BoolType) or t == IntType(8, False))
STRING = kind_of("a String", StringType)
FIXED_STRING = kind_of("a FixedString", FixedStringType)
TEXT = kind_of("a String or FixedString", StringType, FixedStringType)
DATE = kind_of("a Date", DateType)
DATETIME = kind_of("a DateTime", DateTimeType)
TEMPORAL = kind_of("a Date or DateTime", DateType, DateTimeType)
ARRAY = Kind("an Array", lambda t: isinstance(t, ArrayType) and not isinstance(t, MapType))
MAP = kind_of("a Map", MapType)
ENUM = kind_of("an Enum", EnumType)
TUPLE = kind_of("a Tuple", TupleType)
BITS = kind_of("Bits", BitsType)
LAMBDA = kind_of("a lambda", LambdaType)


@record
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
    is_shared : bool
        A constant is handed to the kernel as a column of one row, not repeated for each.
    """

    name: str
    kind: Kind = ANY
    is_optional: bool = False
    is_repeated: bool = False
    is_constant: bool = False
    is_shared: bool = False


def check_count(name: str, args: Sequence[Arg], n_given: int, span: Span | None) -> None:
    """Check the number of arguments.

    Raises
    ------
    BindError
        NUMBER_OF_ARGUMENTS_DOESNT_MATCH, with the signature as hint.
    """
    least = sum(1 for arg in args if not arg.is_optional)
    most = None if any(arg.is_repeated for arg in args) else len(args)
    if n_given < least or (most is not None and n_given > most):
        wanted = f"{least}" if most == least else f"{least} to {most}"
        wanted = f"at least {least}" if most is None else wanted
        plural = "argument" if wanted == "1" else "arguments"
        message = f"function {name} takes {wanted} {plural}, not {n_given}"
        raise BindError(
            NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message, span=span, hint=signature(name, args)
        )


def signature(name: str, args: Sequence[Arg]) -> str:
    """Return the declaration as text, such as ``substring(s, offset[, length])``."""
    text = ""
    for place, arg in enumerate(args):
        shown = arg.name + (", ..." if arg.is_repeated else "")
        shown = (", " if place else "") + shown
        text += f"[{shown}]" if arg.is_optional else shown
    return f"{name}({text})"


def declared_arg(args: Sequence[Arg], place: int) -> Arg:
    """Return the declaration of the argument at `place`; the last one may repeat."""
    return args[min(place, len(args) - 1)]


def check_types(name: str, args: Sequence[Arg], types: Sequence[DataType]) -> None:
    """Check the kinds of all arguments by their types alone.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT.
    """
    for place, data_type in enumerate(types):
        arg = declared_arg(args, place)
        if not isinstance(data_type, NothingType) and not arg.kind.accepts(data_type):
            message = f"argument {place + 1} ({arg.name}) of {name} must be {arg.kind.name}, "
            message += f"not {data_type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint=signature(name, args))
