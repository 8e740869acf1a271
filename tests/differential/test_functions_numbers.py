"""Functions of numbers and bits give what ClickHouse gives, types and values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from minidb.functions.builtin import builtin_functions
from minidb.functions.declaration import ScalarFunction
from minidb.types import IntType
from minidb.types.names import parse_type
from tests.support.call import Input, constant
from tests.support.text_oracle import Expression, Table, differences

FUNCTIONS = {f.name: f for f in builtin_functions() if isinstance(f, ScalarFunction)}
NAN, INF = float("nan"), float("inf")
INTEGERS = tuple(f"{sign}Int{bits}" for bits in (8, 16, 32, 64, 128, 256) for sign in ("", "U"))
NARROW, WIDE = INTEGERS[:8], INTEGERS[8:]
FLOATS = ("Float32", "Float64")
NUMBERS = (*INTEGERS, *FLOATS, "Bool")
FLOAT_EDGES = [0.0, -0.0, 1.0, -1.5, 2.5, 1e30, 16777217.0, 9007199254740993.0, NAN, INF, -INF]
COMPARISONS = ("equals", "notEquals", "less", "greater", "lessOrEquals", "greaterOrEquals")


def edges(name: str) -> list[object]:
    """Return the values where a type's arithmetic changes its ways."""
    if name in FLOATS:
        return list(FLOAT_EDGES)
    if name == "Bool":
        return [True, False]
    kind = parse_type(name)
    assert isinstance(kind, IntType)
    inner = [0, 1, 2, 7]
    if kind.is_signed:
        return [kind.minimum, kind.minimum + 1, -7, -1, *inner, kind.maximum]
    half = 1 << (kind.bits - 1)
    return [*inner, half - 1, half, kind.maximum]


@pytest.fixture(params=[7, pytest.param(1, marks=pytest.mark.nightly)], ids=["some", "all"])
def step(request):
    """Every how many pairs of types are tested; 7 meets every type on both sides."""
    return request.param


Keep = Callable[[object, object], bool]


def pair(left: str, right: str, names: Sequence[str], keep: Keep = lambda a, b: True) -> Table:
    """Return a table of every pair of edge values that `keep` lets through."""
    both = [(a, b) for a, b in product(edges(left), edges(right)) if keep(a, b)]
    columns = Input(left, [a for a, _ in both]), Input(right, [b for _, b in both])
    return Table(columns, tuple(Expression(name, (0, 1)) for name in names))


def single(kind: str, names: Sequence[str], values: Sequence[object] | None = None) -> Table:
    column = Input(kind, edges(kind) if values is None else values)
    return Table((column,), tuple(Expression(name, (0,)) for name in names))


def agree(tables: Sequence[Table]) -> None:
    found = differences(tables, FUNCTIONS)
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:40])


def test_integers_agree(step):
    names = ("plus", "minus", "multiply", "divide", "intDivOrZero", "moduloOrZero", *COMPARISONS)
    kinds = (*INTEGERS, "Bool")
    agree(
        ([pair(*p, (*names, "bitAnd", "bitOr", "bitXor")) for p in product(kinds, kinds)])[::step]
    )


def test_floats_agree(step):
    # ClickHouse puts some 256-bit integers outside the infinities of Float32: they are left out.
    def keep(a: object, b: object) -> bool:
        return not any(v in {INF, -INF} for v in (a, b))

    kinds = [p for p in product(NUMBERS, NUMBERS) if p[0] in FLOATS or p[1] in FLOATS]
    tables = []
    for left, right in kinds:
        names = ("divide", "modulo", "moduloOrZero", *COMPARISONS)
        narrow = ("plus", "minus", "multiply", "max2", "min2")
        if left in WIDE or right in WIDE:
            tables.append(pair(left, right, names, keep))
        else:
            tables.append(pair(left, right, (*names, *narrow)))
    agree(tables[::step])


def test_whole_divisions_agree(step):
    def keep(a: object, b: object) -> bool:
        # The largest unsigned values read as -1 beside a signed left side.
        return b not in {0, -1, *(2**n - 1 for n in (8, 16, 32, 64, 128, 256))}

    kinds = (*INTEGERS, "Bool")
    tables = [pair(*p, ("intDiv", "modulo"), keep) for p in product(kinds, kinds)]

    def is_plain(a: object, b: object) -> bool:
        return all(abs(v) < 100 for v in (a, b)) and keep(a, b)  # type: ignore[arg-type] # integers

    agree(
        ([*tables, *(pair(*p, ("positiveModulo",), is_plain) for p in product(NARROW, NARROW))])[
            ::step
        ]
    )


def test_whole_divisions_of_floats_agree(step):
    def keep(a: object, b: object) -> bool:
        return b != 0 and all(abs(v) < 100 for v in (a, b))  # type: ignore[arg-type] # numbers

    kinds = [p for p in product((*NARROW, *FLOATS), repeat=2) if p[0] in FLOATS or p[1] in FLOATS]
    agree(([pair(*p, ("intDiv", "intDivOrZero"), keep) for p in kinds])[::step])


