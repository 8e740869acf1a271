"""String functions give what ClickHouse gives, types and values."""

from __future__ import annotations

from itertools import product

import pytest

from minidb.errors import MiniDBError
from minidb.functions.builtin import builtin_functions
from tests.support.call import Input, constant, run, scalar_functions
from tests.support.oracle import Case, differences, error_code

FUNCTIONS = scalar_functions(builtin_functions())

# UTF-8 alone: functions that count characters differ on other bytes on purpose.
UTF8 = ["", "a", "hello", "héllo", "  a b ", "ÀB\tc\n", "x" * 70, "日本語", "\0a\0", "😀x"]
RAW = [*UTF8[:-2], b"\xff\xfe", b"a\x80b\xf0\x9f"]
TEXT, BYTES = Input("String", UTF8), Input("String", RAW)
ASCII = Input("String", ["", "a", "hello", "hllo", "  a b ", "AB\tc\n", "x" * 70, "\0a\0"])
FIXED = Input("FixedString(4)", ["", "a", "abcd", "  a", "é", "\0x", "AbC", "zz", "1", " "])
NULLABLE = Input("Nullable(String)", ["a", None, "", None, "é", "x", "y", "z", None, "b"])
COUNT = Input("Int64", [0, 1, 2, -1, -2, 100, -100, 3, 2**63 - 1, 1 - 2**63])
SMALL = Input("UInt8", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])


def agree(cases: list[Case]) -> None:
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)


def text(value: str | bytes) -> Input:
    return constant("String", value)


def test_functions_of_one_text_agree():
    plain = ("length", "empty", "notEmpty", "lower", "upper", "lcase", "ucase", "reverse", "ascii",
             "trimBoth", "trimLeft", "trimRight", "hex", "bin", "isValidUTF8", "base64Encode")  # fmt: skip
    strings_only = ("lowerUTF8", "upperUTF8", "reverseUTF8", "splitByWhitespace", "splitByNonAlpha", "alphaTokens")  # fmt: skip
    cases = [Case(name, (column,)) for name, column in product(plain, (BYTES, FIXED, NULLABLE))]
    cases += [Case(name, (column,)) for name, column in product(strings_only, (TEXT, NULLABLE))]
    cases += [Case(name, (column,)) for name, column in product(("lengthUTF8",), (BYTES, FIXED))]
    cases += [Case("toValidUTF8", (BYTES,)), Case("base64URLEncode", (BYTES,))]
    agree(cases)


def test_pieces_of_text_agree():
    cases = [Case(name, (BYTES, COUNT)) for name in ("substring", "left", "right")]
    cases += [Case(name, (FIXED, COUNT)) for name in ("substring", "left", "right")]
    cases += [Case(name, (TEXT, COUNT)) for name in ("substringUTF8", "leftUTF8", "rightUTF8")]
    turned = Input("Int64", [*COUNT.values[3:], *COUNT.values[:3]])
    for start in (-3, 0, 1, 2):
        cases.append(Case("substring", (BYTES, constant("Int8", start), turned)))
        cases.append(Case("substringUTF8", (TEXT, constant("Int8", start), turned)))
    cases += [
        Case("substring", (NULLABLE, COUNT, turned)),
        Case("substring", (BYTES, COUNT, turned)),
    ]
    for name in ("trimBoth", "trimLeft", "trimRight"):
        cases += [Case(name, (BYTES, text("ah "))), Case(name, (BYTES, text("\0x")))]
    agree(cases)


def test_ends_and_places_agree():
    needles = Input("String", ["", "a", "lo", "é", " ", "B\t", "xx", "本", "a\0", "xyz"])
    cases = []
    for name in (
        "startsWith",
        "endsWith",
        "position",
        "positionCaseInsensitive",
        "countSubstrings",
    ):
        cases += [Case(name, (BYTES, needles)), Case(name, (NULLABLE, needles))]
        cases += [Case(name, (BYTES, text(value))) for value in ("l", "xx", "LO", "")]
    for name in ("positionUTF8", "positionCaseInsensitiveUTF8"):
        cases += [Case(name, (TEXT, needles))] + [
            Case(name, (TEXT, text(v))) for v in ("l", "É", "x")
        ]
    for name in ("position", "positionUTF8", "countSubstrings"):
        cases += [Case(name, (TEXT, needles, SMALL)), Case(name, (TEXT, text("l"), SMALL))]
    cases += [
        Case("locate", (needles, BYTES)),
        Case("countSubstringsCaseInsensitive", (BYTES, text("X"))),
    ]
    cases += [Case("startsWith", (FIXED, needles))]
    agree(cases)


