"""Calls of declared functions on plain Python values, without SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minidb.columns import Column, column_from_values
from minidb.expr.evaluate import Frame, evaluate
from minidb.expr.nodes import BoundExpr, ColumnRef, make_call
from minidb.expr.nodes import Constant as ConstantNode
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.settings import default_settings
from minidb.types import DataType, LambdaType, NothingType, NullableType, nullable, without_null
from minidb.types.names import parse_type
from nn_ops.settings import SETTINGS

Value = object


@dataclass(frozen=True, slots=True)
class Input:
    """One argument: a type's name and a value per row, or a single value when constant."""

    type: str
    values: Sequence[Value]
    is_constant: bool = False

    def column(self) -> Column:
        return column_from_values(parse_type(self.type), list(self.values))


def constant(type_name: str, value: Value) -> Input:
    """Return a constant argument."""
    return Input(type_name, [value], is_constant=True)


@dataclass(frozen=True, slots=True)
class FakeLambda:
    """A lambda whose body is Python over whole columns: ``body(parameters, rows)``."""

    body: Callable[..., Column]

    def apply(self, parameters, rows):
        return self.body(parameters, rows)


def result_type(function: ScalarFunction, arguments: Sequence[Argument]) -> DataType:
    """Return the type of a call, Nullable added as the function's policy says."""
    rule = function.result
    types = [argument.type for argument in arguments]
    if function.nulls is NullPolicy.OWN:
        return rule(arguments) if callable(rule) else rule
    if NullableType(NothingType()) in types:
        return NullableType(NothingType())
    bare = [Argument(without_null(a.type), a.constant) for a in arguments]
    found = rule(bare) if callable(rule) else rule
    return nullable(found) if any(isinstance(t, NullableType) for t in types) else found


def check_kinds(function: ScalarFunction, arguments: Sequence[Argument]) -> None:
    """Assert that the arguments fit the declaration, as the binder would check."""
    declared = list(function.args)
    least = sum(not arg.is_optional for arg in declared)
    assert len(arguments) >= least, f"{function.name} takes at least {least} arguments"
    while declared and declared[-1].is_repeated and len(declared) < len(arguments):
        declared.append(declared[-1])
    assert len(arguments) <= len(declared), f"{function.name} takes at most {len(declared)}"
    for arg, argument in zip(declared, arguments, strict=False):
        bare = without_null(argument.type)
        fits = isinstance(bare, NothingType) or arg.kind.accepts(bare)
        assert fits, f"{function.name}: {arg.name} takes {arg.kind.name}, not {bare}"
        assert not arg.is_constant or argument.constant is not None, f"{arg.name} is constant"


def run(function: ScalarFunction, *inputs: Input, n_rows: int | None = None) -> Column:
    """Bind and evaluate one call; all inputs that are not constant have equal lengths."""
    columns = [given.column() for given in inputs]
    lengths = {len(c) for c, i in zip(columns, inputs, strict=True) if not i.is_constant}
    assert len(lengths) <= 1
    rows = lengths.pop() if lengths else (1 if n_rows is None else n_rows)
    arguments = [
        Argument(column.type, column if given.is_constant else None)
        for column, given in zip(columns, inputs, strict=True)
    ]
    check_kinds(function, arguments)
    nodes: list[BoundExpr] = [
        ConstantNode(c.type, "", c) if i.is_constant else ColumnRef(number, c.type, "c")
        for number, (c, i) in enumerate(zip(columns, inputs, strict=True))
    ]
    node = make_call(function, nodes, result_type(function, arguments))
    return evaluate(node, Frame(dict(enumerate(columns)), rows, default_settings(SETTINGS)))


def run_lambda(
    function: ScalarFunction, body: Callable[..., Column], body_type: str, *inputs: Input
) -> Column:
    """Call a function whose first argument is a lambda of a given result type."""
    columns = [given.column() for given in inputs]
    elements = tuple(column.type.element for column in columns)
    kind = LambdaType(elements, parse_type(body_type))
    arguments = [Argument(kind), *(Argument(column.type) for column in columns)]
    rule = function.result
    found = rule(arguments) if callable(rule) else rule
    n_rows = len(columns[0])
    call = Call(
        (column_from_values(NothingType(), [None] * n_rows), *columns),
        n_rows,
        found,
        (None,) * (len(columns) + 1),
        default_settings(SETTINGS),
        (FakeLambda(body), *(None for _ in columns)),
    )
    return function.kernel(call)


def scalar_functions(functions: Sequence[object]) -> dict[str, ScalarFunction]:
    """Return the scalar functions among declared ones, by name and alias."""
    scalars = [function for function in functions if isinstance(function, ScalarFunction)]
    return {name: f for f in scalars for name in (*f.aliases, f.name)}
