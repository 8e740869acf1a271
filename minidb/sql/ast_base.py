"""What every node of the syntax tree has: a span, and nodes below it."""

from __future__ import annotations

from dataclasses import field

from minidb.record import record
from minidb.source import Span

NO_SPAN = Span(0, 0)


@record
class Node:
    """A node of the syntax tree.

    Parameters
    ----------
    span : Span
        The place in the statement's text. It takes no part in equality, so the trees of
        ``a+1`` and ``a  +  1`` are equal.
    """

    span: Span = field(default=NO_SPAN, compare=False, repr=False, kw_only=True)


@record
class ObjectParameter(Node):
    """A name that the caller passes: ``{name:Identifier}``."""

    name: str


@record
class ObjectName(Node):
    """The name of a table, view or dictionary: ``name`` or ``database.name``.

    `parameters` are those whose names stand for the parts until they are filled in.
    """

    name: str
    database: str | None = None
    parameters: tuple[ObjectParameter, ...] = ()


@record
class TypeElement(Node):
    """A named part of a type: ``a Int8`` in ``Tuple(a Int8)``, ``'x' = 1`` in ``Enum8('x' = 1)``.

    `value` is a `TypeName` in a tuple, an int (or None, numbered by the engine) in an enum.
    """

    name: str
    value: TypeName | int | None


@record
class TypeName(Node):
    """A type as written: a name and its arguments.

    Parameters
    ----------
    name : str
        The name, words of a compound name joined by one space (``DOUBLE PRECISION``).
    args : tuple
        Types, numbers, texts and named elements between the parentheses, as in
        ``Array(UInt8)``, ``Decimal(10, 2)``, ``DateTime('UTC')``, ``Enum8('a' = 1)``;
        empty when there are no parentheses.
    """

    name: str
    args: tuple[TypeName | TypeElement | int | float | str, ...] = ()


@record
class Setting(Node):
    """One ``name = value`` of SET or SETTINGS."""

    name: str
    value: int | float | str | bool | None
