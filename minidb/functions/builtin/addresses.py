"""Internet addresses of version 4 as numbers and as text, and text up to its first zero byte."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from minidb.columns import Column, StringColumn, with_nulls
from minidb.columns.text import render_integers
from minidb.columns.text_layout import join_columns, repeated_text
from minidb.errors import CANNOT_PARSE_IPV4, ValueExecutionError
from minidb.functions.arguments import STRING, Arg, Kind
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    TEXT,
    U8,
    U32,
    Ints,
    cut,
    first_per_row,
    flags,
    numbers,
    numeric,
    strings,
)
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import rows_to_numbers
from minidb.types import DataType, IntType, nullable

ADDRESS = re.compile(rb"(?:(0|[1-9]\d{0,2})(?:\.|\Z)){4}(?<!\.)")
WHOLE = Kind(
    "an unsigned integer of at most 32 bits",
    lambda t: isinstance(t, IntType) and not t.is_signed and t.bits <= 32,
)
UNREAD = -1


def _shown(call: Call) -> Column:
    """Return the low 32 bits as four numbers from 0 to 255."""
    values = numbers(call.columns[0]).astype(np.int64)
    dot = repeated_text(b".", call.n_rows)
    parts: list[StringColumn] = []
    for shift in (24, 16, 8, 0):
        parts += [render_integers(values >> shift & 255), dot]
    return join_columns(parts[:-1])


def _read(value: bytes) -> int:
    """Return the number of an address, -1 where the text is none."""
    if ADDRESS.fullmatch(value) is None:
        return UNREAD
    parts = [int(part) for part in value.split(b".")]
    if len(parts) != 4 or max(parts) > 255:
        return UNREAD
    return int.from_bytes(bytes(parts), "big")


def _found(call: Call) -> Ints:
    return rows_to_numbers([strings(call.columns[0])], _read, np.dtype(np.int64))


def _numbers(ending: str) -> Kernel:
    def kernel(call: Call) -> Column:
        found = _found(call)
        failed = found < 0
        if failed.any() and not ending:
            raise ValueExecutionError(CANNOT_PARSE_IPV4, "a text is no IPv4 address")
        values = numeric(U32, np.where(failed, 0, found).astype(np.uint32))
        return with_nulls(values, failed) if ending == "OrNull" else values

    return kernel


def _cut_to_zero(call: Call) -> Column:
    text = strings(call.columns[0])
    ends = first_per_row(text.data == 0, text.offsets)
    ends = np.minimum(np.where(ends < 0, text.offsets[1:], ends), text.offsets[1:])
    return cut(text, text.offsets[:-1], ends - text.offsets[:-1])


def _declare(
    name: str,
    arg: Arg,
    result: DataType,
    kernel: Callable[[Call], Column],
    what: str,
    shown: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="string",
        args=(arg,),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        aliases=aliases,
        can_fail=name == "IPv4StringToNum",
    )


ADDRESS_ARG = Arg("address", STRING)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("IPv4NumToString", Arg("number", WHOLE), TEXT, _shown, "A number as an IPv4 address.", "3232235777", ("INET_NTOA",)),
    _declare("IPv4StringToNum", ADDRESS_ARG, U32, _numbers(""), "An IPv4 address as a number.", "'192.168.1.1'", ("INET_ATON",)),
    _declare("IPv4StringToNumOrDefault", ADDRESS_ARG, U32, _numbers("OrDefault"), "An IPv4 address as a number, 0 where it is none.", "'x'"),
    _declare("IPv4StringToNumOrNull", ADDRESS_ARG, nullable(U32), _numbers("OrNull"), "An IPv4 address as a number, NULL where it is none.", "'x'"),
    _declare("isIPv4String", ADDRESS_ARG, U8, lambda call: flags(_found(call) >= 0), "1 if the text is an IPv4 address.", "'1.2.3.400'"),
    _declare("toStringCutToZero", Arg("text", TEXT_KIND), TEXT, _cut_to_zero, "The text up to its first zero byte.", "toFixedString('ab', 5)"),
)  # fmt: skip
