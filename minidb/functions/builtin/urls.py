"""Functions of URLs: their parts, what is left without a part, parameters, percent signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from minidb.columns import Column
from minidb.functions.arguments import STRING, Arg, Kind
from minidb.functions.builtin.kit import TEXT, U16, array_of, numeric, strings, whole_numbers
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import map_rows, map_texts, rows_to_lists, rows_to_numbers
from minidb.types import ArrayType

SCHEME = re.compile(rb"([A-Za-z][A-Za-z0-9+.\-]*):")
START = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//")
UNFIT = re.compile(rb"[ \t<>%{}|\\^~\[\];=&]")
SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
WIDE_DOMAINS = frozenset((b"com", b"org", b"net", b"co"))


def _host_at(url: bytes) -> tuple[int, int]:
    """Return where the host begins and ends; equal where there is none."""
    found = START.match(url)
    start = found.end() if found else 0
    end = len(url)
    for place in range(start, len(url)):
        byte = url[place]
        if byte in b"/?#:":
            end = place
            break
        if byte == 0x40:
            start, end = place + 1, len(url)
    host = url[start:end]
    if b"." not in host or host.endswith(b".") or UNFIT.search(host):
        return 0, 0
    return start, end


def _domain(url: bytes) -> bytes:
    start, end = _host_at(url)
    return url[start:end]


def _without_www(url: bytes) -> bytes:
    return _domain(url).removeprefix(b"www.")


def _protocol(url: bytes) -> bytes:
    found = SCHEME.match(url)
    return found[1] if found else b""


def _top_level(url: bytes) -> bytes:
    host = _domain(url)
    last = host.rpartition(b".")[2]
    return b"" if last[:1].isdigit() else last


def _significant(url: bytes) -> tuple[bytes, bytes]:
    """Return the first significant part of the host, and it with all behind it."""
    host = _without_www(url)
    parts = host.split(b".")
    if len(parts) < 2:
        return host, host
    place = len(parts) - 2
    if place and parts[place] in WIDE_DOMAINS:
        place -= 1
    return parts[place], b".".join(parts[place:])


def _path_full(url: bytes) -> bytes:
    found = START.match(url)
    at = url.find(b"/", found.end() if found else 0)
    return url[at:] if at >= 0 else b""


def _path(url: bytes) -> bytes:
    return re.split(rb"[?#]", _path_full(url), maxsplit=1)[0]


def _query(url: bytes) -> bytes:
    return url.partition(b"?")[2].partition(b"#")[0] if b"?" in url else b""


def _fragment(url: bytes) -> bytes:
    return url.partition(b"#")[2]


def _query_and_fragment(url: bytes) -> bytes:
    mark = b"?" if b"?" in url else b"#"
    return url.partition(mark)[2]


def _cut_query_and_fragment(url: bytes) -> bytes:
    return url.partition(b"?" if b"?" in url else b"#")[0]


def _cut_query(url: bytes) -> bytes:
    head, mark, rest = url.partition(b"?")
    return head + (b"#" + rest.partition(b"#")[2] if b"#" in rest else b"") if mark else url


def _cut_www(url: bytes) -> bytes:
    start, end = _host_at(url)
    host = url[start:end]
    return url[:start] + host.removeprefix(b"www.") + url[end:] if host else url


def _pairs(url: bytes) -> list[bytes]:
    """Return ``name=value`` of the query and of a fragment's query."""
    head, _, behind = url.partition(b"#")
    behind = behind.partition(b"?")[2] if b"?" in behind else behind
    parts = (head.partition(b"?")[2], behind)
    return [pair for part in parts for pair in part.split(b"&") if b"=" in pair]


def _names(url: bytes) -> list[bytes]:
    return [pair.partition(b"=")[0] for pair in _pairs(url)]


def _parameter(url: bytes, name: bytes) -> bytes:
    for pair in _pairs(url):
        key, _, value = pair.partition(b"=")
        if key == name:
            return value
    return b""


def _encode(text: bytes, plus: bool = False) -> bytes:
    return b"".join(
        b"+" if plus and byte == 0x20 else bytes([byte]) if byte in SAFE else b"%%%02X" % byte
        for byte in text
    )


def _decode(text: bytes) -> bytes:
    return ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), text)


