"""The nodes of bound expressions: names are column ids, functions are found, types are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import TypeAlias

from minidb.columns import Column, Field, column_from_values
from minidb.columns.text_shown import quoted_value
from minidb.functions.declaration import ScalarFunction
from minidb.record import record
from minidb.source import Span
from minidb.types import DataType, DecimalType, without_null


@record
class ColumnRef:
    """A column of the input, by its id; equal when the ids are."""

    id: int
    type: DataType = field(compare=False)
    name: str = field(compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def may_fail(self) -> bool:
        """Whether evaluation can raise for some values: never."""
        return False

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same for every row: no."""
        return False


@record
class Constant:
    """A value that is the same for every row, as a column of one row.

    `text` is the value printed; it decides equality together with the type.
    """

    type: DataType
    text: str
    column: Column = field(compare=False, repr=False)
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def value(self) -> object:
        """Return the value as a Python object."""
        return self.column.to_pylist()[0]

    @property
    def may_fail(self) -> bool:
        """Whether evaluation can raise for some values: never."""
        return False

    @property
    def is_constant(self) -> bool:
        """Whether the value is the same for every row: yes."""
        return True


@record(eq=False)
class LambdaExpr:
    """``x -> body``; the parameters are columns that exist inside the body alone."""

    type: DataType
    parameters: tuple[Field, ...]
    body: BoundExpr
    is_constant: bool = field(repr=False)
    digest: int = field(repr=False)
    span: Span | None = field(default=None, repr=False)

    @property
    def may_fail(self) -> bool:
        """Whether the body can raise for some values."""
        return self.body.may_fail

    def __hash__(self) -> int:
        return self.digest

    def __eq__(self, other: object) -> bool:
        return is_same(self, other)


@record(eq=False)
class ScalarCall:
    """A scalar function applied to expressions; made by `make_call`.

    `name` and `args` decide equality; a call of a function that is not deterministic differs
    from every other one, by `serial`. `digest` is the hash: kept, since parts may be shared so
    often that a walk over them would not end.
    """

    type: DataType
    name: str
    args: tuple[BoundExpr, ...]
    function: ScalarFunction = field(repr=False)
    may_fail: bool = field(repr=False)
    is_constant: bool = field(repr=False)
    digest: int = field(repr=False)
    serial: int = 0
    span: Span | None = field(default=None, repr=False)

    def __hash__(self) -> int:
        return self.digest

    def __eq__(self, other: object) -> bool:
        return is_same(self, other)


BoundExpr: TypeAlias = ColumnRef | Constant | LambdaExpr | ScalarCall


def can_fail(function: ScalarFunction, result_type: DataType) -> bool:
    """Whether a function may raise for some values: Decimals overflow where integers wrap."""
    return function.can_fail or isinstance(without_null(result_type), DecimalType)


def make_call(
    function: ScalarFunction,
    args: Sequence[BoundExpr],
    result_type: DataType,
    span: Span | None = None,
    serial: int = 0,
) -> ScalarCall:
    """Return a call whose argument types the binder has checked."""
    may_fail = any(arg.may_fail for arg in args)
    if not may_fail and can_fail(function, result_type):
        constants = [arg.column if isinstance(arg, Constant) else None for arg in args]
        may_fail = function.never_fails is None or not function.never_fails(constants)
    is_constant = function.is_deterministic and all(arg.is_constant for arg in args)
    parts, name = tuple(args), function.name
    digest = hash((name, serial, parts))
    return ScalarCall(
        result_type, name, parts, function, may_fail, is_constant, digest, serial, span
    )


def make_lambda(
    data_type: DataType,
    parameters: tuple[Field, ...],
    body: BoundExpr,
    span: Span | None = None,
) -> LambdaExpr:
    """Return a lambda; it is constant when its body reads nothing but the parameters."""
    own = {parameter.id for parameter in parameters}
    nodes = list(walk(body))
    is_constant = columns_of(body) <= own and all(
        node.function.is_deterministic for node in nodes if isinstance(node, ScalarCall)
    )
    plain = tuple(Field(-1 - place, "", p.type) for place, p in enumerate(parameters))
    by_place = _with_columns(body, parameters, plain)
    return LambdaExpr(data_type, parameters, body, is_constant, hash((data_type, by_place)), span)


def _with_parameters(expr: LambdaExpr, parameters: Sequence[Field]) -> BoundExpr:
    """Return a lambda's body over the parameters of another lambda."""
    return _with_columns(expr.body, expr.parameters, parameters)


