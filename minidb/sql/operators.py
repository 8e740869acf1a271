"""The operators of expressions, their ClickHouse functions and precedences: one table for all."""

from __future__ import annotations

from enum import Enum

from minidb.record import record


class Shape(Enum):
    """Where an operator stands, and how a chain of it is read."""

    PREFIX = "prefix"
    LEFT = "left"
    CHAIN = "chain"
    POSTFIX = "postfix"


@record
class OperatorSpec:
    """One operator.

    Parameters
    ----------
    symbol : str
        The canonical spelling; the unary minus is ``negate``.
    function_name : str
        The ClickHouse function with the same meaning.
    precedence : int
        Higher binds tighter.
    shape : Shape
        CHAIN means that ``a || b || c`` is one node of three operands.
    """

    symbol: str
    function_name: str
    precedence: int
    shape: Shape = Shape.LEFT


# c ? a : b and lambdas are below all of these; casts, subscripts and tuple access above.
PRECEDENCE_LAMBDA = 0
PRECEDENCE_TERNARY = 5
PRECEDENCE_OR = 10
PRECEDENCE_AND = 20
PRECEDENCE_NOT = 30
PRECEDENCE_IS = 40
PRECEDENCE_BETWEEN = 50
PRECEDENCE_COMPARE = 60
PRECEDENCE_CONCAT = 80
PRECEDENCE_ADD = 90
PRECEDENCE_MULTIPLY = 100
PRECEDENCE_NEGATE = 110
PRECEDENCE_PRIMARY = 120


def _specs(
    precedence: int, functions: dict[str, str], shape: Shape = Shape.LEFT
) -> tuple[OperatorSpec, ...]:
    return tuple(OperatorSpec(s, name, precedence, shape) for s, name in functions.items())


OPERATORS: dict[str, OperatorSpec] = {
    spec.symbol: spec
    for spec in (
        *_specs(PRECEDENCE_OR, {"OR": "or"}, Shape.CHAIN),
        *_specs(PRECEDENCE_AND, {"AND": "and"}, Shape.CHAIN),
        *_specs(PRECEDENCE_NOT, {"NOT": "not"}, Shape.PREFIX),
        *_specs(PRECEDENCE_IS, {"IS NULL": "isNull", "IS NOT NULL": "isNotNull"}, Shape.POSTFIX),
        *_specs(
            PRECEDENCE_IS,
            {
                "IS DISTINCT FROM": "isDistinctFrom",
                "IS NOT DISTINCT FROM": "isNotDistinctFrom",
            },
        ),
        *_specs(
            PRECEDENCE_COMPARE,
            {
                "=": "equals",
                "!=": "notEquals",
                "<": "less",
                ">": "greater",
                "<=": "lessOrEquals",
                ">=": "greaterOrEquals",
                "<=>": "isNotDistinctFrom",
                "LIKE": "like",
                "NOT LIKE": "notLike",
                "ILIKE": "ilike",
                "NOT ILIKE": "notILike",
                "REGEXP": "match",
            },
        ),
        *_specs(PRECEDENCE_CONCAT, {"||": "concat"}, Shape.CHAIN),
        *_specs(PRECEDENCE_ADD, {"+": "plus", "-": "minus"}),
        *_specs(
            PRECEDENCE_MULTIPLY, {"*": "multiply", "/": "divide", "%": "modulo", "DIV": "intDiv"}
        ),
        *_specs(PRECEDENCE_NEGATE, {"negate": "negate"}, Shape.PREFIX),
    )
}
