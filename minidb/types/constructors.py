"""The types with something in parentheses: built from what stands there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    EMPTY_DATA_PASSED,
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    SYNTAX_ERROR,
    UNEXPECTED_AST_STRUCTURE,
    BindError,
)
from minidb.record import record
from minidb.types.family import (
    ArrayType,
    BitsType,
    DataType,
    DateTimeType,
    DecimalType,
    EnumType,
    FixedStringType,
    NullableType,
    TupleType,
    can_be_nullable,
    map_of,
    without_null,
)

MAX_BITS = 1 << 24
MAX_FIXED_STRING = 1 << 24
MAX_PRECISION = 76
DEFAULT_PRECISION = 10


@record
class TypeArgument:
    """One argument in a type's parentheses: a type, a number or a text; maybe with a name."""

    value: DataType | int | float | str
    name: str | None = None


def _whole_number(name: str, arguments: Sequence[TypeArgument], limit: int) -> int:
    """Return the single positive whole number that a type such as Bits takes."""
    value = arguments[0].value if len(arguments) == 1 else None
    if not isinstance(value, int) or not 1 <= value <= limit:
        message = f"{name} takes one whole number from 1 to {limit}"
        is_alone = len(arguments) == 1
        code = UNEXPECTED_AST_STRUCTURE if is_alone else NUMBER_OF_ARGUMENTS_DOESNT_MATCH
        raise BindError(code, message, hint=f"for example {name}(16)")
    return value


def types_of(name: str, arguments: Sequence[TypeArgument]) -> tuple[DataType, ...]:
    """Return the arguments, all of which have to be types."""
    found = []
    for argument in arguments:
        if not isinstance(argument.value, DataType):
            raise BindError(BAD_ARGUMENTS, f"{name} takes types, not {argument.value!r}")
        found.append(argument.value)
    return tuple(found)


