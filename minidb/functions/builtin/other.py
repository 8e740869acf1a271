"""Functions that fit no other family: values passed through, chance, checks and readable numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, StringColumn, constant_column
from minidb.columns.text_layout import text_from_ascii
from minidb.errors import ARGUMENT_OUT_OF_BOUND, VALUE_THROWN, ValueExecutionError
from minidb.functions.arguments import ANY, NUMBER, STRING, Arg
from minidb.functions.builtin.array_folds import as_floats
from minidb.functions.builtin.kit import (
    TEXT,
    U8,
    U32,
    U64,
    flags,
    numeric,
    offsets_of,
)
from minidb.functions.declaration import (
    Argument,
    Call,
    Kernel,
    NullPolicy,
    ResultRule,
    ScalarFunction,
)
from minidb.types import DataType

FULL_BLOCK = np.array([0xE2, 0x96, 0x88], np.uint8)  # U+2588; the seven narrower ones follow it
MAX_BAR = 1000


def _first(call: Call) -> Column:
    return call.columns[0]


def _first_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _zeros(call: Call) -> Column:
    return flags(np.zeros(call.n_rows, np.bool_))


def _is_constant(call: Call) -> Column:
    return flags(np.full(call.n_rows, call.constants[0] is not None))


def _throw_if(call: Call) -> Column:
    """Fail when a row holds anything but 0."""
    if (as_floats(call.columns[0]) != 0).any():
        message = call.constant_value(1) if len(call.columns) > 1 else None
        shown = str(message) if message is not None else "throwIf met a value that is not 0"
        raise ValueExecutionError(VALUE_THROWN, shown)
    return _zeros(call)


def _random(bits: int) -> Kernel:
    """Return the kernel of independent random numbers."""

    def kernel(call: Call) -> Column:
        values = np.random.default_rng().integers(0, 1 << bits, call.n_rows, np.uint64)
        return numeric(call.result_type, values)

    return kernel


def _random_constant(call: Call) -> Column:
    value = np.random.default_rng().integers(0, 1 << 32, 1, np.uint64)
    return constant_column(numeric(U32, value), call.n_rows)


def _bar(call: Call) -> Column:
    """Draw x between two bounds as a bar, in eighths of a character."""
    value, low, high = (as_floats(column) for column in call.columns[:3])
    width = as_floats(call.columns[3]) if len(call.columns) > 3 else np.full(call.n_rows, 80.0)
    if ((width < 1) | (width > MAX_BAR)).any():
        message = f"a bar's width is from 1 to {MAX_BAR} characters"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    with np.errstate(all="ignore"):
        share = np.clip((value - low) / (high - low), 0, 1)
    eighths = np.floor(np.nan_to_num(share) * width * 8).astype(np.int64)
    full, rest = eighths // 8, eighths % 8
    offsets = offsets_of(full + (rest > 0))
    data = np.tile(FULL_BLOCK, (int(offsets[-1]), 1))
    has_rest = rest > 0
    data[offsets[1:][has_rest] - 1, 2] = (0x90 - rest[has_rest]).astype(np.uint8)
    return StringColumn(offsets * 3, data.reshape(-1))


BINARY_UNITS = (b" B", b" KiB", b" MiB", b" GiB", b" TiB", b" PiB", b" EiB", b" ZiB", b" YiB")
DECIMAL_UNITS = (b" B", b" KB", b" MB", b" GB", b" TB", b" PB", b" EB", b" ZB", b" YB")
QUANTITIES = (
    *(b"", b" thousand", b" million", b" billion", b" trillion", b" quadrillion"),
    *(b" quintillion", b" sextillion", b" septillion", b" octillion", b" nonillion"),
    *(b" decillion", b" undecillion", b" duodecillion", b" tredecillion"),
    *(b" quattuordecillion", b" quindecillion", b" sexdecillion", b" septendecillion"),
    *(b" octodecillion", b" novemdecillion", b" vigintillion"),
)


def _readable(base: float, units: tuple[bytes, ...]) -> Kernel:
    """Return the kernel that shows numbers with two digits and a unit."""

    def kernel(call: Call) -> Column:
        values: NDArray[np.float64] = as_floats(call.columns[0])
        unit = np.zeros(call.n_rows, np.int64)
        for _ in units[1:]:
            is_large = (np.abs(values) >= base) & (unit < len(units) - 1)
            values = np.where(is_large, values / base, values)
            unit += is_large
        shown = np.char.mod("%.2f", values).astype("S")
        return text_from_ascii(np.char.add(shown, np.array(units)[unit]))

    return kernel


def _declare(
    name: str,
    args: tuple[Arg, ...],
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
    *,
    nulls: NullPolicy = NullPolicy.PROPAGATE,
    can_fail: bool = False,
    is_deterministic: bool = True,
    is_case_insensitive: bool = False,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="other",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        nulls=nulls,
        can_fail=can_fail,
        is_deterministic=is_deterministic,
        is_case_insensitive=is_case_insensitive,
        aliases=aliases,
    )


ONE = (Arg("value", ANY),)
MAYBE_ONE = (Arg("value", ANY, is_optional=True),)
ANY_NUMBER = (Arg("value", ANY, is_optional=True, is_repeated=True),)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "identity",
        ONE,
        _first_type,
        _first,
        "The value itself.",
        "identity(1)",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "toLowCardinality",
        ONE,
        _first_type,
        _first,
        "The value itself: how a column is kept is no part of its type here.",
        "toLowCardinality('a')",
        nulls=NullPolicy.OWN,
    ),
    # Not deterministic, so that it is not folded: a column out of a constant is what it is for.
    _declare(
        "materialize",
        ONE,
        _first_type,
        _first,
        "The value as a column that counts as no constant.",
        "materialize(1)",
        nulls=NullPolicy.OWN,
        is_deterministic=False,
    ),
    _declare(
        "ignore",
        ANY_NUMBER,
        U8,
        _zeros,
        "0, whatever the values are.",
        "ignore(1, 'a')",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "isConstant",
        ONE,
        U8,
        _is_constant,
        "1 if the value is a constant of the query, else 0.",
        "isConstant(1)",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "throwIf",
        (Arg("condition", NUMBER), Arg("message", STRING, is_optional=True, is_constant=True)),
        U8,
        _throw_if,
        "An error if a value is not 0, else 0.",
        "throwIf(0)",
        can_fail=True,
    ),
    _declare(
        "rand",
        MAYBE_ONE,
        U32,
        _random(32),
        "A random number of 32 bits for every row.",
        "rand() >= 0",
        nulls=NullPolicy.OWN,
        is_deterministic=False,
        is_case_insensitive=True,
        aliases=("rand32",),
    ),
    _declare(
        "rand64",
        MAYBE_ONE,
        U64,
        _random(64),
        "A random number of 64 bits for every row.",
        "rand64() >= 0",
        nulls=NullPolicy.OWN,
        is_deterministic=False,
    ),
    _declare(
        "randConstant",
        MAYBE_ONE,
        U32,
        _random_constant,
        "One random number of 32 bits for all rows.",
        "randConstant() >= 0",
        nulls=NullPolicy.OWN,
        is_deterministic=False,
    ),
    _declare(
        "bar",
        (
            Arg("value", NUMBER),
            Arg("low", NUMBER),
            Arg("high", NUMBER),
            Arg("width", NUMBER, is_optional=True),
        ),
        TEXT,
        _bar,
        "A bar as long as the value lies between two bounds, at most a width of characters.",
        "bar(5, 0, 10, 20)",
        can_fail=True,
    ),
    _declare(
        "formatReadableSize",
        (Arg("bytes", NUMBER),),
        TEXT,
        _readable(1024.0, BINARY_UNITS),
        "A number of bytes with a unit such as KiB.",
        "formatReadableSize(1000000)",
        is_case_insensitive=True,
        aliases=("FORMAT_BYTES",),
    ),
    _declare(
        "formatReadableDecimalSize",
        (Arg("bytes", NUMBER),),
        TEXT,
        _readable(1000.0, DECIMAL_UNITS),
        "A number of bytes with a unit such as MB.",
        "formatReadableDecimalSize(1000000)",
    ),
    _declare(
        "formatReadableQuantity",
        (Arg("number", NUMBER),),
        TEXT,
        _readable(1000.0, QUANTITIES),
        "A number with a word such as million.",
        "formatReadableQuantity(10000000)",
    ),
)
