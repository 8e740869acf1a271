"""Query parameters ``{name:Type}``: their values put into a statement before it is bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from minidb.binder.literals import value_type
from minidb.binder.types import bind_type
from minidb.columns import Column, StringColumn, column_from_values
from minidb.errors import (
    BAD_QUERY_PARAMETER,
    UNKNOWN_QUERY_PARAMETER,
    BindError,
    MiniDBError,
    did_you_mean,
)
from minidb.formats.unescape import unescape
from minidb.functions.cast import cast_column
from minidb.record import record
from minidb.sql import ast
from minidb.sql.ast_base import Node, ObjectParameter
from minidb.statements.parameters import Parameters
from minidb.types import ArrayType, DataType, StringType

IDENTIFIER = "Identifier"
S = TypeVar("S", bound=Node)


def filled(statement: S, kept: Mapping[str, object], parameters: Parameters) -> S:
    """Return a statement with the values of its query parameters.

    Parameters
    ----------
    kept : mapping
        The session's values, from SET.
    parameters : sequence or mapping, optional
        What was passed beside the statement; a mapping goes before the session's values.

    Raises
    ------
    BindError
        UNKNOWN_QUERY_PARAMETER or BAD_QUERY_PARAMETER, at the parameter.
    """
    given = parameters if isinstance(parameters, Mapping) else {}
    made: S = _Filler({**kept, **given}).fill(statement)
    return made


def text_of_parameter(text: str) -> str | None:
    r"""Return a value written as in TabSeparated: escapes stand for bytes, ``\N`` is NULL."""
    if text == "\\N":
        return None
    column = StringColumn.from_bytes([text.encode("utf-8", "surrogateescape")])
    return unescape(column).to_bytes()[0].decode("utf-8", "surrogateescape")


@record
class _Filler:
    """Puts values where a statement has query parameters.

    Parameters
    ----------
    values : mapping
        Python values, or texts that are read in the parameter's type; by name.
    """

    values: Mapping[str, object]

    def fill(self, node: Any) -> Any:
        """Return a part of a syntax tree with values in place of parameters.

        Raises
        ------
        BindError
            UNKNOWN_QUERY_PARAMETER for a name without value, BAD_QUERY_PARAMETER for a value
            that is none of the type.
        """
        match node:
            case ast.TypedParameter():
                return self._value(node)
            case ast.ObjectName(parameters=(_, *_)):
                return self._object(node)
            case Node():
                changes = {}
                for declared in fields(node):
                    value = getattr(node, declared.name)
                    if isinstance(value, Node | tuple):
                        new = self.fill(value)
                        if new is not value:
                            changes[declared.name] = new
                return replace(node, **changes) if changes else node
            case tuple():
                # A list first: a generator would take room on the C stack at every level.
                made = [self.fill(item) for item in node]
                return node if all(a is b for a, b in zip(node, made, strict=True)) else tuple(made)
            case _:
                return node

    def _given(self, name: str, node: Node) -> object:
        """Return the value that was passed for a name."""
        if name not in self.values:
            hint = did_you_mean(name, self.values)
            hint = hint or f"pass it beside the statement, or SET param_{name} = ..."
            message = f"parameter {name!r} is not set"
            raise BindError(UNKNOWN_QUERY_PARAMETER, message, span=node.span, hint=hint)
        return self.values[name]

    def _text(self, name: str, node: Node) -> str:
        """Return the identifier that a parameter means."""
        value = self._given(name, node)
        if not isinstance(value, str) or not value:
            message = f"parameter {name!r} has to be the text of a name"
            raise BindError(BAD_QUERY_PARAMETER, message, span=node.span)
        return value

    def _object(self, node: ast.ObjectName) -> ast.ObjectName:
        """Return a table's name."""
        marks: dict[str, ObjectParameter] = {mark.name: mark for mark in node.parameters}

        def part(name: str) -> str:
            return self._text(name, marks[name]) if name in marks else name

        database = None if node.database is None else part(node.database)
        return ast.ObjectName(part(node.name), database, span=node.span)

    def _value(self, node: ast.TypedParameter) -> ast.Expr:
        """Return the expression of a value: a name, a text, or a cast to the type."""
        if node.type.name == IDENTIFIER:
            return ast.Identifier((self._text(node.name, node),), span=node.span)
        data_type = bind_type(node.type)
        given = self._given(node.name, node)
        column = self._read(node, data_type, given)
        value = column.to_pylist()[0]
        if isinstance(data_type, StringType) and isinstance(value, str):
            return ast.Literal(value, span=node.span)
        literal = _literal(data_type, value, node)
        if literal is None:
            shown = cast_column(column, StringType()).to_pylist()[0]
            literal = ast.Literal(str(shown), span=node.span)
        name = ast.Literal(data_type.name, span=node.span)
        return ast.FunctionCall("_CAST", (literal, name), span=node.span, name_span=node.span)

    def _read(self, node: ast.TypedParameter, data_type: DataType, given: object) -> Column:
        """Return a value in the parameter's type, as a column of one row."""
        try:
            source = column_from_values(value_type(given), [given])
            return cast_column(source, data_type)
        except MiniDBError as error:
            message = f"the value of parameter {node.name!r} is no {data_type.name}"
            raise BindError(BAD_QUERY_PARAMETER, message, span=node.span) from error


def _literal(data_type: DataType, value: object, node: Node) -> ast.Expr | None:
    """Return a value as a literal, None for types that have none."""
    match value:
        case None | bool() | int() | float():
            return ast.Literal(value, span=node.span)
        case list() if isinstance(data_type, ArrayType):
            elements = [_literal(data_type.element, item, node) for item in value]
            known = tuple(element for element in elements if element is not None)
            return ast.ArrayLiteral(known, span=node.span) if len(known) == len(value) else None
        case _:
            return None