def _with_columns(body: BoundExpr, old: Sequence[Field], new: Sequence[Field]) -> BoundExpr:
    """Return an expression over other columns."""
    by_id = {
        one.id: ColumnRef(two.id, two.type, two.name) for one, two in zip(old, new, strict=True)
    }
    return rewrite(body, lambda part: by_id.get(part.id) if isinstance(part, ColumnRef) else None)


def is_same(expr: BoundExpr, other: object) -> bool:
    """Whether two expressions are equal, without recursion, each pair of parts looked at once."""
    stack: list[tuple[object, object]] = [(expr, other)]
    seen: set[tuple[int, int]] = set()
    while stack:
        left, right = stack.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        match left, right:
            case ScalarCall(), ScalarCall():
                own = (left.digest, left.name, left.serial, len(left.args), left.type)
                if own != (right.digest, right.name, right.serial, len(right.args), right.type):
                    return False
                stack += zip(left.args, right.args, strict=True)
            case LambdaExpr(), LambdaExpr():
                if (left.digest, left.type) != (right.digest, right.type):
                    return False
                # The names of parameters, and so their columns, do not matter.
                stack.append((left.body, _with_parameters(right, left.parameters)))
            case (ColumnRef(), ColumnRef()) | (Constant(), Constant()) if left == right:
                pass
            case _:
                return False
    return True


def constant_from_value(data_type: DataType, value: object, span: Span | None = None) -> Constant:
    """Return the constant of a Python value.

    Raises
    ------
    ValueExecutionError
        When the value does not fit the type.
    """
    return constant_from_column(column_from_values(data_type, [value]), span)


def constant_from_column(column: Column, span: Span | None = None) -> Constant:
    """Return the constant that a column of one row holds."""
    return Constant(column.type, quoted_value(column), column, span)


def children(expr: BoundExpr) -> tuple[BoundExpr, ...]:
    """Return the expressions directly below."""
    match expr:
        case ScalarCall(args=args):
            return args
        case LambdaExpr(body=body):
            return (body,)
        case _:
            return ()


def walk(expr: BoundExpr) -> Iterator[BoundExpr]:
    """Yield the expression and everything below it, without recursion, shared parts once."""
    return iter(_parts(expr))


def _parts(expr: BoundExpr) -> list[BoundExpr]:
    """Return what `walk` yields: a list, since every stage looks at every expression."""
    if not isinstance(expr, ScalarCall | LambdaExpr):
        return [expr]
    stack: list[BoundExpr] = [expr]
    seen, found = {id(expr)}, list[BoundExpr]()
    while stack:
        node = stack.pop()
        found.append(node)
        if isinstance(node, ScalarCall):
            below: tuple[BoundExpr, ...] = node.args
        elif isinstance(node, LambdaExpr):
            below = (node.body,)
        else:
            continue
        for child in below:
            if id(child) not in seen:
                seen.add(id(child))
                stack.append(child)
    return found


def columns_of(expr: BoundExpr) -> set[int]:
    """Return the ids of the input columns that the expression reads."""
    parts = _parts(expr)
    found = {node.id for node in parts if isinstance(node, ColumnRef)}
    own = {p.id for node in parts if isinstance(node, LambdaExpr) for p in node.parameters}
    return found - own if own else found


def rewrite(expr: BoundExpr, change: Callable[[BoundExpr], BoundExpr | None]) -> BoundExpr:
    """Return the expression with parts replaced, top down.

    Parameters
    ----------
    change : callable
        Returns the replacement of a node, or None to look below it.
    """
    return _rewrite(expr, change, {})


def _rewrite(
    expr: BoundExpr,
    change: Callable[[BoundExpr], BoundExpr | None],
    done: dict[int, BoundExpr],
) -> BoundExpr:
    """Rewrite with a memory of the shared parts, so that they stay shared."""
    known = done.get(id(expr))
    if known is not None:
        return known
    result = change(expr)
    if result is None:
        match expr:
            case ScalarCall(args=args):
                # A list, not a generator, which takes room on the C stack at every level.
                new_args = [_rewrite(arg, change, done) for arg in args]
                same = all(a is b for a, b in zip(args, new_args, strict=True))
                result = expr
                if not same:
                    result = make_call(expr.function, new_args, expr.type, expr.span, expr.serial)
            case LambdaExpr(body=body):
                new_body = _rewrite(body, change, done)
                result = expr
                if new_body is not body:
                    result = make_lambda(expr.type, expr.parameters, new_body, expr.span)
            case _:
                result = expr
    done[id(expr)] = result
    return result