LIKES = ("", "%", "_", "a", "a%", "%a", "%l%", "h_llo", "%_", "h%o", "%l%o", r"\%", r"a\_", "É%", "À%", "__", "%\t%")  # fmt: skip


def test_like_agrees():
    names = ("like", "notLike", "ilike", "notILike")
    cases = [Case(name, (TEXT, text(pattern))) for name, pattern in product(names, LIKES)]
    cases += [Case("like", (NULLABLE, text("a%"))), Case("like", (FIXED, text("a%")))]
    agree(cases)


PATTERNS = ("", "l", "^h", "o$", "[a-c]+", "l{2}", "(h|x)(.)", ".", "^.$", r"\s", r"\w+", r"\d*", "x*", "a|", "[[:alpha:]]+", r"[^\x00-\x7F]", "(?i)HE", "b ")  # fmt: skip


def test_regular_expressions_agree():
    names = ("match", "extract", "extractAll", "countMatches")
    cases = [
        Case(name, (TEXT, text(pattern))) for name, pattern in product(names, PATTERNS) if pattern
    ]
    cases.append(Case("match", (TEXT, text(""))))
    for name, pattern in product(("replaceRegexpOne", "replaceRegexpAll"), PATTERNS):
        if pattern not in {"l", "b ", r"\d*", "x*", "a|"}:  # see docs/sql/differences.md
            cases.append(Case(name, (TEXT, text(pattern), text(r"<\0>\\x"))))
        cases.append(Case(name, (ASCII, text(pattern), text("<>"))))
    cases.append(Case("replaceRegexpAll", (TEXT, text("(l)(.)"), text(r"\2\1"))))
    cases.append(Case("extractGroups", (TEXT, text("(l)(.)"))))
    cases += [
        Case("regexpExtract", (TEXT, text("(l)(.)"), constant("UInt8", i))) for i in (0, 1, 2)
    ]
    agree(cases)


def test_replacing_agrees():
    old = Input("String", ["", "a", "l", "é", " ", "B", "xx", "本", "\0", "x"])
    new = Input("String", ["z", "", "LL", "e", "--", "b", "y", "", "0", "xx"])
    cases = []
    for name in ("replaceOne", "replaceAll"):
        cases += [Case(name, (BYTES, old, new)), Case(name, (NULLABLE, text("a"), text("bb")))]
        cases += [
            Case(name, (BYTES, text(a), text(b)))
            for a, b in (("l", ""), ("xx", "y"), ("l", "LLL"), ("", "z"))
        ]
    agree(cases)


def test_lists_agree():
    cases = [Case("splitByChar", (text(value), BYTES)) for value in ("l", " ", "x", "\0")]
    cases += [Case("splitByString", (text(value), BYTES)) for value in ("l", "ll", "xx", "", "é")]
    cases += [
        Case("splitByChar", (text("l"), BYTES, constant("Int8", i))) for i in (-1, 0, 1, 2, 9)
    ]
    cases += [Case("splitByRegexp", (text(value), TEXT)) for value in ("l", r"\s+", "", "[a-h]")]
    items = Input("Array(String)", [[], ["a"], ["a", "", "b"], ["é", "\0"], [b"\xff"]] * 2)
    nulls = Input(
        "Array(Nullable(String))", [[], [None], ["a", None, "b"], [None, None], ["x"]] * 2
    )
    whole = Input("Array(Int128)", [[], [1], [-5, 2**100], [0, 0], [7]] * 2)
    for column in (items, nulls, whole):
        cases += [
            Case("arrayStringConcat", (column,)),
            Case("arrayStringConcat", (column, text(", "))),
        ]
    agree(cases)


