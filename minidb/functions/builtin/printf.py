"""The function ``printf``: values put into a template as C does it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from minidb.columns import Column
from minidb.columns.text_layout import repeated_text
from minidb.errors import (
    BAD_ARGUMENTS,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
    NotSupportedError,
)
from minidb.functions.arguments import NUMBER, STRING, Arg, either
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import TEXT, numbers, strings
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.functions.no_numpy_way import format_rows
from minidb.types import BoolType, DataType, FixedStringType, FloatType, IntType, StringType

SPEC = re.compile(rb"%(?P<flags>[-+ #0]*)\d*(?:\.\d*)?(?P<code>.|$)", re.DOTALL)
UNSIGNED = b"xXou"


def _codes(template: bytes) -> list[tuple[bytes, bytes]]:
    """Return the code and the flags of each value that a template takes."""
    found = [(spec["code"], spec["flags"]) for spec in SPEC.finditer(template)]
    return [(code, flags) for code, flags in found if code != b"%"]


def _takes(code: bytes, data_type: DataType) -> bool:
    """Tell whether a code shows values of a type."""
    if code in (b"d", b"i", b"u", b"x", b"X", b"o", b"c"):
        return isinstance(data_type, IntType | BoolType)
    if code in (b"f", b"F", b"e", b"E", b"g", b"G"):
        return isinstance(data_type, FloatType)
    return code == b"s" and isinstance(data_type, StringType | FixedStringType)


def _type(arguments: Sequence[Argument]) -> DataType:
    template = arguments[0].constant_value()
    if not isinstance(template, str):
        return TEXT
    codes = _codes(template.encode("utf-8", "surrogateescape"))
    if len(codes) != len(arguments) - 1:
        message = f"the template takes {len(codes)} values, got {len(arguments) - 1}"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    for (code, flags), argument in zip(codes, arguments[1:], strict=True):
        shown = f"%{code.decode('latin-1')}"
        if code in (b"a", b"A") or (code == b"o" and b"#" in flags):
            raise NotSupportedError(f"printf does not know {shown} with these flags")
        if isinstance(argument.type, IntType) and argument.type.is_wide:
            raise NotSupportedError("printf does not show integers of more than 64 bits")
        if not _takes(code, argument.type):
            raise BindError(BAD_ARGUMENTS, f"{shown} does not show {argument.type.name}")
    return TEXT


def _values(column: Column, code: bytes) -> list[Any]:
    """Return what a code shows; negative numbers without a sign as two's complement."""
    if code == b"s":
        return strings(column).to_bytes()
    values = numbers(column)
    if code == b"c":
        values = values.astype(np.uint8)
    elif code in UNSIGNED and values.dtype.kind == "i":
        values = values.astype(np.int64).view(np.uint64)
    found: list[Any] = values.tolist()
    return found


def _printf(call: Call) -> Column:
    constant = call.constants[0]
    template = strings(constant).to_bytes()[0] if constant is not None else b""
    codes = _codes(template)
    if not codes:
        return repeated_text(template.replace(b"%%", b"%"), call.n_rows)
    pairs = zip(call.columns[1:], codes, strict=True)
    return format_rows(template, [_values(column, code) for column, (code, _) in pairs])


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="printf",
        family="string",
        args=(
            Arg("template", STRING, is_constant=True),
            Arg("value", either(NUMBER, TEXT_KIND), is_optional=True, is_repeated=True),
        ),
        result=_type,
        kernel=_printf,
        help="Values in a template of C: %d whole numbers, %x in hexadecimal, %.2f floats, %s text.",
        example="SELECT printf('%d %s %05.2f %x %%', 5, 'a', 1.5, 255)",
    ),
)