def test_common_divisors_agree(step):
    def keep(a: object, b: object) -> bool:
        return all(v not in {0, -1} and abs(v) < 1 << 62 for v in (a, b))  # type: ignore[arg-type,operator] # integers

    agree(([pair(*p, ("gcd", "lcm"), keep) for p in product(INTEGERS, INTEGERS)])[::step])


def test_signs_agree():
    agree([single(kind, ("negate", "abs", "sign")) for kind in NUMBERS])


def has_extreme(left: str, right: str) -> bool:
    """Whether ClickHouse finds a common type for the greatest of two numbers."""
    bits = [int(t.lstrip("UInt")) for t in (left, right) if t in INTEGERS]
    if left in FLOATS or right in FLOATS:
        return all(n < 64 for n in bits)
    signed = [t for t in (left, right) if t.startswith("I")]
    return not ("UInt256" in (left, right) and signed)


def test_extremes_agree(step):
    kinds = [p for p in product(NUMBERS, NUMBERS) if has_extreme(*p)]
    agree(([pair(*p, ("greatest", "least")) for p in kinds])[::step])


def test_shifts_agree(step):
    kinds = product((*INTEGERS, "Bool"), (*NARROW, "Bool"))
    names = ("bitShiftLeft", "bitShiftRight")
    agree(([pair(*p, names, lambda a, b: b >= 0) for p in kinds])[::step])  # type: ignore[operator] # integers


def test_rotations_agree(step):
    names = ("bitRotateLeft", "bitRotateRight")
    kinds = product((*NARROW, "Bool"), NARROW)
    agree(([pair(*p, names, lambda a, b: 0 <= b < 8) for p in kinds])[::step])  # type: ignore[operator] # integers


def test_bits_of_one_value_agree():
    tables = [single(kind, ("bitNot", "bitCount", "byteSwap")) for kind in (*INTEGERS, "Bool")]
    tables += [single(kind, ("bitNot",), [0.0, 1.5, -2.5, 1e6]) for kind in FLOATS]
    tables += [single(kind, ("bitCount",)) for kind in FLOATS]
    texts = ["", "a", "abc", b"\xff\x00\xff"]
    agree([*tables, *(single(k, ("bitCount",), texts) for k in ("String", "FixedString(3)"))])


def test_bit_positions_agree():
    tables = []
    for kind in NARROW:
        names = ("bitTest", "bitTestAll", "bitTestAny")
        both = list(product(edges(kind), (0, 1, 2, 7)))
        columns = Input(kind, [a for a, _ in both]), Input("UInt8", [b for _, b in both])
        tables.append(Table(columns, tuple(Expression(n, (0, 1)) for n in names)))
    agree(tables)


def test_hamming_distances_agree(step):
    kinds = (*NARROW, "Bool", *FLOATS)
    tables = [pair(*p, ("bitHammingDistance",)) for p in product(kinds, kinds)]
    tables += [pair(kind, kind, ("bitHammingDistance",)) for kind in WIDE]
    texts = Input("String", ["", "abc", "ab", "x"]), Input("String", ["a", "abd", "abc", ""])
    agree(([*tables, Table(texts, (Expression("bitHammingDistance", (0, 1)),))])[::step])


ROUNDINGS = ("floor", "ceil", "trunc", "round", "roundBankers")
DECIMALS = [1.5, 2.5, -2.5, 0.285, 1.005, 2.675, 1234567.891, -0.4, 15.0, 25.0, 5e-7, NAN, -INF]


def test_rounding_agrees():
    places = [constant("Int8", n) for n in (-3, -2, -1, 0, 1, 2, 5)]
    calls = (
        *(Expression(name, (0,)) for name in ROUNDINGS),
        *(Expression(name, (0, p)) for name, p in product(ROUNDINGS, places)),
    )
    tables = [Table((Input(kind, DECIMALS),), calls) for kind in FLOATS]
    for kind in (*INTEGERS, "Bool"):
        values = [v for v in edges(kind) if abs(v) < 1 << 40]  # type: ignore[arg-type] # integers
        more = [] if kind == "Bool" else [15, 25, 35, 14, 95]
        tables.append(Table((Input(kind, [*values, *more]),), calls))
    agree(tables)


@pytest.mark.parametrize("kind", FLOATS)
def test_text_of_floats_agrees(kind):
    values = [float(f"{m}e{e}") for e in range(-12, 26) for m in ("1", "-1.5", "123.456", "9.9999")]
    values += [0.1, 1 / 3, 123456789012345680.0, 1234567.891, 123456.7, *FLOAT_EDGES]
    values += (
        [5e-324, 1.7976931348623157e308] if kind == "Float64" else [1e-45, 3.4028234663852886e38]
    )
    agree([single(kind, ("toString",), values)])
