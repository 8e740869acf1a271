"""Lists behind IN: long ones of literals as one array, those of other values one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.binder.literals import bind_value
from minidb.expr import BoundExpr, Constant, constant_from_value
from minidb.sql import ast
from minidb.types import ArrayType, DataType, IntType, NullableType, StringType, TupleType
from minidb.types.literals import integer_literal_type

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder

# Shorter lists stay tuples, as they are written.
MIN_MEMBERS = 32


def constant_list(target: ast.Expr, operand: DataType) -> Constant | None:
    """Return a list of whole numbers, or of texts, as one constant array.

    An array says the same behind IN as the tuple, but for an operand that is an array or a tuple
    itself. None stands for any other list.
    """
    if not isinstance(target, ast.TupleLiteral) or len(target.elements) < MIN_MEMBERS:
        return None
    if isinstance(operand, ArrayType | TupleType):
        return None
    values = [e.value for e in target.elements if isinstance(e, ast.Literal)]
    if len(values) < len(target.elements):
        return None
    element: DataType | None = None
    kinds = set(map(type, values))
    if kinds == {str}:
        element = StringType()
    elif kinds == {int}:
        numbers = [value for value in values if isinstance(value, int)]
        element = _integer_type(min(numbers), max(numbers))
    if element is None:
        return None
    return constant_from_value(ArrayType(element), values, target.span)


def _integer_type(low: int, high: int) -> DataType | None:
    """Return the narrowest type of at most 64 bits that holds two numbers, if there is one."""
    lowest, highest = integer_literal_type(low), integer_literal_type(high)
    if not isinstance(lowest, IntType) or not isinstance(highest, IntType):
        return None
    if low >= 0:
        return highest
    bits = (b for b in (8, 16, 32, 64) if IntType(b, True).minimum <= low)
    return next((IntType(b, True) for b in bits if high <= IntType(b, True).maximum), None)


def bind_in_list(binder: ExprBinder, expr: ast.In) -> BoundExpr:
    """Bind IN with a list; members that are no constants are compared one by one.

    As in ClickHouse a NULL among them is no member, and for an operand that is NULL the result is
    NULL.
    """
    value = binder.bind(expr.operand)
    found = constant_list(expr.target, value.type) or binder.bind(expr.target)
    if found.is_constant or isinstance(found.type, ArrayType):
        return binder.scalar("notIn" if expr.is_negated else "in", [value, found], expr.span)
    members = [expr.target]
    if (isinstance(expr.target, ast.TupleLiteral) and not isinstance(value.type, TupleType)) or (
        isinstance(expr.target, ast.TupleLiteral)
        and any(isinstance(member, ast.TupleLiteral) for member in expr.target.elements)
    ):
        members = list(expr.target.elements)
    tests = [binder.scalar("equals", [value, binder.bind(member)]) for member in members]
    one = tests[0] if len(tests) == 1 else binder.scalar("or", tests)
    if isinstance(one.type, NullableType):
        one = binder.scalar("ifNull", [one, bind_value(False, expr.span)])
    if expr.is_negated:
        one = binder.scalar("not", [one])
    if not isinstance(value.type, NullableType):
        return one
    return binder.scalar("if", [binder.scalar("isNull", [value]), bind_value(None, expr.span), one])
