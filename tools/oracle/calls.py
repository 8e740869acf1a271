"""Random calls of each function: arguments drawn by the kinds that its declaration names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from minidb.functions.arguments import ANY, Arg
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from minidb.types import LambdaType, NothingType
from minidb.types.names import parse_type

VALUES: dict[str, tuple[str, ...]] = {
    "UInt8": ("0", "1", "2", "7", "255"),
    "Int8": ("-128", "-1", "3"),
    "UInt32": ("0", "5", "4294967295"),
    "Int64": ("0", "-7", "12", "9223372036854775807", "-9223372036854775808"),
    "UInt64": ("0", "3", "18446744073709551615"),
    "Float64": ("0", "0.5", "-2.25", "3", "1e10"),
    "Bool": ("true", "false"),
    "String": ("''", "'a'", "'Hello, world'", "'2020-01-31'", "'12'", "'é'", "'a,b,c'"),
    "FixedString(3)": ("'abc'", "'a'"),
    "Date": ("'1970-01-01'", "'2020-02-29'", "'2024-12-31'"),
    "DateTime": ("'1970-01-01 00:00:00'", "'2020-02-29 12:34:56'"),
    "Array(UInt8)": ("[]", "[1]", "[3, 1, 2]", "[2, 2]"),
    "Array(Int64)": ("[]", "[-1, 1]", "[5, -5, 5]"),
    "Array(String)": ("[]", "['a', 'b']", "['', 'a', 'a']"),
    "Array(Nullable(Int64))": ("[NULL, 1]", "[2]"),
    "Tuple(UInt8, String)": ("(1, 'a')", "(2, '')"),
}
PARSED = {name: parse_type(name) for name in VALUES}
COMMON = ("UInt8", "Int64", "Float64", "String", "Date", "Array(Int64)")
LAMBDA = LambdaType((), NothingType())
LAMBDAS = ("x -> x > 1", "x -> x + 1", "x -> x", "x -> x % 2", "x -> 1")
N_ROWS = 5
NULL_SHARE = 0.15


def fitting(arg: Arg) -> list[str]:
    """Return the names of the types that an argument takes."""
    if arg.kind is ANY:
        return list(COMMON)
    return [name for name, data_type in PARSED.items() if arg.kind.accepts(data_type)]


def drawn_args(random: Random, args: Sequence[Arg]) -> list[Arg]:
    """Return the arguments of one call: optional ones left out now and then, others repeated."""
    found: list[Arg] = []
    for arg in args:
        if arg.is_optional and random.random() < 0.5:
            break
        n_times = random.randint(1, 3) if arg.is_repeated else 1
        found += [arg] * n_times
    return found


def value_of(random: Random, type_name: str, *, may_be_null: bool = True) -> str:
    """Return a value of a type with the type written out."""
    can_be = not type_name.startswith(("Array", "Tuple"))
    if may_be_null and can_be and random.random() < NULL_SHARE:
        return f"CAST(NULL AS Nullable({type_name}))"
    return f"CAST({random.choice(VALUES[type_name])} AS {type_name})"


def scalar_calls(function: ScalarFunction, n_calls: int) -> Iterator[str]:
    """Yield statements that call a function with constants."""
    random = Random(f"calls of {function.name}")
    for _ in range(n_calls):
        texts = []
        for arg in drawn_args(random, function.args):
            types = fitting(arg)
            if not types and not arg.kind.accepts(LAMBDA):
                return
            if not types or (arg.kind is not ANY and arg.kind.accepts(LAMBDA)):
                texts.append(random.choice(LAMBDAS))
            else:
                name = random.choice(types)
                texts.append(value_of(random, name, may_be_null=not arg.is_constant))
        yield f"SELECT {function.name}({', '.join(texts)}) AS r"


def aggregate_calls(function: AggregateFunction, n_calls: int) -> Iterator[str]:
    """Yield statements that aggregate a few rows."""
    random = Random(f"calls of {function.name}")
    for _ in range(n_calls):
        types = []
        for arg in drawn_args(random, function.args):
            known = fitting(arg)
            if not known:
                return
            types.append(random.choice(known))
        parameters = ""
        if function.parameters:
            texts = ["0.5" if "level" in arg.name else "2" for arg in function.parameters]
            parameters = f"({', '.join(texts)})"
        names = [f"c{place}" for place in range(len(types))]
        call = f"{function.name}{parameters}({', '.join(names)})"
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
        rows = []
        for _ in range(random.choice((1, N_ROWS))):
            cells = [random.choice(VALUES[kind]) for kind in types]
            rows.append(cells[0] if len(cells) == 1 else f"({', '.join(cells)})")
        source = f"values('{columns}', {', '.join(rows)})" if types else f"numbers({N_ROWS})"
        yield f"SELECT {call} AS r FROM {source}"
