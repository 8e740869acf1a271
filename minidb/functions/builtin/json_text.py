"""Values taken out of JSON texts by keys and places."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.functions.arguments import INTEGER, STRING, Arg, either
from minidb.functions.builtin.kit import (
    F64,
    I64,
    TEXT,
    U8,
    U64,
    array_of,
    numeric,
    offsets_of,
    strings,
    whole_numbers,
)
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import raw, readable
from minidb.types import ArrayType, BoolType, DataType, IntType, StringType

MISSING = object()
Value: TypeAlias = Any
Step: TypeAlias = "str | int"
BOUNDS = {I64: (-(1 << 63), (1 << 63) - 1), U64: (0, (1 << 64) - 1)}
NUMBER_TEXT = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?")


class _Pairs(list[tuple[str, Value]]):
    """An object as pairs, in their order, with keys that stand there twice."""


def _parse(text: bytes) -> Value:
    try:
        return json.loads(readable(text), object_pairs_hook=_Pairs, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return MISSING


def _refuse(name: str) -> Value:
    raise ValueError(name)


def _step(value: Value, step: Step) -> Value:
    """Go to a key, or to a place from 1 or from the end."""
    if isinstance(step, str):
        if not isinstance(value, _Pairs):
            return MISSING
        return next((item for key, item in value if key == step), MISSING)
    if not isinstance(value, list) or not step or abs(step) > len(value):
        return MISSING
    item = value[step - 1 if step > 0 else step]
    return item[1] if isinstance(value, _Pairs) else item


def found_values(call: Call, skip: int = 0) -> Iterator[Value]:
    """Return what each row's path leads to."""
    paths = [_steps_of(column) for column in call.columns[1 : len(call.columns) - skip]]
    for row, text in enumerate(strings(call.columns[0]).to_bytes()):
        value = _parse(text)
        for steps in paths:
            value = MISSING if value is MISSING else _step(value, steps[row])
        yield value


def _steps_of(column: Column) -> list[Any]:
    """Return the keys or places of one argument, a row each."""
    if isinstance(column.type, StringType):
        return [readable(text) for text in strings(column).to_bytes()]
    places: list[Any] = whole_numbers(column).tolist()
    return places


