"""Every aggregate on every type beside ClickHouse: values and result types."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from minidb.columns import Column, NullableColumn, column_from_values
from minidb.functions.builtin.aggregates import FUNCTIONS
from minidb.functions.declaration import AggregateFunction
from minidb.functions.registry import FunctionRegistry
from minidb.types import DataType, IntType, NullableType, nullable, without_null
from minidb.types.names import parse_type
from tests.strategies.aggregates import run

chdb = pytest.importorskip("chdb")

INTEGER_TYPES = [f"{sign}Int{bits}" for bits in (8, 16, 32, 64, 128, 256) for sign in ("", "U")]
FLOAT_TYPES = ["Float32", "Float64"]
OTHER_TYPES = [
    "Bool",
    "String",
    "FixedString(3)",
    "Array(UInt8)",
    "Array(String)",
    "Tuple(Int8, String)",
]
NUMBER_CALLS = [
    "sum(x)",
    "sumWithOverflow(x)",
    "sumKahan(x)",
    "avg(x)",
    "varPop(x)",
    "varSamp(x)",
    "stddevPop(x)",
    "stddevSamp(x)",
    "quantile(x)",
    "quantile(0.3)(x)",
    "median(x)",
    "quantileExact(0.7)(x)",
    "quantiles(0, 0.25, 1)(x)",
    "quantilesExact(0, 0.9, 1)(x)",
]
INTEGER_CALLS = ["groupBitAnd(x)", "groupBitOr(x)", "groupBitXor(x)", "BIT_AND(x)"]
PAIR_CALLS = ["covarPop(x, x)", "covarSamp(x, x)", "corr(x, x)"]
ANY_CALLS = [
    "count(x)",
    "min(x)",
    "max(x)",
    "any(x)",
    "anyLast(x)",
    "first_value(x)",
    "argMin(x, n)",
    "argMax(x, n)",
    "argMin(n, x)",
    "groupArray(x)",
    "groupArray(2)(x)",
    "uniqExact(x)",
    "uniq(x)",
    "arraySort(groupUniqArray(x))",
    "arraySort(topK(x))",  # ClickHouse estimates: the order of rare values is its own
]
FEW = [1, 0, 3, 3, 2, 7, 5, 5, 5, 2, 1, 100]
GROUPS = [0, 0, 0, 1, 1, 2, 3, 3, 3, 3, 3, 0]
N_GROUPS = 4


def literals(type_name: str) -> tuple[list[object], list[str]]:
    """Return boundary-biased values of a type, as Python objects and as ClickHouse text."""
    data_type = parse_type(type_name)
    match data_type:
        case IntType(bits=bits, minimum=low, maximum=high) if bits <= 16:
            numbers = [1, 0, 3, low, high, 7, high, low, low, 2, 1, high - 1]
            return list(numbers), [str(v) for v in numbers]
        case IntType():
            numbers = [1, 0, 3, data_type.maximum, 2, 7, 5, 5, 5, 2, data_type.minimum, 100]
            return list(numbers), [str(v) for v in numbers]
    match type_name:
        case "Bool":
            return [bool(v % 2) for v in FEW], [str(v % 2) for v in FEW]
        case "Float32" | "Float64":
            floats = [1.5, 0.25, 3.0, math.nan, 2.0, math.nan, 5.0, 5.5, -5.0, 2.0, 1.0, 1e10]
            return list(floats), [repr(v) for v in floats]
        case "String" | "FixedString(3)":
            texts = ["b", "", "a", "zz", "z", "é", "abc", "ab", "aa", "abc", "", "B"]
            return list(texts), [f"'{v}'" for v in texts]
        case "Array(UInt8)":
            arrays = [[v] * (v % 3) for v in FEW]
            return list(arrays), [str(v) for v in arrays]
        case "Array(String)":
            arrays_of_text = [["a" * v] * (v % 3) for v in FEW]
            return list(arrays_of_text), [str(v) for v in arrays_of_text]
        case _:
            tuples = [(v % 3, "x" * (v % 2)) for v in FEW]
            return list(tuples), [str(v) for v in tuples]


def calls_for(type_name: str) -> list[str]:
    bare = type_name.removeprefix("Nullable(").removesuffix(")")
    calls = list(ANY_CALLS)
    if bare in INTEGER_TYPES or bare in FLOAT_TYPES or bare == "Bool":
        calls += NUMBER_CALLS
        # ClickHouse computes with Float32 where all arguments are, and loses most digits.
        calls += PAIR_CALLS if not bare.endswith(("128", "256", "Float32")) else []
    if bare in INTEGER_TYPES or bare == "Bool":
        calls += INTEGER_CALLS
    return calls


def ask_clickhouse(type_name: str, texts: list[str], calls: list[str]) -> list[dict[str, object]]:
    """Return for each call its type and its value in each group."""
    array = "[" + ", ".join(texts) + "]"
    escaped = array.replace("\\", "\\\\").replace("'", "\\'")
    terms = ", ".join(f"{call} AS c{i}, toTypeName(c{i}) AS t{i}" for i, call in enumerate(calls))
    sql = f"""
        SELECT g, {terms} FROM (
            SELECT toUInt32(row.1) AS g, row.2 AS x, row.3 AS n FROM (
                SELECT arrayJoin(arrayZip(
                    {GROUPS[: len(texts)]}, CAST('{escaped}' AS Array({type_name})),
                    range({len(texts)}))) AS row))
        GROUP BY g ORDER BY g
        SETTINGS max_threads = 1, output_format_json_quote_denormals = 1,
            output_format_json_quote_64bit_integers = 0, output_format_json_named_tuples_as_objects = 0
        FORMAT JSONEachRow"""
    rows = [json.loads(line) for line in chdb.query(sql).data().splitlines()]
    return [
        {"type": rows[0][f"t{i}"], "values": [row[f"c{i}"] for row in rows]}
        for i in range(len(calls))
    ]


def parse_call(call: str) -> tuple[AggregateFunction, tuple[object, ...], list[str]]:
    """Return the function, its parameters and the names of its arguments."""
    inner = call.removeprefix("arraySort(")
    inner = inner.removesuffix(")") if inner != call else call
    head, _, arguments = inner.rstrip(")").rpartition("(")
    name, _, parameters = head.rstrip(")").partition("(")
    values = tuple(json.loads(p) for p in parameters.split(",")) if parameters else ()
    registry = FunctionRegistry()
    registry.add_all(FUNCTIONS)
    function = registry.aggregate(name)
    assert function is not None, name
    return function, values, arguments.split(", ")


def our_answer(call: str, by_name: dict[str, Column]) -> tuple[DataType, list[object]]:
    """Return the result type and values, with NULLs treated as the operator treats them."""
    function, parameters, names = parse_call(call)
    columns = [by_name[name] for name in names]
    keep = np.ones(len(columns[0]), np.bool_)
    has_null = False
    for i, column in enumerate(columns):
        if isinstance(column, NullableColumn):
            has_null = True
            keep &= ~column.is_null
            columns[i] = column.inner
    columns = [column.filter(keep) for column in columns]
    groups = np.array(GROUPS)[: len(keep)][keep]
    found = run(function, columns, groups.tolist(), N_GROUPS, [3, 5], parameters)
    values = found.to_pylist()
    if call.startswith("arraySort"):
        values = [sorted(value, key=lambda v: (v != v, v)) for value in values]
    if not (has_null and function.is_null_if_empty):
        return found.type, values
    present = set(groups.tolist())
    return nullable(found.type), [v if g in present else None for g, v in enumerate(values)]


def plain(value: object) -> object:
    """Bring a value of either side into one form."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, str) and value.lstrip("-").lower() in {"nan", "inf"}:
        return float(value)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value.rstrip("\0") if isinstance(value, str) else value


