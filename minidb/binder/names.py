"""The name of a result column without alias: the expression with operators as functions."""

from __future__ import annotations

import numpy as np

from minidb.binder.scope import Scope, ScopeTable
from minidb.binder.stars import StarColumn, expand_star
from minidb.columns.text_floats import render_floats
from minidb.sql.ast import (
    Alias,
    ArrayLiteral,
    Between,
    Case,
    Cast,
    Exists,
    Expr,
    FrameBound,
    FunctionCall,
    Identifier,
    In,
    Lambda,
    Literal,
    Operator,
    OrderItem,
    Parameter,
    Star,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
    WindowSpec,
)
from minidb.sql.format import format_type
from minidb.sql.literals import write_text
from minidb.types import FloatType
from minidb.types.literals import integer_literal_type

# Calls whose column ClickHouse names after another spelling of the same.
BRACKETS = {"array": "[{}]", "tuple": "({})"}
WRITTEN_AS = {
    "cast": "CAST",
    "trim": "trimBoth",
    **dict.fromkeys(("datediff", "date_diff", "timestampdiff", "timestamp_diff"), "dateDiff"),
}

MAX_FLOAT = 1 << 1023

ESCAPES = str.maketrans(
    dict(
        zip(
            "\\'\0\b\f\n\r\t",
            ("\\\\", "\\'", "\\0", "\\b", "\\f", "\\n", "\\r", "\\t"),
            strict=True,
        )
    )
)

BETWEEN_NAMES = ("greaterOrEquals", "lessOrEquals", "and")


def column_name(expr: Expr, scope: Scope) -> str:
    """Return the name that ClickHouse gives the result column of `expr`."""

    # Lists, not map: a call out of map takes room on the C stack at every level.
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
            return call(expr.function_name, *[name(operand) for operand in operands])
        case Between(operand=operand, low=low, high=high, is_negated=is_negated):
            names = ("less", "greater", "or")
            below, above, both = names if is_negated else BETWEEN_NAMES
            first = call(below, name(operand), name(low))
            return call(both, first, call(above, name(operand), name(high)))
        case In(operand=operand, target=target, is_negated=is_negated):
            return call("notIn" if is_negated else "in", name(operand), _members(target, scope))
        case Case():
            return _case(expr, scope)
        case Cast(operand=operand, type=target_type):
            shown = name(operand) if _stands_before(expr, operand) else _cast_text(operand)
            return call("CAST", shown or name(operand), write_text(format_type(target_type)))
        case Subscript(operand=operand, index=index):
            return call("arrayElement", name(operand), name(index))
        case TupleElement(operand=operand, key=key):
            return call("tupleElement", name(operand), _literal(key))
        case FunctionCall():
            return _function(expr, scope)
        case Lambda(parameters=parameters, body=body):
            return f"lambda(tuple({', '.join(parameters)}), {name(body)})"
        case ArrayLiteral(elements=elements):
            return f"[{', '.join([name(element) for element in elements])}]"
        case TupleLiteral(elements=elements):
            return f"({', '.join([name(element) for element in elements])})"
        case Subquery(query=query) | Exists(query=query):
            return scope.query_names.get(id(query), "_subquery")


def _case(expr: Case, scope: Scope) -> str:
    """Return the name of either form of CASE."""
    parts = [] if expr.operand is None else [column_name(expr.operand, scope)]
    for branch in expr.branches:
        parts += [column_name(branch.condition, scope), column_name(branch.result, scope)]
    parts.append("NULL" if expr.otherwise is None else column_name(expr.otherwise, scope))
    function = "multiIf" if expr.operand is None else "caseWithExpression"
    return f"{function}({', '.join(parts)})"


def _identifier(expr: Identifier, scope: Scope) -> str:
    """Return a column's name, qualified where two tables have it and it is not the first.

    What follows the column is the element of a tuple.
    """
    for n_parts in range(len(expr.parts), 0, -1):
        column, rest = Identifier(expr.parts[:n_parts], span=expr.span), expr.parts[n_parts:]
        field = scope.find(column)
        qualifier = column.parts[:-1]
        for table in scope.tables:
            if field is None or table.fields.get(column.name) is not field:
                continue
            if not qualifier or table.is_called(qualifier):
                if not qualifier or _is_beside_merged(column.name, table, scope):
                    return ".".join(expr.parts)
                return ".".join((scope.display_name(table, column.name), *rest))
    return ".".join(expr.parts)


def _is_beside_merged(name: str, table: ScopeTable, scope: Scope) -> bool:
    """Whether USING made another column of the name, which is the one without table."""
    if table.is_merged or name not in table.hidden:
        return False
    merged = next((t.fields[name] for t in scope.tables if t.is_merged and name in t.fields), None)
    return table.fields[name] is not merged