def shown_value(value: Value) -> str:
    """Return a value as JSON without spaces."""
    if isinstance(value, _Pairs):
        return (
            "{" + ",".join(f"{shown_value(key)}:{shown_value(item)}" for key, item in value) + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(shown_value, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _whole(value: Value, result: IntType) -> int:
    """Return a whole number, 0 where the value is none or does not fit."""
    low, high = BOUNDS[result]
    if isinstance(value, str):
        if NUMBER_TEXT.fullmatch(value) is None:
            return 0
        value = float(value) if set(value) & set(".eE") else int(value)
    if isinstance(value, float):
        value = int(value) if abs(value) < 1e19 else 0
    return int(value) if isinstance(value, int) and low <= value <= high else 0


def is_object(value: Value) -> bool:
    """Tell whether a value is an object, which is kept as its pairs."""
    return isinstance(value, _Pairs)


def number_of(value: Value, target: DataType) -> Any:
    """Return a value as a number of a type, MISSING where it is none or does not fit."""
    if isinstance(value, str):
        if isinstance(target, BoolType) or NUMBER_TEXT.fullmatch(value) is None:
            return MISSING
        value = float(value) if set(value) & set(".eE") else int(value)
    if not isinstance(value, int | float):
        return MISSING
    if isinstance(target, BoolType):
        return bool(value)
    if not isinstance(target, IntType):
        return float(value)
    whole = int(value)
    return whole if target.minimum <= whole <= target.maximum else MISSING


def _real(value: Value) -> float:
    if isinstance(value, str):
        return float(value) if NUMBER_TEXT.fullmatch(value) else 0.0
    return float(value) if isinstance(value, int | float) else 0.0


def _numbers(convert: Callable[[Value], float], result: DataType) -> Kernel:
    dtype = {F64: np.float64, U64: np.uint64}.get(result, np.int64)

    def kernel(call: Call) -> Column:
        found = np.fromiter(map(convert, found_values(call)), np.dtype(dtype), call.n_rows)
        return numeric(result, found)

    return kernel


def _texts(show: Callable[[Value], str]) -> Kernel:
    return lambda call: StringColumn.from_bytes(raw(show(value)) for value in found_values(call))


def _lists(items: Callable[[Value], list[str]]) -> Kernel:
    def kernel(call: Call) -> Column:
        found = [items(value) for value in found_values(call)]
        child = StringColumn.from_bytes(raw(item) for row in found for item in row)
        return array_of(TEXT, offsets_of(np.array([len(row) for row in found], np.int64)), child)

    return kernel


def _key(call: Call) -> Column:
    """Return the name of the key that the last argument leads to."""
    if len(call.columns) == 1:
        return StringColumn.from_bytes([b""] * call.n_rows)
    steps = _steps_of(call.columns[-1])
    values = found_values(call, skip=1)
    return StringColumn.from_bytes(raw(_key_at(*pair)) for pair in zip(values, steps, strict=True))


def _key_at(value: Value, step: Step) -> str:
    """Return the key at a place of an object, or the key itself; empty where there is none."""
    if not isinstance(value, _Pairs) or _step(value, step) is MISSING:
        return ""
    if isinstance(step, str):
        return step
    return value[step - 1 if step > 0 else step][0]


def _text_of(value: Value) -> str:
    if value is MISSING or value is None:
        return ""
    return value if isinstance(value, str) else shown_value(value)


def simple_value(text: bytes, name: bytes) -> bytes | None:
    """Return what stands behind ``"name":`` in a text, as it is; the text is not checked."""
    mark = b'"' + name + b'":'
    at = text.find(mark)
    if at < 0:
        return None
    rest = text[at + len(mark) :]
    depth, inside, escaped = 0, False, False
    for place, byte in enumerate(rest):
        if inside:
            inside, escaped = escaped or byte != 0x22, byte == 0x5C and not escaped
            if not inside and not depth:
                return rest[: place + 1]
            continue
        if byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
        elif byte in b"]}" or (byte == 0x2C and not depth):
            depth -= byte in b"]}"
            if depth < 0 or byte == 0x2C:
                return rest[:place]
            if not depth:
                return rest[: place + 1]
    return rest


def _simple_kernel(convert: Callable[[bytes | None], Any], result: DataType) -> Kernel:
    def kernel(call: Call) -> Column:
        pairs = zip(*(strings(column).to_bytes() for column in call.columns), strict=True)
        found = [convert(simple_value(text, name)) for text, name in pairs]
        if result == TEXT:
            return StringColumn.from_bytes(found)
        return numeric(result, np.array(found, np.float64 if result == F64 else np.int64))

    return kernel


def _leading(raw_value: bytes | None, *, is_whole: bool) -> float:
    """Return the number that a text begins with, also inside quotes."""
    text = (raw_value or b"").strip().lstrip(b'"')
    found = re.match(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?", text)
    if not found:
        return 0
    return int(re.match(rb"-?\d+", text)[0]) if is_whole else float(found[0])  # type: ignore[index] # the longer pattern matched


def _unquoted(raw_value: bytes | None) -> bytes:
    value = MISSING if raw_value is None or raw_value[:1] != b'"' else _parse(raw_value)
    return raw(value) if isinstance(value, str) else b""


def _declare(
    name: str, kernel: Kernel, what: str, shown: str, result: DataType, **more: Any
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="JSON",
        args=more.pop("args", PATH),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        **more,
    )


STEP = either(STRING, INTEGER)
PATH = (Arg("json", STRING), Arg("step", STEP, is_optional=True, is_repeated=True))
KEY = (Arg("json", STRING), Arg("step", STEP, is_repeated=True))
FIELD = (Arg("json", STRING), Arg("name", STRING))
SHOWN = """'{"a": [1, -2.5, "x"], "b": {"c": true}}', """
SIMPLE = """'{"a":-12,"b":"x"}', 'a'"""

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("isValidJSON", lambda call: numeric(U8, np.array([v is not MISSING for v in found_values(call)], np.uint8)), "1 if the text is JSON.", "'[1]'", U8, args=(Arg("json", STRING),)),
    _declare("JSONHas", _numbers(lambda v: v is not MISSING, U8), "1 if there is something at the end of the path.", SHOWN + "'a', 4", U8),
    _declare("JSONLength", _numbers(lambda v: len(v) if isinstance(v, list) else 0, U64), "The length of an array or object.", SHOWN + "'a'", U64),
    _declare("JSONExtractInt", _numbers(partial(_whole, result=I64), I64), "A whole number, 0 where there is none.", SHOWN + "'a', 1", I64),
    _declare("JSONExtractUInt", _numbers(partial(_whole, result=U64), U64), "A number not below 0, 0 where there is none.", SHOWN + "'a', 1", U64),
    _declare("JSONExtractFloat", _numbers(_real, F64), "A number, 0 where there is none.", SHOWN + "'a', 2", F64),
    _declare("JSONExtractBool", _numbers(lambda v: isinstance(v, int | float) and bool(v), U8), "1 for true, 0 for all else.", SHOWN + "'b', 'c'", U8),
    _declare("JSONExtractString", _texts(_text_of), "A text; other values as JSON.", SHOWN + "'a', -1", TEXT),
    _declare("JSONExtractRaw", _texts(lambda v: "" if v is MISSING else shown_value(v)), "A value as JSON.", SHOWN + "'a'", TEXT),
    _declare("JSONExtractKeys", _lists(lambda v: [key for key, _ in v] if isinstance(v, _Pairs) else []), "The keys of an object.", SHOWN + "'b'", ArrayType(TEXT)),
    _declare("JSONExtractArrayRaw", _lists(lambda v: [shown_value(i) for i in v] if isinstance(v, list) and not isinstance(v, _Pairs) else []), "The elements of an array as JSON.", SHOWN + "'a'", ArrayType(TEXT)),
    _declare("JSONKey", _key, "The key at a place.", SHOWN + "2", TEXT),
    _declare("simpleJSONHas", _simple_kernel(lambda v: v is not None, U8), "1 if a field stands in the text.", SIMPLE, U8, args=FIELD, aliases=("visitParamHas",)),
    _declare("simpleJSONExtractInt", _simple_kernel(partial(_leading, is_whole=True), I64), "The whole number of a field.", SIMPLE, I64, args=FIELD, aliases=("visitParamExtractInt",)),
    _declare("simpleJSONExtractFloat", _simple_kernel(partial(_leading, is_whole=False), F64), "The number of a field.", SIMPLE, F64, args=FIELD, aliases=("visitParamExtractFloat",)),
    _declare("simpleJSONExtractBool", _simple_kernel(lambda v: v == b"true", U8), "1 if a field is true.", SIMPLE, U8, args=FIELD, aliases=("visitParamExtractBool",)),
    _declare("simpleJSONExtractString", _simple_kernel(_unquoted, TEXT), "The text of a field.", """'{"b":"x"}', 'b'""", TEXT, args=FIELD, aliases=("visitParamExtractString",)),
    _declare("simpleJSONExtractRaw", _simple_kernel(lambda v: v or b"", TEXT), "The value of a field as it is written.", SIMPLE, TEXT, args=FIELD, aliases=("visitParamExtractRaw",)),
)  # fmt: skip
