"""Text rewritten: letters replaced, parts laid over, words raised, XML escaped, other alphabets."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidb.columns import Column
from minidb.errors import BAD_ARGUMENTS, ValueExecutionError
from minidb.functions.arguments import INTEGER, STRING, Arg
from minidb.functions.builtin.kit import (
    F64,
    I32,
    TEXT,
    U8,
    U16,
    flags,
    numeric,
    strings,
    whole_numbers,
)
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import map_rows, raw, readable, rows_to_numbers
from minidb.types import DataType

BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
XML = {b"&": b"&amp;", b"<": b"&lt;", b">": b"&gt;", b'"': b"&quot;", b"'": b"&apos;"}
ENTITY = re.compile(rb"&(?:(amp|lt|gt|quot|apos)|#(\d+)|#[xX]([0-9a-fA-F]+));")
NAMED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}
WORD = re.compile(rb"[A-Za-z0-9]+")
LAST_ASCII = 127


def _translate(text: bytes, old: bytes, new: bytes) -> bytes:
    """Replace bytes by those at the same places of another text; those without one go."""
    if max(old + new, default=0) > LAST_ASCII:
        message = "translate takes ASCII as its second and third argument"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    if len(new) > len(old):
        message = "translate takes no more bytes to put in than bytes to replace"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    table = bytearray(range(256))
    gone = set()
    for place, byte in enumerate(old):
        if place < len(new):
            gone.discard(byte)
            table[byte] = new[place]
        else:
            gone.add(byte)
    return text.translate(bytes(table), bytes(gone))


def _overlay(call: Call) -> Column:
    """Lay a text over part of another one; places count from 1, or from the end."""
    places = whole_numbers(call.columns[2]).tolist()
    sizes = whole_numbers(call.columns[3]).tolist() if len(call.columns) > 3 else None
    rows = iter(range(call.n_rows))

    def lay(text: bytes, over: bytes) -> bytes:
        row = next(rows)
        at = places[row]
        start = at - 1 if at > 0 else len(text) + at
        start = min(max(start, 0), len(text))
        size = len(over) if sizes is None or sizes[row] < 0 else sizes[row]
        return text[:start] + over + text[start + size :]

    return map_rows([strings(column) for column in call.columns[:2]], lay)


def _before(call: Call) -> Column:
    """Return what stands before the n-th delimiter, or behind the n-th from the end."""
    counts = iter(whole_numbers(call.columns[2]).tolist())

    def part(text: bytes, delimiter: bytes) -> bytes:
        count = next(counts)
        if len(delimiter) != 1:
            message = "substringIndex takes a delimiter of one byte"
            raise ValueExecutionError(BAD_ARGUMENTS, message)
        if not count:
            return b""
        pieces = text.split(delimiter)
        return delimiter.join(pieces[:count] if count > 0 else pieces[count:])

    return map_rows([strings(column) for column in call.columns[:2]], part)


def _raise_words(text: bytes) -> bytes:
    return WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


def _raise_words_utf8(text: bytes) -> bytes:
    return raw(re.sub(r"[^\W_]+", lambda w: w[0][:1].upper() + w[0][1:].lower(), readable(text)))


def _with_end(text: bytes, end: bytes) -> bytes:
    """Put one byte behind a text that does not end with it; an empty text stays."""
    if len(end) != 1:
        message = "appendTrailingCharIfAbsent takes a single byte"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    return text + end if text and not text.endswith(end) else text


def _base58(text: bytes) -> bytes:
    number, out = int.from_bytes(text, "big"), bytearray()
    while number:
        number, digit = divmod(number, 58)
        out.append(BASE58[digit])
    zeros = len(text) - len(text.lstrip(b"\0"))
    return BASE58[:1] * zeros + bytes(reversed(out))


def _from_base58(text: bytes) -> bytes:
    number = 0
    for sign in text:
        digit = BASE58.find(sign)
        if digit < 0:
            raise ValueExecutionError(BAD_ARGUMENTS, "the text is not base 58")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(BASE58[:1]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _from_base32(text: bytes) -> bytes:
    try:
        return base64.b32decode(text)
    except ValueError:
        raise ValueExecutionError(BAD_ARGUMENTS, "the text is not base 32") from None


def _to_xml(text: bytes) -> bytes:
    return re.sub(rb"[&<>\"']", lambda sign: XML[sign[0]], text)


def _from_xml(text: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return NAMED[found[1]]
        number = int(found[2]) if found[2] else int(found[3], 16)
        return (
            chr(number).encode()
            if number < 0x110000 and not 0xD800 <= number < 0xE000
            else found[0]
        )

    return ENTITY.sub(one, text)


def _java_hash(text: bytes) -> int:
    value = 0
    for byte in text:
        value = (value * 31 + (byte - 256 if byte > 127 else byte)) & 0xFFFF_FFFF
    return value - (1 << 32) if value >> 31 else value


def _entropy(text: bytes) -> float:
    if not text:
        return 0.0
    shares = np.bincount(np.frombuffer(text, np.uint8)) / len(text)
    shares = shares[shares > 0]
    return float(-(shares * np.log2(shares)).sum())


def _text(change: Callable[..., bytes]) -> Kernel:
    return lambda call: map_rows([strings(column) for column in call.columns], change)


def _number(count: Callable[..., float], result: DataType) -> Kernel:
    dtype = np.dtype(np.float64 if result == F64 else np.int64)
    return lambda call: numeric(
        result, rows_to_numbers([strings(column) for column in call.columns], count, dtype)
    )


def _is_ascii(call: Call) -> Column:
    text = strings(call.columns[0])
    return flags(rows_to_numbers([text], bytes.isascii, np.dtype(np.bool_)))


def _starts(text: bytes, wanted: bytes) -> bool:
    return text.lower().startswith(wanted.lower())


def _ends(text: bytes, wanted: bytes) -> bool:
    return text.lower().endswith(wanted.lower())


def _declare(
    name: str,
    args: Sequence[Arg],
    kernel: Kernel,
    what: str,
    shown: str,
    result: DataType = TEXT,
    **more: Any,
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="string",
        args=tuple(args),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        **more,
    )


ONE = (Arg("text", STRING),)
TWO = (*ONE, Arg("other", STRING))
OVER = (*ONE, Arg("over", STRING), Arg("place", INTEGER), Arg("length", INTEGER, is_optional=True))
PARTS = (*ONE, Arg("delimiter", STRING), Arg("number", INTEGER))

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("translate", (*ONE, Arg("from", STRING), Arg("to", STRING)), _text(_translate), "Bytes replaced by those at the same places of another text.", "'abcab', 'ab', 'xy'", can_fail=True),
    _declare("overlay", OVER, _overlay, "A text laid over part of another one.", "'Hello, world', 'SQL', 8, 5"),
    _declare("substringIndex", PARTS, _before, "What stands before the n-th delimiter; from the end for a number below 0.", "'a.b.c', '.', -2", aliases=("SUBSTRING_INDEX",), can_fail=True),
    _declare("initcap", ONE, _text(_raise_words), "The words with a capital at the beginning.", "'hello BIG world'", is_case_insensitive=True),
    _declare("initcapUTF8", ONE, _text(_raise_words_utf8), "As initcap, by characters.", "'élan übrig'"),
    _declare("appendTrailingCharIfAbsent", TWO, _text(_with_end), "The text with a byte at its end.", "'path', '/'", can_fail=True),
    _declare("basename", ONE, _text(lambda t: re.split(rb"[/\\]", t)[-1]), "The name behind the last slash or backslash.", "'some/file.txt'"),
    _declare("firstLine", ONE, _text(lambda t: re.split(rb"\r?\n|\r", t, maxsplit=1)[0]), "The first line of a text.", "'one\\\\ntwo'"),
    _declare("base58Encode", ONE, _text(_base58), "The text in base 58.", "'hello'"),
    _declare("base58Decode", ONE, _text(_from_base58), "The text that base 58 stands for.", "'Cn8eVZg'", can_fail=True),
    _declare("base32Encode", ONE, _text(base64.b32encode), "The text in base 32.", "'hello'"),
    _declare("base32Decode", ONE, _text(_from_base32), "The text that base 32 stands for.", "'NBSWY3DP'", can_fail=True),
    _declare("encodeXMLComponent", ONE, _text(_to_xml), "The text with XML's five signs escaped.", "'<a & b>'"),
    _declare("decodeXMLComponent", ONE, _text(_from_xml), "The text with XML's entities read.", "'&lt;a &amp; b&#33;'"),
    _declare("isValidASCII", ONE, _is_ascii, "1 if all bytes are below 128.", "'abc'", U8, aliases=("isASCII",)),
    _declare("startsWithCaseInsensitive", TWO, _number(_starts, U8), "1 if the text begins with another one, in any case.", "'Hello', 'hE'", U8),
    _declare("endsWithCaseInsensitive", TWO, _number(_ends, U8), "1 if the text ends with another one, in any case.", "'Hello', 'LO'", U8),
    _declare("stringBytesUniq", ONE, _number(lambda t: len(set(t)), U16), "The number of different bytes.", "'hello'", U16),
    _declare("stringBytesEntropy", ONE, _number(_entropy, F64), "The entropy of the bytes, in bits.", "'hello'", F64),
    _declare("javaHash", ONE, _number(_java_hash, I32), "Java's hash of a text.", "'hello'", I32),
    _declare("hiveHash", ONE, _number(lambda t: _java_hash(t) & 0x7FFF_FFFF, I32), "Hive's hash of a text.", "'hello'", I32),
)  # fmt: skip