def _literal(value: object) -> str:
    """Return a literal as ClickHouse writes it."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case str():
            return "'" + value.translate(ESCAPES) + "'"
        case float():
            return _float(value)
        case int() if isinstance(integer_literal_type(value), FloatType):
            # Too large even for a float: the binder refuses it.
            return _float(float(value)) if abs(value) < MAX_FLOAT else repr(value)
        case _:
            return repr(value)


def _float(value: float) -> str:
    """Return a float in ClickHouse's digits; a whole one keeps its point."""
    text = str(render_floats(np.array([value])).to_pylist()[0])
    return f"{text}." if text.lstrip("-").isdigit() else text


def _members(target: Expr, scope: Scope) -> str:
    """Return the right side of IN: parentheses around one value are no tuple."""
    match target:
        case TupleLiteral(elements=(single,)):
            return column_name(single, scope)
        case _:
            return column_name(target, scope)


def _stands_before(expr: Cast, operand: Expr) -> bool:
    """Whether a cast is written ``CAST(x AS T)``, not ``x::T``."""
    return expr.span.start < operand.span.start


def _cast_text(operand: Expr) -> str | None:
    """Return the name of a literal before ``::``, which ClickHouse reads as a text; else None."""
    match operand:
        case Literal(value=None | bool()):
            return None
        case Literal(value=str(value)):
            return _literal(value)
        case Literal(value=value):
            return f"'{_literal(value).removesuffix('.')}'"
        case ArrayLiteral(elements=elements) | TupleLiteral(elements=elements):
            if any(_cast_text(element) is None for element in elements):
                return None
            return _literal(column_name(operand, Scope()))
        case _:
            return None


def _function(expr: FunctionCall, scope: Scope) -> str:
    """Return a call's name: ``count(*)`` is ``count()``, DISTINCT becomes a combinator."""
    arguments: list[str] = []
    for argument in expr.arguments:
        if not isinstance(argument, Star):
            arguments.append(column_name(argument, scope))
        elif not counts_rows(expr, argument):
            arguments += [star_column_name(c, scope) for c in expand_star(scope, argument)]
    parameters = ""
    if expr.parameters is not None:
        parameters = f"({', '.join(column_name(p, scope) for p in expr.parameters)})"
    if expr.name in BRACKETS:
        return BRACKETS[expr.name].format(", ".join(arguments))
    function = WRITTEN_AS.get(expr.name.lower(), expr.name)
    function += "Distinct" if expr.is_distinct else ""
    if expr.filter is not None:
        function += "If"
        arguments.append(column_name(expr.filter, scope))
    over = "" if expr.over is None else f" OVER {_window(expr.over, scope)}"
    return f"{function}{parameters}({', '.join(arguments)}){over}"


def star_column_name(column: StarColumn, scope: Scope) -> str:
    """Return what a call around a star shows of one of its columns."""
    expr = column.computed
    if expr is None and column.replacement is not None:
        expr = column.replacement.expr
    return column.name if expr is None else column_name(expr, scope)


def _window(over: WindowSpec | str, scope: Scope) -> str:
    """Return what stands behind OVER, with directions and both ends of the frame written out."""
    if isinstance(over, str):
        return over
    parts = [] if over.base is None else [over.base]
    if over.partition_by:
        keys = ", ".join(column_name(key, scope) for key in over.partition_by)
        parts.append(f"PARTITION BY {keys}")
    if over.order_by:
        parts.append(f"ORDER BY {', '.join(_order_item(item, scope) for item in over.order_by)}")
    if over.frame is not None:
        ends = (_frame_bound(end, scope) for end in (over.frame.start, over.frame.end))
        parts.append(f"{over.frame.unit} BETWEEN {' AND '.join(ends)}")
    return f"({' '.join(parts)})"


def _order_item(item: OrderItem, scope: Scope) -> str:
    nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[item.nulls_first]
    return f"{column_name(item.expr, scope)} {'DESC' if item.is_descending else 'ASC'}{nulls}"


def _frame_bound(bound: FrameBound, scope: Scope) -> str:
    if bound.kind == "CURRENT ROW":
        return bound.kind
    offset = "UNBOUNDED" if bound.offset is None else column_name(bound.offset, scope)
    return f"{offset} {bound.kind}"


def counts_rows(expr: FunctionCall, star: Star) -> bool:
    """Whether ``*`` in a call only says that rows are counted, as in ``count(*)``."""
    is_count = expr.name.lower() in ("count", "countif")
    return is_count and not expr.is_distinct and not star.qualifier
