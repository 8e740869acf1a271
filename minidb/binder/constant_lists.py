"""Long lists of literals behind IN, bound as one array and not member by member."""

from __future__ import annotations

from minidb.expr import Constant, constant_from_value
from minidb.sql import ast
from minidb.types import ArrayType, DataType, IntType, StringType, TupleType
from minidb.types.literals import integer_literal_type

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
