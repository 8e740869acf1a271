"""CREATE FUNCTION and DROP FUNCTION: SQL functions, kept as their text."""

from __future__ import annotations

from minidb.binder.aggregates import find_aggregate
from minidb.binder.aliases import child_nodes
from minidb.errors import FUNCTION_ALREADY_EXISTS, UNKNOWN_FUNCTION, BindError, did_you_mean
from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.sql.format import format_statement
from minidb.statements.context import FUNCTION_KIND, StatementContext
from minidb.statements.parameters import refuse_marks


def create_function(statement: ast.CreateFunction, context: StatementContext) -> Outcome:
    """Keep a SQL function; its body may only use its parameters and functions that exist."""
    with context.begin() as transaction:
        name = statement.name
        functions = context.registry.functions
        if functions.scalar(name) is not None or functions.aggregate(name) is not None:
            message = f"{name!r} is a built-in function"
            raise BindError(FUNCTION_ALREADY_EXISTS, message, span=statement.span)
        if (FUNCTION_KIND, name) in transaction.objects and not statement.or_replace:
            if statement.if_not_exists:
                return Outcome()
            message = f"function {name!r} is already there"
            hint = "write CREATE OR REPLACE FUNCTION"
            raise BindError(FUNCTION_ALREADY_EXISTS, message, span=statement.span, hint=hint)
        _check_body(statement, context)
        transaction.put_object(FUNCTION_KIND, name, format_statement(statement))
        transaction.commit()
    return Outcome()


def _check_body(statement: ast.CreateFunction, context: StatementContext) -> None:
    """Refuse a body that calls itself, or functions and names that do not exist."""
    refuse_marks(statement.definition.body, "a function's body")
    known = set(context.environment().catalog.sql_function_names())
    stack: list[tuple[ast.Node, frozenset[str]]] = [
        (statement.definition.body, frozenset(statement.definition.parameters))
    ]
    while stack:
        node, names = stack.pop()
        if isinstance(node, ast.FunctionCall):
            _check_call(node, statement.name, known, context)
        if isinstance(node, ast.Identifier) and node.parts[0] not in names:
            message = f"{node.name!r} is no parameter of {statement.name}"
            hint = did_you_mean(node.name, names)
            raise BindError(UNKNOWN_FUNCTION, message, span=node.span, hint=hint)
        if isinstance(node, ast.Lambda):
            names = names | frozenset(node.parameters)
        stack.extend((child, names) for child in child_nodes(node))


def _check_call(
    call: ast.FunctionCall, own_name: str, known: set[str], context: StatementContext
) -> None:
    """Refuse a call of the function itself or of one that does not exist."""
    functions = context.registry.functions
    if call.name == own_name:
        message = f"function {own_name} calls itself"
        raise BindError(UNKNOWN_FUNCTION, message, span=call.span)
    found = (
        functions.scalar(call.name) is not None
        or find_aggregate(functions, call.name) is not None
        or call.name in known
        or call.name in context.environment().session_values
    )
    if not found:
        hint = did_you_mean(call.name, [*functions.names(), *known])
        message = f"no function {call.name!r}"
        raise BindError(UNKNOWN_FUNCTION, message, span=call.span, hint=hint)


def drop_function(statement: ast.Drop, context: StatementContext) -> Outcome:
    """Drop SQL functions."""
    with context.begin() as transaction:
        for name in statement.names:
            if (FUNCTION_KIND, name.name) in transaction.objects:
                transaction.drop_object(FUNCTION_KIND, name.name)
            elif not statement.if_exists:
                known = [n for kind, n in transaction.objects if kind == FUNCTION_KIND]
                hint = did_you_mean(name.name, known)
                message = f"no SQL function {name.name!r}"
                raise BindError(UNKNOWN_FUNCTION, message, span=name.span, hint=hint)
        transaction.commit()
    return Outcome()
