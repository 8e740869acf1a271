"""The aggregates ``sumbin`` and ``sumbinWithOverflow``: pack bits, one per row, into a word.

``sumbin(bit, place)`` sets bit `place` of a word of 256 bits, in any row order. ``sumbin(bit)``
packs in input order, the first row most significant. A group without rows gives 0.
``sumbinWithOverflow`` does the same in a word as wide as its argument's type, and by input order
loses the oldest bits instead of refusing more rows than the word has places.

The setting ``sumbin_compatibility = 'smartlite'`` gives one-argument calls the meaning that they
have in the published code: the plain sum modulo 2**w for types of w = 8 to 64 bits, and
``state = (state << 1) | value`` for 128 and 256 bits, by which states are merged too. There, the
batches of a query without GROUP BY were merged so as well; here a query's rows are one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from minidb.extension import (
    INTEGER,
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Arg,
    Argument,
    DataType,
    InternalError,
    IntType,
    Settings,
)
from nn_ops.settings import SUMBIN_COMPATIBILITY
from nn_ops.sumbin_states import (
    BitsInOrderAccumulator,
    LastBitsAccumulator,
    ModuloSumAccumulator,
    PlacedBitsAccumulator,
    ShiftInAccumulator,
)

WIDEST = IntType(256, False)
WIDEST_SUM = 64  # bits; the original shifts wider values in


def _as_argument(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the first argument; a Bool is a byte."""
    given = arguments[0].type
    return given if isinstance(given, IntType) else IntType(8, False)


def _widest(arguments: Sequence[Argument]) -> DataType:
    """Return UInt256."""
    return WIDEST


def _word(call: AggregateCall) -> IntType:
    """Return the result type, an integer."""
    if not isinstance(call.result_type, IntType):
        raise InternalError(f"a word is an integer, not {call.result_type.name}")
    return call.result_type


def _make(call: AggregateCall) -> Accumulator:
    is_placed = len(call.types) == 2
    return (PlacedBitsAccumulator if is_placed else BitsInOrderAccumulator)(_word(call))


def _make_with_overflow(call: AggregateCall) -> Accumulator:
    is_placed = len(call.types) == 2
    return (PlacedBitsAccumulator if is_placed else LastBitsAccumulator)(_word(call))


def _make_original(call: AggregateCall) -> Accumulator:
    word = _word(call)
    if len(call.types) == 2:
        return PlacedBitsAccumulator(word)
    return (ModuloSumAccumulator if word.bits <= WIDEST_SUM else ShiftInAccumulator)(word)


def _original(
    name: str, placed: Callable[[Sequence[Argument]], DataType], example: str
) -> AggregateFunction:
    """Return what a name means under ``sumbin_compatibility = 'smartlite'``."""
    return AggregateFunction(
        name=f"{name}Smartlite",
        family="neural network",
        args=(Arg("value", INTEGER), Arg("place", INTEGER, is_optional=True)),
        result=lambda given: (_as_argument if len(given) == 1 else placed)(given),
        make=_make_original,
        help=f"What {name} means under sumbin_compatibility = 'smartlite': the sum modulo 2^bits, "
        "of 128 and 256 bits the values shifted in.",
        example=example,
    )


SUMBIN_SMARTLITE = _original(
    "sumbin", _widest, "SELECT sumbinSmartlite(toUInt128(number % 3 = 0)) FROM numbers(4)"
)
WITH_OVERFLOW_SMARTLITE = _original(
    "sumbinWithOverflow",
    _as_argument,
    "SELECT sumbinWithOverflowSmartlite(number % 2) FROM numbers(8)",
)


def _by_setting(original: AggregateFunction) -> Callable[[Settings], AggregateFunction | None]:
    """Return the rule that puts `original` in the place of a function."""

    def rule(settings: Settings) -> AggregateFunction | None:
        is_original = settings.text(SUMBIN_COMPATIBILITY.name) == "smartlite"
        return original if is_original else None

    return rule


SUMBIN = AggregateFunction(
    name="sumbin",
    family="neural network",
    args=(Arg("bit", INTEGER), Arg("place", INTEGER, is_optional=True)),
    result=WIDEST,
    make=_make,
    help="Packs bits of a group into a UInt256, by place or (first row highest) in input order.",
    example="SELECT sumbin(number % 2, number) FROM numbers(8)",
    is_case_insensitive=True,
    under=_by_setting(SUMBIN_SMARTLITE),
)
WITH_OVERFLOW = replace(
    SUMBIN,
    name="sumbinWithOverflow",
    result=_as_argument,
    make=_make_with_overflow,
    help="As sumbin, into a word of the argument's type; in input order the last rows stay.",
    example="SELECT sumbinWithOverflow(toUInt8(number < 9)) FROM numbers(10)",
    is_case_insensitive=False,
    under=_by_setting(WITH_OVERFLOW_SMARTLITE),
)

FUNCTIONS = (SUMBIN, WITH_OVERFLOW, SUMBIN_SMARTLITE, WITH_OVERFLOW_SMARTLITE)
