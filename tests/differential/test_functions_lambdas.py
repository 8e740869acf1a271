"""Functions with lambdas, in SQL, give what ClickHouse gives."""

from __future__ import annotations

import pytest

import minidb

chdb = pytest.importorskip("chdb")

EXPRESSIONS = (
    "arrayMap(x -> x + 1, range(number))",
    "arrayMap(x -> x * number, range(number))",
    "arrayMap((x, y) -> x + y, range(number), range(number))",
    "arrayMap(x -> NULL, range(number))",
    "arrayMap(x -> (x, toString(x)), range(number))",
    "arrayMap(x -> 'c', range(number))",
    "arrayMap(x -> arrayMap(y -> x * 10 + y + number, range(x)), range(number))",
    "arrayMap(x -> x.1, arrayZip(range(number), range(number)))",
    "arrayMap(x -> if(x % 2 = 0, NULL, x), range(number))",
    "arrayFilter(x -> x > 1, range(number))",
    "arrayFilter(x -> NULL, range(number))",
    "arrayFilter(x -> 1, range(number))",
    "arrayFilter(x -> x != number - 1, range(number))",
    "arrayFilter((x, y) -> y % 2 = 0, arrayMap(x -> toString(x), range(number)), range(number))",
    "arrayFilter(x -> x = 1, [1, NULL, number])",
    "arrayCount(x -> x > 1, range(number))",
    "arrayCount(arrayMap(x -> toUInt8(x % 2), range(number)))",
    "arrayExists(x -> x > 3, range(number))",
    "arrayAll(x -> x < 3, range(number))",
    "arrayFirst(x -> x > 1, range(number))",
    "arrayFirst(x -> x > 1, arrayMap(x -> if(x = 2, NULL, x), range(number)))",
    "arrayFirstOrNull(x -> x > 1, range(number))",
    "arrayFirstIndex(x -> x > 1, range(number))",
    "arrayLast(x -> x < 3, range(number))",
    "arrayLastOrNull(x -> x > 3, range(number))",
    "arrayLastIndex(x -> x < 3, range(number))",
    "arrayFill(x -> x % 2 = 0, range(number))",
    "arrayReverseFill(x -> x % 2 = 1, range(number))",
    "arraySplit(x -> x % 2 = 0, range(number))",
    "arrayReverseSplit(x -> x % 2 = 0, range(number))",
    "arraySplit((x, y) -> y = 1, range(number), range(number))",
    "arraySum(x -> x * 2, range(number))",
    "arraySum(x -> x * 0.1, range(number))",
    "arraySum(x -> toUInt256(x), range(number))",
    "arraySum((x, y) -> x * y, range(number), range(number))",
    "arrayAvg(x -> x * 2, range(number))",
    "arrayProduct(x -> x + 1, range(number))",
    "arrayMin(x -> -x, range(number))",
    "arrayMax(x -> toString(x), range(number))",
    "arrayMax(x -> [x, number], range(number))",
    "arrayCumSum(x -> x * 2, range(number))",
    "arrayDifference(x -> x * x, range(number))",
    "arraySort(x -> -x, range(number))",
    "arraySort((x, y) -> y, range(number), arrayReverse(range(number)))",
    "arraySort(x -> (x % 2, x), range(number))",
    "arrayReverseSort(x -> x % 2, range(number))",
    "arraySort(x -> if(x = 1, NULL, x), range(number))",
    "arrayStringConcat(arrayMap(x -> hex(x), range(number)), '-')",
    "length(arrayFilter(x -> has([1, 3], x), range(number)))",
    "[10, 20, 30][number]",
    "range(number)[-1]",
    "(number, toString(number)).2",
    "tuple(number, [number]).2[1]",
)


def question(number: int, expression: str) -> str:
    """Return a query for the row, type and text of an expression over numbers(5)."""
    return (
        f"SELECT {number}, number, toTypeName({expression}), hex(toString(tuple({expression}))) "
        "FROM numbers(5)"
    )


def test_lambdas_agree():
    cursor = minidb.connect().cursor()
    queries = [question(i, expression) for i, expression in enumerate(EXPRESSIONS)]
    text = chdb.query(" UNION ALL ".join(queries), "TSVRaw").bytes().decode()
    theirs = {(int(a), int(b)): (c, d) for a, b, c, d in (line.split("\t") for line in text.splitlines())}  # fmt: skip
    found = []
    for number, (query, expression) in enumerate(zip(queries, EXPRESSIONS, strict=True)):
        cursor.execute(query)
        for _, row, type_name, value in cursor.fetchall():
            wanted_type, wanted = theirs[number, row]
            if (type_name, value) != (wanted_type, wanted):
                shown = (bytes.fromhex(value), bytes.fromhex(wanted))
                found.append(f"{expression} at {row}: {type_name} {shown[0]!r}, ClickHouse {wanted_type} {shown[1]!r}")  # fmt: skip
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "expression",
    [
        "arrayMap((x, y) -> x + y, [1, 2], [3])",
        "arrayFilter(x -> 'a', [1, 2])",
        "arrayFilter(x -> x, [1.5])",
        "arrayFilter([1, 2])",
        "arrayMap(x -> x, NULL)",
        "arraySum(x -> NULL, [1])",
        "arrayFirstOrNull(x -> 0, [[1]])",
    ],
)
def test_errors_have_the_same_code(expression):
    with pytest.raises(RuntimeError) as theirs:
        chdb.query(f"SELECT {expression}", "TSV")
    with pytest.raises(minidb.Error) as ours:
        minidb.connect().cursor().execute(f"SELECT {expression}").fetchall()
    assert f"Code: {ours.value.code.number}." in str(theirs.value)
