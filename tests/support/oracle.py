"""Real ClickHouse (the package chdb) as the judge of single functions, many calls to a query."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from minidb.functions.declaration import ScalarFunction
from minidb.types import ArrayType, DataType, FloatType, TupleType, without_null
from minidb.types.names import parse_type
from tests.support.call import Input, run

chdb = pytest.importorskip("chdb")


@dataclass(frozen=True, slots=True)
class Case:
    """One call: a function's name and its arguments."""

    name: str
    inputs: tuple[Input, ...]

    def sql(self, number: int) -> str:
        """Return a query of (case, row, type's name, value as text in hex)."""
        varying = [(i, given) for i, given in enumerate(self.inputs) if not given.is_constant]
        args = [
            f"CAST({literal(given.column().type, given.values[0])}, '{quoted(given.type)}')"
            if given.is_constant
            else f"c{i}"
            for i, given in enumerate(self.inputs)
        ]
        n_rows = len(varying[0][1].values) if varying else 1
        names = "".join(f", c{i} {quoted(given.type)}" for i, given in varying)
        types = [(parse_type(given.type), given.values) for _, given in varying]
        rows = ", ".join(
            f"({', '.join([str(row), *(literal(t, v[row]) for t, v in types)])})"
            for row in range(n_rows)
        )
        call = f"{self.name}({', '.join(args)})"
        return (
            f"SELECT {number} AS c, n, toTypeName(r) AS t, hex(toString(tuple(r))) AS v "
            f"FROM (SELECT n, {call} AS r FROM values('n UInt32{names}', {rows}))"
        )


def quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def literal(data_type: DataType, value: object) -> str:
    """Return a value as a ClickHouse literal."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case str() | bytes():
            raw = value.encode() if isinstance(value, str) else value
            return "'" + "".join(f"\\x{byte:02X}" for byte in raw) + "'"
        case list():
            element = data_type.element if isinstance(data_type, ArrayType) else data_type
            return f"[{', '.join(literal(element, v) for v in value)}]"
        case tuple():
            elements = data_type.elements if isinstance(data_type, TupleType) else ()
            inner = [literal(t, v) for t, v in zip(elements, value, strict=True)]
            return f"tuple({', '.join(inner)})"
        case float() if math.isnan(value):
            return "nan"
        case float() if math.isinf(value):
            return "inf" if value > 0 else "-inf"
        case int() if abs(value) >= 1 << 63:
            name = without_null(data_type).name
            return f"to{name}('{value}')"
        case int() | float():
            return repr(value)
        case _:
            return f"'{value}'"


class _Reader:
    """A cursor over ClickHouse's text of one tuple."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.at = 0

    def value(self) -> object:
        head = self.text[self.at : self.at + 1]
        if head in b"([":
            return self.sequence(b")" if head == b"(" else b"]")
        if head == b"'":
            return self.quoted()
        start = self.at
        while self.text[self.at : self.at + 1] not in (b",", b")", b"]", b""):
            self.at += 1
        word = self.text[start : self.at].decode()
        if word in {"NULL", "true", "false"}:
            return {"NULL": None, "true": True, "false": False}[word]
        return float(word) if word == "-0" or set(word) - set("-0123456789") else int(word)

    def sequence(self, closer: bytes) -> object:
        items = []
        self.at += 1
        while self.text[self.at : self.at + 1] != closer:
            items.append(self.value())
            if self.text[self.at : self.at + 1] == b",":
                self.at += 1
        self.at += 1
        return tuple(items) if closer == b")" else items

    def quoted(self) -> bytes:
        out = bytearray()
        self.at += 1
        while (byte := self.text[self.at : self.at + 1]) != b"'":
            self.at += 1
            if byte == b"\\":
                byte = self.text[self.at : self.at + 1]
                self.at += 1
                escapes = {b"0": b"\0", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
                byte = {**escapes, b"b": b"\b", b"f": b"\f"}.get(byte, byte)
            out += byte
        self.at += 1
        return bytes(out)


def comparable(data_type: DataType, value: object) -> object:
    """Return a value of either side in one form: bytes for text and dates, repr for floats."""
    data_type = without_null(data_type)
    if value is None:
        return None
    match data_type:
        case ArrayType(element=element):
            return [comparable(element, v) for v in value]
        case TupleType(elements=elements):
            return tuple(comparable(t, v) for t, v in zip(elements, value, strict=True))
        case FloatType(bits=bits):
            number = np.float32(value) if bits == 32 else np.float64(value)
            return repr(float(number))
    match value:
        case bool() | int() | bytes():
            return value
        case _:
            return str(value).encode()


def ask(queries: Sequence[str]) -> list[tuple[int, int, str, bytes]]:
    """Run queries of the form of `Case.sql` together."""
    text = (
        " UNION ALL ".join(queries)
        + " SETTINGS max_query_size = 100000000, max_ast_elements=9000000, max_expanded_ast_elements=9000000, session_timezone='UTC'"
    )
    out = chdb.query(text, "TSV").bytes().decode()
    found = []
    for line in out.splitlines():
        case, row, type_name, value = line.split("\t")
        found.append((int(case), int(row), type_name.replace("\\'", "'"), bytes.fromhex(value)))
    return found


def differences(
    cases: Sequence[Case], functions: dict[str, ScalarFunction], same_types: bool = True
) -> list[str]:
    """Return one line for every value or type that differs from ClickHouse's."""
    found: list[str] = []
    theirs: dict[int, dict[int, tuple[str, bytes]]] = {}
    for case, row, type_name, value in ask([c.sql(i) for i, c in enumerate(cases)]):
        theirs.setdefault(case, {})[row] = (type_name, value)
    for number, case in enumerate(cases):
        column = run(functions[case.name], *case.inputs)
        ours = column.to_pylist()
        for row, (type_name, text) in sorted(theirs[number].items()):
            (parsed,) = _Reader(text).value()
            given = [repr(i.values[0 if i.is_constant else row]) for i in case.inputs]
            place = f"{case.name}({', '.join(given)}) of {[i.type for i in case.inputs]}"
            if same_types and column.type.name != type_name:
                found.append(f"{place}: type {column.type.name}, ClickHouse {type_name}")
                break
            expected = comparable(column.type, parsed)
            actual = comparable(column.type, ours[row])
            if expected != actual:
                found.append(f"{place}: {actual!r}, ClickHouse {expected!r}")
    return found


def error_code(sql: str) -> int:
    """Return the code of the error that ClickHouse raises for a query, 0 for none."""
    try:
        chdb.query(sql, "TSV")
    except RuntimeError as error:
        return int(str(error).split("Code: ")[1].split(".")[0])
    return 0