def _port(url: bytes, default: int) -> int:
    start, end = _host_at(url)
    found = re.match(rb":(\d{1,5})(?=[/?#]|$)", url[end:]) if end > start else None
    return int(found[1]) if found and 0 < int(found[1]) < 1 << 16 else default


def _text(change: Callable[[bytes], bytes]) -> Kernel:
    return lambda call: map_texts(strings(call.columns[0]), change)


def _lists(find: Callable[[bytes], list[bytes]]) -> Kernel:
    def kernel(call: Call) -> Column:
        offsets, child = rows_to_lists([strings(call.columns[0])], find)
        return array_of(TEXT, offsets, child)

    return kernel


def _port_kernel(call: Call) -> Column:
    text = strings(call.columns[0])
    found = rows_to_numbers([text], lambda url: _port(url, 0), np.dtype(np.int64))
    if len(call.columns) > 1:
        found = np.where(found == 0, whole_numbers(call.columns[1]), found)
    return numeric(U16, found)


def _parameter_kernel(call: Call) -> Column:
    return map_rows([strings(column) for column in call.columns], _parameter)


URL = (Arg("url", STRING),)
PORT = Kind("a UInt16", lambda data_type: data_type == U16)
SHOWN = "https://user@www.clickhouse.co.uk:8443/a/b?x=1&y=2#top"


def _declare(
    name: str, kernel: Kernel, what: str, *, example: str = "", **more: Any
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="URL",
        args=more.pop("args", URL),
        result=more.pop("result", TEXT),
        kernel=kernel,
        help=what,
        example=f"SELECT {example or f'{name}({SHOWN!r})'}",
        **more,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("protocol", _text(_protocol), "The scheme of a URL."),
    _declare("domain", _text(_domain), "The host of a URL."),
    _declare("domainWithoutWWW", _text(_without_www), "The host without www. in front."),
    _declare("topLevelDomain", _text(_top_level), "The last part of the host."),
    _declare("firstSignificantSubdomain", _text(lambda url: _significant(url)[0]), "The part of the host that names its owner."),
    _declare("cutToFirstSignificantSubdomain", _text(lambda url: _significant(url)[1]), "The host from the part on that names its owner."),
    _declare("path", _text(_path), "The path without query and fragment."),
    _declare("pathFull", _text(_path_full), "The path with query and fragment."),
    _declare("queryString", _text(_query), "The query, behind the question mark."),
    _declare("fragment", _text(_fragment), "The fragment, behind the number sign."),
    _declare("queryStringAndFragment", _text(_query_and_fragment), "The query and the fragment."),
    _declare("cutWWW", _text(_cut_www), "The URL without www. in front of the host."),
    _declare("cutQueryString", _text(_cut_query), "The URL without its query."),
    _declare("cutFragment", _text(lambda url: url.partition(b"#")[0]), "The URL without its fragment."),
    _declare("cutQueryStringAndFragment", _text(_cut_query_and_fragment), "The URL without its query and fragment."),
    _declare("port", _port_kernel, "The port, or a given number (0) where there is none.", args=(*URL, Arg("default", PORT, is_optional=True)), result=U16),
    _declare("extractURLParameter", _parameter_kernel, "The value of a parameter of the query.", args=(*URL, Arg("name", STRING)), example="extractURLParameter('http://a.com/?x=1&y=2', 'y')"),
    _declare("extractURLParameters", _lists(_pairs), "The parameters as name=value.", result=ArrayType(TEXT)),
    _declare("extractURLParameterNames", _lists(_names), "The names of the parameters.", result=ArrayType(TEXT)),
    _declare("encodeURLComponent", _text(_encode), "The text with %XX for all but letters, digits and -_.~.", example="encodeURLComponent('a b/ü')"),
    _declare("decodeURLComponent", _text(_decode), "The text with %XX read.", example="decodeURLComponent('a%20b')"),
    _declare("encodeURLFormComponent", _text(lambda text: _encode(text, plus=True)), "As encodeURLComponent, with + for a space.", example="encodeURLFormComponent('a b/ü')"),
    _declare("decodeURLFormComponent", _text(lambda text: _decode(text.replace(b"+", b" "))), "As decodeURLComponent, with + as a space.", example="decodeURLFormComponent('a+b%2B')"),
)  # fmt: skip