def _one_type(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    """Return the single type that Array and Nullable take."""
    if len(arguments) != 1:
        message = f"{name} takes one type, not {len(arguments)}"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    return types_of(name, arguments)[0]


def _nullable(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    inner = _one_type(name, arguments)
    if not can_be_nullable(inner):
        message = f"Nullable cannot be put around {inner.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return NullableType(inner)


def _tuple(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    names = tuple(a.name for a in arguments if a.name is not None)
    if names and (len(names) != len(arguments) or len(set(names)) != len(names)):
        raise BindError(BAD_ARGUMENTS, "a Tuple names all of its elements once, or none")
    return TupleType(types_of(name, arguments), names)


def _datetime(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    zone = arguments[0].value if len(arguments) == 1 else None
    if zone != "UTC":
        raise BindError(BAD_ARGUMENTS, f"{name} has the time zone 'UTC' and no other")
    return DateTimeType()


def _decimal(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    """Return Decimal(p, s); without a scale it is 0, without both Decimal(10, 0)."""
    if len(arguments) > 2:
        message = "Decimal takes a precision and a scale"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    numbers = _numbers_of(name, arguments)
    precision = numbers[0] if numbers else DEFAULT_PRECISION
    scale = numbers[1] if len(numbers) > 1 else 0
    return checked_decimal(precision, scale)


def _sized_decimal(precision: int) -> Constructor:
    """Return the constructor of Decimal32, Decimal64, Decimal128 or Decimal256."""

    def build(name: str, arguments: Sequence[TypeArgument]) -> DataType:
        if len(arguments) != 1:
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, f"{name} takes one scale")
        return checked_decimal(precision, _numbers_of(name, arguments)[0])

    return build


def _numbers_of(name: str, arguments: Sequence[TypeArgument]) -> list[int]:
    """Return the arguments, all of which have to be whole numbers."""
    found = []
    for argument in arguments:
        if not isinstance(argument.value, int):
            message = f"{name} takes whole numbers, not {argument.value!r}"
            raise BindError(BAD_ARGUMENTS, message)
        found.append(argument.value)
    return found


def checked_decimal(precision: int, scale: int) -> DecimalType:
    """Return Decimal(precision, scale).

    Raises
    ------
    BindError
        ARGUMENT_OUT_OF_BOUND unless 1 <= precision <= 76 and 0 <= scale <= precision.
    """
    if not 1 <= precision <= MAX_PRECISION:
        message = f"the precision of a Decimal is from 1 to {MAX_PRECISION}, not {precision}"
        raise BindError(ARGUMENT_OUT_OF_BOUND, message)
    if not 0 <= scale <= precision:
        message = f"the scale of a Decimal is from 0 to its precision {precision}, not {scale}"
        raise BindError(ARGUMENT_OUT_OF_BOUND, message)
    return DecimalType(precision, scale)


def _map(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    """Return Map(K, V)."""
    if len(arguments) != 2:
        message = f"{name} takes the type of its keys and that of its values"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    key, value = types_of(name, arguments)
    if isinstance(key, NullableType):
        raise BindError(BAD_ARGUMENTS, f"the keys of a Map cannot be {key.name}")
    return map_of(key, value)


ENUM_LIMITS = {8: 1 << 7, 16: 1 << 15}


def _enum(bits: int | None) -> Constructor:
    """Return the constructor of Enum8, Enum16, or of Enum, which is the narrower that holds all."""

    def build(name: str, arguments: Sequence[TypeArgument]) -> DataType:
        entries = _enum_entries(name, arguments)
        numbers = [number for _, number in entries]
        width = bits
        if width is None:
            limit = ENUM_LIMITS[8]
            width = 8 if all(-limit <= number < limit for number in numbers) else 16
        limit = ENUM_LIMITS[width]
        for text, number in entries:
            if not -limit <= number < limit:
                message = f"the number {number} of {text!r} does not fit Enum{width}"
                raise BindError(ARGUMENT_OUT_OF_BOUND, message)
        return EnumType(width, tuple(sorted(entries, key=lambda entry: entry[1])))

    return build


def _enum_entries(name: str, arguments: Sequence[TypeArgument]) -> list[tuple[str, int]]:
    """Return texts and numbers; one without a number has the next one after the text before it."""
    if not arguments:
        raise BindError(EMPTY_DATA_PASSED, f"{name} needs at least one text")
    entries: list[tuple[str, int]] = []
    for argument in arguments:
        if argument.name is not None and isinstance(argument.value, int):
            entries.append((argument.name, argument.value))
        elif argument.name is None and isinstance(argument.value, str):
            entries.append((argument.value, entries[-1][1] + 1 if entries else 1))
        else:
            raise BindError(UNEXPECTED_AST_STRUCTURE, f"{name} takes texts such as 'a' = 1")
    for place, what in ((0, "text"), (1, "number")):
        found = [entry[place] for entry in entries]
        if len(set(found)) != len(found):
            twice = next(value for value in found if found.count(value) > 1)
            raise BindError(SYNTAX_ERROR, f"the {what} {twice!r} stands twice in {name}")
    return entries


def _low_cardinality(name: str, arguments: Sequence[TypeArgument]) -> DataType:
    """Return the type inside: how values are stored is no concern of a column's type here."""
    inner = _one_type(name, arguments)
    if isinstance(without_null(inner), ArrayType | TupleType | BitsType):
        message = f"{name} takes numbers, texts and dates, not {inner.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return inner


Constructor: TypeAlias = Callable[[str, Sequence[TypeArgument]], DataType]

CONSTRUCTORS: dict[str, Constructor] = {
    "FixedString": lambda n, a: FixedStringType(_whole_number(n, a, MAX_FIXED_STRING)),
    "Bits": lambda n, a: BitsType(_whole_number(n, a, MAX_BITS)),
    "Array": lambda n, a: ArrayType(_one_type(n, a)),
    "Nullable": _nullable,
    "Map": _map,
    "Tuple": _tuple,
    "DateTime": _datetime,
    "Decimal": _decimal,
    "Enum": _enum(None),
    "Enum8": _enum(8),
    "Enum16": _enum(16),
    "LowCardinality": _low_cardinality,
    "Decimal32": _sized_decimal(9),
    "Decimal64": _sized_decimal(18),
    "Decimal128": _sized_decimal(38),
    "Decimal256": _sized_decimal(76),
}
