"""Python values written as SQL literals of a given type."""

from __future__ import annotations

from minidb.types import (
    ArrayType,
    DataType,
    FloatType,
    IntType,
    MapType,
    NullableType,
    TupleType,
)


def quoted(value: str | bytes) -> str:
    """Return a text literal; bytes outside printable ASCII are escaped."""
    raw = value.encode() if isinstance(value, str) else value
    parts = [
        chr(byte) if 32 <= byte < 127 and byte not in b"\\'" else f"\\x{byte:02x}" for byte in raw
    ]
    return "'" + "".join(parts) + "'"


def literal(data_type: DataType, value: object) -> str:
    """Return an expression whose value and type are the given ones."""
    match data_type:
        case NullableType(inner=inner):
            written = "NULL" if value is None else literal(inner, value)
        case MapType(key=key, value=kind):
            pairs = (f"{literal(key, k)}, {literal(kind, v)}" for k, v in value.items())
            written = f"map({', '.join(pairs)})"
        case ArrayType(element=element):
            written = "[" + ", ".join(literal(element, item) for item in value) + "]"
        case TupleType(elements=elements):
            items = [literal(t, item) for t, item in zip(elements, value, strict=True)]
            written = f"tuple({', '.join(items)})"
        case IntType() | FloatType():
            written = f"'{value!r}'"
        case _ if isinstance(value, str | bytes):
            written = quoted(value)
        case _:
            written = f"'{value}'"
    return f"CAST({written} AS {data_type.name})"
