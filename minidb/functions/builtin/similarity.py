"""How alike two texts are: edit distances, Jaro's similarity, shared bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minidb.columns import Column
from minidb.functions.arguments import STRING, Arg
from minidb.functions.builtin.kit import F32, F64, TEXT, U64, numeric, strings
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import map_texts, rows_to_numbers
from minidb.types import DataType

PREFIX_WEIGHT, MAX_PREFIX, BOOST_FROM = 0.1, 4, 0.7


def edit_distance(left: bytes | str, right: bytes | str) -> int:
    """Return the least number of insertions, deletions and replacements (Levenshtein)."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def damerau_distance(left: bytes, right: bytes) -> int:
    """Return the edit distance in which neighbours that changed places count once."""
    older: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        new = [i, *([0] * len(right))]
        for j, b in enumerate(right, 1):
            new[j] = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                new[j] = min(new[j], older[j - 2] + 1)
        older, row = row, new
    return row[-1]


def jaro(left: bytes, right: bytes) -> float:
    """Return Jaro's similarity, from 0 to 1."""
    reach = max(max(len(left), len(right)) // 2 - 1, 0)
    taken = [False] * len(right)
    matched: list[int] = []
    for i, a in enumerate(left):
        for j in range(max(0, i - reach), min(len(right), i + reach + 1)):
            if not taken[j] and right[j] == a:
                taken[j] = True
                matched.append(a)
                break
    if not matched:
        return 0.0
    others = [b for b, is_taken in zip(right, taken, strict=True) if is_taken]
    moved = sum(a != b for a, b in zip(matched, others, strict=True)) / 2
    n = len(matched)
    return (n / len(left) + n / len(right) + (n - moved) / n) / 3


def jaro_winkler(left: bytes, right: bytes) -> float:
    """Return Jaro's similarity, raised for a shared beginning."""
    found = jaro(left, right)
    prefix = 0
    for a, b in zip(left[:MAX_PREFIX], right[:MAX_PREFIX], strict=False):
        if a != b:
            break
        prefix += 1
    return found + prefix * PREFIX_WEIGHT * (1 - found) if found > BOOST_FROM else found


def jaccard(left: bytes, right: bytes) -> float:
    """Return the shared part of the sets of bytes."""
    a, b = set(left), set(right)
    return len(a & b) / len(a | b) if a | b else 0.0


def hamming(left: bytes, right: bytes) -> int:
    """Return at how many places two texts differ; the end of the longer one counts as well."""
    differ = sum(a != b for a, b in zip(left, right, strict=False))
    return differ + abs(len(left) - len(right))


def _grams(text: bytes, size: int) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for i in range(len(text) - size + 1):
        gram = text[i : i + size]
        found[gram] = found.get(gram, 0) + 1
    return found


def ngram_distance(left: bytes, right: bytes) -> float:
    """Return the share of runs of four bytes that the texts do not share."""
    a, b = _grams(left, 4), _grams(right, 4)
    total = sum(a.values()) + sum(b.values())
    shared = sum(min(count, b.get(gram, 0)) for gram, count in a.items())
    return (total - 2 * shared) / total if total else 0.0


def ngram_search(left: bytes, right: bytes) -> float:
    """Return the share of the needle's runs of four bytes that the text has."""
    a, b = _grams(left, 4), _grams(right, 4)
    total = sum(b.values())
    shared = sum(min(count, a.get(gram, 0)) for gram, count in b.items())
    return shared / total if total else 1.0


def _soundex(text: bytes) -> bytes:
    """Return the code of how an English name sounds."""
    codes = dict(zip(b"BFPVCGJKQSXZDTLMNR", b"111122222222334556", strict=True))
    letters = [b for b in text.upper() if 0x41 <= b <= 0x5A]
    if not letters:
        return b"0000"
    out, last = bytearray(letters[:1]), codes.get(letters[0])
    for letter in letters[1:]:
        code = codes.get(letter)
        if code is not None and code != last:
            out.append(code)
        last = code
    return bytes(out[:4]).ljust(4, b"0")


def _pair(measure: Callable[[bytes, bytes], float], result: DataType) -> Kernel:
    dtype = np.dtype(np.int64) if result == U64 else np.dtype(np.float64)

    def kernel(call: Call) -> Column:
        texts = [strings(column) for column in call.columns]
        return numeric(result, rows_to_numbers(texts, measure, dtype))

    return kernel


def _lower(measure: Callable[[bytes, bytes], float]) -> Callable[[bytes, bytes], float]:
    return lambda left, right: measure(left.lower(), right.lower())


def _utf8(measure: Callable[[str, str], float]) -> Callable[[bytes, bytes], float]:
    return lambda left, right: measure(
        left.decode("utf-8", "surrogateescape"), right.decode("utf-8", "surrogateescape")
    )


PAIR = (Arg("left", STRING), Arg("right", STRING))


def _declare(
    name: str,
    measure: Callable[[bytes, bytes], float],
    result: DataType,
    what: str,
    shown: str = "'kitten', 'sitting'",
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="string similarity",
        args=PAIR,
        result=result,
        kernel=_pair(measure, result),
        help=what,
        example=f"SELECT {name}({shown})",
        aliases=aliases,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("editDistance", edit_distance, U64, "The least number of bytes to insert, delete or replace.", aliases=("levenshteinDistance",)),
    _declare("editDistanceUTF8", _utf8(edit_distance), U64, "As editDistance, by characters.", "'kätzchen', 'katzen'", ("levenshteinDistanceUTF8",)),
    _declare("damerauLevenshteinDistance", damerau_distance, U64, "As editDistance; neighbours that changed places count once.", "'abcd', 'acbd'"),
    _declare("jaroSimilarity", jaro, F64, "Jaro's similarity, from 0 to 1.", "'martha', 'marhta'"),
    _declare("jaroWinklerSimilarity", jaro_winkler, F64, "Jaro's similarity, higher for a shared beginning.", "'martha', 'marhta'"),
    _declare("stringJaccardIndex", jaccard, F64, "The shared part of the sets of bytes."),
    _declare("byteHammingDistance", hamming, U64, "At how many places texts differ.", "'karolin', 'kathrin'", ("mismatches",)),
    _declare("ngramDistance", ngram_distance, F32, "The share of runs of four bytes that are not shared.", "'ClickHouse', 'ClickMouse'"),
    _declare("ngramDistanceCaseInsensitive", _lower(ngram_distance), F32, "As ngramDistance, without regard to case.", "'ClickHouse', 'clickMouse'"),
    _declare("ngramSearch", ngram_search, F32, "The share of the second text's runs of four bytes that the first has.", "'ClickHouse', 'Click'"),
    _declare("ngramSearchCaseInsensitive", _lower(ngram_search), F32, "As ngramSearch, without regard to case.", "'ClickHouse', 'CLICK'"),
    ScalarFunction(
        name="soundex",
        family="string similarity",
        args=(Arg("text", STRING),),
        result=TEXT,
        kernel=lambda call: map_texts(strings(call.columns[0]), _soundex),
        help="A code of how an English name sounds.",
        example="SELECT soundex('Robert')",
        is_case_insensitive=True,
    ),
)  # fmt: skip