def test_making_text_agrees():
    times = Input("Int16", [0, 1, 2, 3, -1, 5, 2, 1, 4, 7])
    cases = [Case("repeat", (BYTES, times)), Case("space", (times,))]
    for name in ("leftPad", "rightPad"):
        cases += [Case(name, (BYTES, SMALL)), Case(name, (BYTES, SMALL, text("xyz")))]
    for name in ("leftPadUTF8", "rightPadUTF8"):
        cases += [Case(name, (TEXT, SMALL)), Case(name, (TEXT, SMALL, text("éx")))]
    numbers = Input("Float64", [0.0, 1.5, -1e300, 1e-7, 3.0, 1e20, 0.1, -0.0, 1e15, 123456.789])
    cases += [
        Case("concat", (BYTES, times)),
        Case("concat", (BYTES, numbers, FIXED)),
        Case("concat", (BYTES, NULLABLE)),
        Case("concatWithSeparator", (text("-"), TEXT, times, TEXT)),
        Case("format", (text("{} <{}> {{}}"), TEXT, times)),
        Case("format", (text("{1}{0}{1}"), TEXT, times)),
        Case("char", (times, SMALL)),
        Case("unhex", (text("616"),)),
        Case("unhex", (Input("String", ["", "0", "6162", "zz", "aF", "6"]),)),
        Case("unbin", (Input("String", ["", "0", "01100001", "1", "101100001"]),)),
        Case("base64Decode", (Input("String", ["", "YQ==", "YWI=", "YWJj"]),)),
        Case("tryBase64Decode", (Input("String", ["!", "YQ=", "YWI=", "Y"]),)),
        Case("base64URLDecode", (Input("String", ["", "YT8_", "YQ", "YWI"]),)),
    ]
    for name in ("hex", "bin"):
        cases += [
            Case(name, (Input(kind, values),))
            for kind, values in (
                ("UInt8", [0, 1, 255]),
                ("Int32", [0, -1, 256]),
                ("UInt64", [0, 2**64 - 1, 2**63]),
                ("Int128", [0, -1, 2**100]),
                ("UInt256", [0, 2**255, 1]),
                ("Float32", [0.0, 1.5, -0.0]),
                ("Float64", [0.0, 1.5, -1e300]),
                ("Bool", [True, False]),
            )
        ]
    agree(cases)


@pytest.mark.parametrize(
    ("sql", "name", "inputs"),
    [
        ("repeat('ab', 2000000)", "repeat", (text("ab"), constant("UInt32", 2_000_000))),
        ("space(2000000)", "space", (constant("UInt32", 2_000_000),)),
        ("leftPad('a', 2000000)", "leftPad", (text("a"), constant("UInt32", 2_000_000))),
        ("leftPad('a', -1)", "leftPad", (text("a"), constant("Int8", -1))),
        ("like('a', 'a\\\\')", "like", (text("a"), text("a\\"))),
        ("match('a', '[')", "match", (text("a"), text("["))),
        ("match('a', '(?=a)')", "match", (text("a"), text("(?=a)"))),
        ("match('aa', '(a)\\\\1')", "match", (text("a"), text("(a)\\1"))),
        ("replaceRegexpAll('a', '(a)', '\\\\2')", "replaceRegexpAll", (text("a"), text("(a)"), text("\\2"))),
        ("splitByChar('ab', 'a')", "splitByChar", (text("ab"), text("a"))),
        ("base64Decode('!!')", "base64Decode", (text("!!"),)),
        ("format('{', 'a')", "format", (text("{"), text("a"))),
        ("format('{} {1}', 'a', 'b')", "format", (text("{} {1}"), text("a"), text("b"))),
        ("format('{3}', 'a')", "format", (text("{3}"), text("a"))),
    ],
)  # fmt: skip
def test_errors_have_the_same_code(sql, name, inputs):
    with pytest.raises(MiniDBError) as error:
        run(FUNCTIONS[name], *inputs)
    assert error.value.code.number == error_code(f"SELECT {sql}")
