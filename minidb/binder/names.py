"""The name of a result column without alias: the expression with operators as functions."""

from __future__ import annotations

from minidb.binder.scope import Scope
from minidb.sql.ast import (
    Alias,
    ArrayLiteral,
    Between,
    Case,
    Cast,
    Exists,
    Expr,
    FunctionCall,
    Identifier,
    In,
    Lambda,
    Literal,
    Operator,
    Parameter,
    Star,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
)
from minidb.sql.format import format_type

# Calls whose column ClickHouse names after another spelling of the same.
BRACKETS = {"array": "[{}]", "tuple": "({})"}
WRITTEN_AS = {"cast": "CAST", "trim": "trimBoth"}

BETWEEN_NAMES = ("greaterOrEquals", "lessOrEquals", "and")


def column_name(expr: Expr, scope: Scope) -> str:
    """Return the name that ClickHouse gives the result column of `expr`."""

    def name(part: Expr) -> str:
        return column_name(part, scope)

    def call(function: str, *parts: str) -> str:
        return f"{function}({', '.join(parts)})"

    match expr:
        case Alias(name=alias):
            return alias
        case Identifier():
            return _identifier(expr, scope)
        case Literal(value=value):
            return _literal(value)
        case Parameter(key=key):
            return f"?{key}"
        case TypedParameter(name=parameter):
            return parameter
        case Star():
            return "*"
        case Operator(operands=operands):
            return call(expr.function_name, *map(name, operands))
        case Between(operand=operand, low=low, high=high, is_negated=is_negated):
            names = ("less", "greater", "or")
            below, above, both = names if is_negated else BETWEEN_NAMES
            first = call(below, name(operand), name(low))
            return call(both, first, call(above, name(operand), name(high)))
        case In(operand=operand, target=target, is_negated=is_negated):
            return call("notIn" if is_negated else "in", name(operand), name(target))
        case Case():
            return _case(expr, scope)
        case Cast(operand=operand, type=target_type):
            return call("CAST", name(operand), f"'{format_type(target_type)}'")
        case Subscript(operand=operand, index=index):
            return call("arrayElement", name(operand), name(index))
        case TupleElement(operand=operand, key=key):
            return call("tupleElement", name(operand), _literal(key))
        case FunctionCall():
            return _function(expr, scope)
        case Lambda(parameters=parameters, body=body):
            return f"lambda(tuple({', '.join(parameters)}), {name(body)})"
        case ArrayLiteral(elements=elements):
            return f"[{', '.join(map(name, elements))}]"
        case TupleLiteral(elements=elements):
            return f"({', '.join(map(name, elements))})"
        case Subquery() | Exists():
            return "_subquery"


def _case(expr: Case, scope: Scope) -> str:
    """Return the name of either form of CASE."""
    parts = [] if expr.operand is None else [column_name(expr.operand, scope)]
    for branch in expr.branches:
        parts += [column_name(branch.condition, scope), column_name(branch.result, scope)]
    parts.append("NULL" if expr.otherwise is None else column_name(expr.otherwise, scope))
    function = "multiIf" if expr.operand is None else "caseWithExpression"
    return f"{function}({', '.join(parts)})"


def _identifier(expr: Identifier, scope: Scope) -> str:
    """Return a column's name, qualified where two tables have it and it is not the first."""
    field = scope.find(expr)
    for table in scope.tables:
        if field is not None and table.fields.get(expr.name) is field:
            return scope.display_name(table, expr.name)
    return expr.name


def _literal(value: object) -> str:
    """Return a literal as ClickHouse writes it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case str():
            escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            return "'" + escaped.replace("\t", "\\t") + "'"
        case float() if value == int_or_none(value) and abs(value) < 1e16:
            return f"{value:.0f}."
        case _:
            return repr(value)


def int_or_none(value: float) -> int | None:
    """Return a whole float as int, None for fractions, infinities and NaN."""
    return int(value) if value - value == 0 and value == int(value) else None


def _function(expr: FunctionCall, scope: Scope) -> str:
    """Return a call's name: ``count(*)`` is ``count()``, DISTINCT becomes a combinator."""
    arguments = [column_name(a, scope) for a in expr.arguments if not isinstance(a, Star)]
    parameters = ""
    if expr.parameters is not None:
        parameters = f"({', '.join(column_name(p, scope) for p in expr.parameters)})"
    if expr.name in BRACKETS:
        return BRACKETS[expr.name].format(", ".join(arguments))
    function = WRITTEN_AS.get(expr.name.lower(), expr.name)
    function += "Distinct" if expr.is_distinct else ""
    return f"{function}{parameters}({', '.join(arguments)})"
