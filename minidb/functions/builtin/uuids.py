"""Making UUIDs, and their 16 bytes as text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, FixedStringColumn, WideColumn
from minidb.columns.strings import StringColumn
from minidb.columns.text_uuids import parse_uuids, render_uuids, uuid_bytes, uuids_of_bytes
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import ANY, FIXED_STRING, STRING, Arg
from minidb.functions.cast import to_text
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import DataType, FixedStringType, StringType, UUIDType

FAMILY = "uuid"
N_BYTES = 16
# The bits of RFC 9562, section 5.4, that say version 4 and its variant.
VERSION_BYTE, VARIANT_BYTE = 6, 8


def _generate(call: Call) -> Column:
    """Return a random UUID of version 4 for each row."""
    raw = np.random.default_rng().integers(0, 256, (call.n_rows, N_BYTES), np.uint8)
    raw[:, VERSION_BYTE] = (raw[:, VERSION_BYTE] & 0x0F) | 0x40
    raw[:, VARIANT_BYTE] = (raw[:, VARIANT_BYTE] & 0x3F) | 0x80
    return uuids_of_bytes(raw)


def _to_bytes(call: Call) -> Column:
    values, ok = parse_uuids(to_text(call.columns[0]))
    return FixedStringColumn(
        FixedStringType(N_BYTES), np.where(ok[:, None], uuid_bytes(values.lanes), np.uint8(0))
    )


def _bytes_type(args: Sequence[Argument]) -> DataType:
    if args[0].type != FixedStringType(N_BYTES):
        message = f"UUIDNumToString takes FixedString({N_BYTES}), not {args[0].type.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return StringType()


def _to_text(call: Call) -> Column:
    column = call.columns[0]
    if not isinstance(column, FixedStringColumn):
        return StringColumn.from_bytes([b""] * call.n_rows)
    values: WideColumn = uuids_of_bytes(column.data)
    return render_uuids(values.lanes)


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "generateUUIDv4",
        FAMILY,
        (Arg("tag", ANY, is_optional=True),),
        UUIDType(),
        _generate,
        "a random UUID of version 4 for every row; calls with other tags differ",
        "SELECT length(toString(generateUUIDv4()))",
        nulls=NullPolicy.OWN,
        is_deterministic=False,
    ),
    ScalarFunction(
        "UUIDStringToNum",
        FAMILY,
        (Arg("text", STRING),),
        FixedStringType(N_BYTES),
        _to_bytes,
        "the 16 bytes of a UUID that is written as text; zero bytes for any other text",
        "SELECT hex(UUIDStringToNum('61f0c404-5cb3-11e7-907b-a6006ad3dba0'))",
    ),
    ScalarFunction(
        "UUIDNumToString",
        FAMILY,
        (Arg("bytes", FIXED_STRING),),
        _bytes_type,
        _to_text,
        "the text of a UUID of 16 bytes",
        "SELECT UUIDNumToString(toFixedString('0123456789abcdef', 16))",
    ),
)