def same(ours: object, theirs: object, tolerance: float) -> bool:
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(
            same(a, b, tolerance) for a, b in zip(ours, theirs, strict=True)
        )
    if isinstance(ours, float) or isinstance(theirs, float):
        if ours is None or theirs is None:
            return False
        if math.isnan(ours) or math.isnan(theirs):
            return math.isnan(ours) and math.isnan(theirs)
        return ours == theirs or math.isclose(ours, theirs, rel_tol=tolerance, abs_tol=tolerance)
    return ours == theirs


@pytest.mark.parametrize("is_nullable", [False, True])
@pytest.mark.parametrize("type_name", [*INTEGER_TYPES, *FLOAT_TYPES, *OTHER_TYPES])
def test_aggregates_agree_with_clickhouse(type_name, is_nullable):
    values, texts = literals(type_name)
    if is_nullable:
        if type_name.startswith(("Array", "Tuple")):
            pytest.skip("ClickHouse has no such type")
        holes = [3, 4, 7]  # all rows of group 1, one of group 3
        values = [None if i in holes else v for i, v in enumerate(values)]
        texts = ["NULL" if i in holes else v for i, v in enumerate(texts)]
        type_name = f"Nullable({type_name})"
    data_type = parse_type(type_name)
    by_name = {
        "x": column_from_values(data_type, values),
        "n": column_from_values(IntType(8, False), list(range(len(values)))),
    }
    calls = calls_for(type_name)
    tolerance = 1e-5 if "Float32" in type_name else 1e-11
    problems = []
    for call, theirs in zip(calls, ask_clickhouse(type_name, texts, calls), strict=True):
        our_type, ours = our_answer(call, by_name)
        expected_type = theirs["type"]
        if our_type.name != expected_type:
            problems.append(f"{call}: type {our_type.name}, ClickHouse {expected_type}")
        for group, (a, b) in enumerate(zip(ours, theirs["values"], strict=True)):
            if not same(plain(a), plain(b), tolerance):
                problems.append(f"{call} group {group}: {a!r}, ClickHouse {b!r}")
    assert not problems, "\n".join(problems)


def test_no_rows_give_what_clickhouse_gives():
    types = ["UInt8", "Int64", "UInt256", "Float64", "Nullable(UInt8)", "Nullable(Float64)"]
    problems = []
    for type_name in types:
        calls = [call for call in calls_for(type_name) if "arraySort" not in call]
        terms = ", ".join(calls)
        sql = f"""SELECT {terms} FROM (SELECT CAST(1 AS {type_name}) AS x, toUInt8(1) AS n WHERE 0)
            SETTINGS output_format_json_quote_denormals = 1,
            output_format_json_quote_64bit_integers = 0 FORMAT JSONCompactEachRow"""
        theirs = json.loads(chdb.query(sql).data())
        data_type = parse_type(type_name)
        for call, expected in zip(calls, theirs, strict=True):
            function, parameters, names = parse_call(call)
            bare = [IntType(8, False) if n == "n" else without_null(data_type) for n in names]
            columns = [column_from_values(t, []) for t in bare]
            (ours,) = run(function, columns, [], 1, (), parameters).to_pylist()
            is_null = isinstance(data_type, NullableType) and function.is_null_if_empty
            ours = None if is_null and "x" in names else ours
            if not same(plain(ours), plain(expected), 0):
                problems.append(f"{call} of {type_name}: {ours!r}, ClickHouse {expected!r}")
    assert not problems, "\n".join(problems)
