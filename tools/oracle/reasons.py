"""Why functions differ from ClickHouse's, for the comparison page."""

from __future__ import annotations

from tools.oracle.answers import Answer

NO_COMMON_TYPE = 386

# Why a function differs on the calls that remain.
REASONS: dict[str, str] = {
    "addYears": "NULL moved by too much is NULL here",
    "and": "a float beyond the integers is true here, an error there",
    "anyHeavy": "no value in more than half of the rows: the most frequent one here",
    "argAndMax": "rows of equal keys: the first one here",
    "argAndMin": "rows of equal keys: the first one here",
    "argMax": "rows of equal keys: the first one here",
    "argMin": "rows of equal keys: the first one here",
    "array": "text with numbers, Int64 with Float64: no common type here, a Variant there",
    "arrayElement": "one place, not an array of places, here",
    "arrayIntersect": "the type is the one that holds all arguments here, the first one's there",
    "arrayLast": "the lambda is checked for an empty array of text too",
    "arrayResize": "sizes above 2^63 wrap around there",
    "arrayRotateRight": "the least Int64 is a number of places like others here",
    "arrayShiftLeft": "sizes above 2^63 wrap around there",
    "arrayShiftRight": "sizes above 2^63 wrap around there; a wider default widens the array here",
    "arraySlice": "the least Int64 is a length like others here",
    "arraySymmetricDifference": "by first appearance here, in the order of a hash table there",
    "arrayUnion": "by first appearance here, in the order of a hash table there",
    "avgWeighted": "sums of large integers are floats here, wrap around there",
    "bar": "bounds are floats here, wrap around there; width 0 beside NULL is NULL here",
    "boundingRatio": "points of equal x: by their first appearance there",
    "clamp": "a bound that is NULL gives NULL before the bounds are compared",
    "coalesce": "a text and a number have no common type here, a Variant there",
    "countEqual": "Int64 and Float64 have no common type here",
    "dateDiff": "an unknown unit is an error beside NULL too",
    "dateName": "an unknown unit is an error beside NULL too",
    "equals": "a constant text is read as the other type even beside NULL",
    "floor": "places beyond a float's powers of ten wrap around there",
    "greater": "a constant text is read as the other type even beside NULL",
    "greaterOrEquals": "a constant text is read as the other type even beside NULL",
    "groupUniqArray": "values by first appearance here, in the order of a hash table there",
    "if": "a text and a number have no common type here, a Variant there",
    "ifNotFinite": "NULL for a NULL on either side here; Int64 and Float64 have no common type",
    "ifNull": "a text and a number have no common type here, a Variant there",
    "indexOf": "Int64 and Float64 have no common type here",
    "intExp10": "numbers below the range",
    "jaroSimilarity": "an empty text is like no other here; there the result is above 1",
    "jaroWinklerSimilarity": "an empty text is like no other here; there the result is above 1",
    "JSONExtractArrayRaw": "a Nullable step gives an empty array here",
    "JSONExtractKeys": "a Nullable step gives an empty array here",
    "JSONExtractKeysAndValuesRaw": "a Nullable step gives an empty array here",
    "lcm": "an overflow wraps around here",
    "left": "lengths above 2^63 wrap around there",
    "leftUTF8": "lengths above 2^63 wrap around there",
    "less": "a constant text is read as the other type even beside NULL",
    "lessOrEquals": "a constant text is read as the other type even beside NULL",
    "max_by": "rows of equal keys: the first one here",
    "maxMappedArrays": "values that can be NULL are refused here",
    "min_by": "rows of equal keys: the first one here",
    "multiSearchAllPositionsCaseInsensitive": "in an empty text the empty text is found here",
    "multiSearchAnyUTF8": "in an empty text the empty text is found here",
    "multiSearchFirstPositionCaseInsensitiveUTF8": "in an empty text the empty text is found here",
    "ngrams": "lengths from 1 to 1000 here, as text of that many characters is needed",
    "notEquals": "a constant text is read as the other type even beside NULL",
    "notIn": "values of another kind are in no list here",
    "or": "a float beyond the integers is true here, an error there",
    "parseDateTime": "the type names no time zone here: there is one",
    "parseDateTimeBestEffort": "two digits alone are a day of the current month there",
    "parseDateTimeBestEffortOrNull": "two digits alone are a day of the current month there",
    "parseDateTimeBestEffortOrZero": "two digits alone are a day of the current month there",
    "parseDateTimeBestEffortUS": "two digits alone are a day of the current month there",
    "parseDateTimeBestEffortUSOrNull": "two digits alone are a day of the current month there",
    "parseDateTimeBestEffortUSOrZero": "two digits alone are a day of the current month there",
    "parseDateTimeOrNull": "the type names no time zone here: there is one",
    "parseDateTimeOrZero": "the type names no time zone here: there is one",
    "positiveModulo": "the least Int64 is a divisor like others here",
    "printf": "the template is checked beside a NULL too; an empty one alone is a text here",
    "quantileExactWeighted": "weights above 2^64 in sum wrap around there",
    "quantileExactWeightedInterpolated": "weights above 2^64 in sum wrap around there",
    "quantileInterpolatedWeighted": "integers beyond 2^53 are exact here",
    "quantilesExactWeighted": "weights above 2^64 in sum wrap around there",
    "quantilesExactWeightedInterpolated": "weights above 2^64 in sum wrap around there",
    "quantilesInterpolatedWeighted": "integers beyond 2^53 are exact here",
    "quantilesTiming": "values below 0 are left to chance there",
    "quantileTiming": "values below 0 are left to chance there",
    "right": "lengths above 2^63 wrap around there",
    "rightUTF8": "lengths above 2^63 wrap around there",
    "round": "places above 2^63 wrap around there",
    "roundBankers": "places above 2^63 wrap around there",
    "skewSamp": "sums that lose all digits",
    "substring": "lengths above 2^63 wrap around there",
    "subtractQuarters": "NULL moved by too much is NULL here",
    "toDecimal128OrDefault": "a type that cannot be cast is refused here, the default there",
    "toDecimal256OrDefault": "a type that cannot be cast is refused here, the default there",
    "toDecimal32OrDefault": "a type that cannot be cast is refused here, the default there",
    "toDecimal64OrDefault": "a type that cannot be cast is refused here, the default there",
    "toFixedString": "trailing zero bytes of a FixedString do not count here",
    "topK": "values of equal count by first appearance here",
    "toLowCardinality": "a hint here: the type is the one of the value",
    "topKWeighted": "equal weights: by first appearance here, in the order of a hash table there",
    "toUUIDOrDefault": "a type that cannot be cast is refused here, the default there",
    "toWeek": "modes 0 to 7 here, others are refused",
    "toYearWeek": "modes 0 to 7 here, others are refused",
    "transform": "the lists have to have a common type with the value here",
    "xor": "a float beyond the integers is true here, an error there",
}


def kind_of_difference(ours: Answer, theirs: Answer) -> str:
    """Return what kind of difference there is between two answers, in words."""
    if ours.code == NO_COMMON_TYPE:
        return "no common type here, a Variant or a default there"
    if ours.code:
        return f"error {ours.code} here"
    if theirs.code:
        return f"error {theirs.code} there"
    if ours.types != theirs.types:
        return "other type"
    return "other value"
