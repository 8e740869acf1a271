"""The syntax tree of expressions."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from minidb.record import record
from minidb.source import Span
from minidb.sql.ast_base import NO_SPAN, Node, TypeName
from minidb.sql.operators import OPERATORS

if TYPE_CHECKING:
    from minidb.sql.ast_query import OrderItem, Query

LiteralValue: TypeAlias = bool | int | float | str | None


@record
class Identifier(Node):
    """A name: ``column``, ``table.column`` or ``database.table.column``."""

    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the last part."""
        return self.parts[-1]


@record(eq=False)
class Literal(Node):
    """A constant. Equality looks at the type too: 1, 1.0, true and -0.0 all differ.

    Parameters
    ----------
    value : None, bool, int, float or str
        An int has any size (the binder decides what does not fit). A str is ClickHouse's bytes:
        read as UTF-8, with lone bytes as ``surrogateescape`` writes them, so
        ``value.encode("utf-8", "surrogateescape")`` gives the bytes back.
    """

    value: LiteralValue

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Literal):
            return NotImplemented
        if isinstance(self.value, float):
            # repr tells 0.0 from -0.0 and takes NaN for itself.
            return isinstance(other.value, float) and repr(self.value) == repr(other.value)
        return type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), repr(self.value)))


@record
class Parameter(Node):
    """A place for a value that the caller passes: ``?`` or ``%(name)s``.

    `key` is the 0-based number of a ``?`` within its statement, or the name.
    """

    key: int | str


@record
class TypedParameter(Node):
    """A query parameter with its type: ``{name:Type}``."""

    name: str
    type: TypeName


@record
class StarExcept(Node):
    """``EXCEPT (a, b)`` behind a star; with a `pattern` the columns whose names it matches."""

    names: tuple[str, ...] = ()
    pattern: str | None = None


@record
class StarApply(Node):
    """``APPLY(sum)``, ``APPLY(quantile(0.5))`` or ``APPLY(x -> x + 1)`` behind a star.

    Parameters
    ----------
    function : FunctionCall or Lambda
        What every column goes through; a call has its parameters and no arguments.
    """

    function: FunctionCall | Lambda


@record
class Star(Node):
    """``*``, ``table.*`` or ``COLUMNS('pattern')``, and what stands behind it.

    Parameters
    ----------
    qualifier : tuple of str
        The parts of the table's name.
    pattern : str or None
        What the names of the columns match.
    left_out : tuple of StarExcept
        The columns that are not meant.
    replaced : tuple of Alias
        What stands in the place of the columns of these names.
    applied : tuple of StarApply
        What each column goes through, in this order.
    """

    qualifier: tuple[str, ...] = ()
    pattern: str | None = None
    left_out: tuple[StarExcept, ...] = ()
    replaced: tuple[Alias, ...] = ()
    applied: tuple[StarApply, ...] = ()


@record
class Operator(Node):
    """An operator between or beside its operands.

    Parameters
    ----------
    symbol : str
        A key of `minidb.sql.operators.OPERATORS`: ``"+"``, ``"NOT LIKE"``, ``"IS NULL"``,
        ``"NOT"``, ``"negate"`` (the unary minus) ...
    operands : tuple of Expr
        One for a prefix or postfix operator, two for most; AND, OR and ``||`` take two or more,
        because a chain of them is one node.
    """

    symbol: str
    operands: tuple[Expr, ...]

    @property
    def function_name(self) -> str:
        """Return the name of the ClickHouse function that the operator stands for."""
        return OPERATORS[self.symbol].function_name


@record
class Between(Node):
    """``operand [NOT] BETWEEN low AND high``."""

    operand: Expr
    low: Expr
    high: Expr
    is_negated: bool = False


@record
class In(Node):
    """``operand [GLOBAL] [NOT] IN target``.

    `target` is a `Subquery`, a `TupleLiteral`, an `Identifier` (a table) or any other expression.
    A list of one, ``x IN (1)``, is a `TupleLiteral` of one element.
    """

    operand: Expr
    target: Expr
    is_negated: bool = False
    is_global: bool = False


@record
class CaseBranch(Node):
    """``WHEN condition THEN result``."""

    condition: Expr
    result: Expr


@record
class Case(Node):
    """``CASE [operand] WHEN .. THEN .. [ELSE otherwise] END``."""

    operand: Expr | None
    branches: tuple[CaseBranch, ...]
    otherwise: Expr | None


@record
class Cast(Node):
    """``CAST(operand AS type)`` or ``operand::type``.

    ``CAST(x, 'T')`` is a plain `FunctionCall`; `minidb.sql.parser.parse_type` reads its text.
    """

    operand: Expr
    type: TypeName


@record
class Subscript(Node):
    """``operand[index]``, the function arrayElement."""

    operand: Expr
    index: Expr


@record
class TupleElement(Node):
    """``operand.1`` or ``(operand).name``, the function tupleElement."""

    operand: Expr
    key: int | str


@record
class FrameBound(Node):
    """One end of a window frame.

    `kind` is ``"PRECEDING"``, ``"CURRENT ROW"`` or ``"FOLLOWING"``; `offset` None means UNBOUNDED
    (and nothing for the current row).
    """

    kind: str
    offset: Expr | None = None


@record
class WindowFrame(Node):
    """``ROWS|RANGE|GROUPS BETWEEN start AND end``; `unit` is the first word."""

    unit: str
    start: FrameBound
    end: FrameBound


@record
class WindowSpec(Node):
    """What stands in ``OVER (...)``; `base` names a window of the WINDOW clause."""

    base: str | None = None
    partition_by: tuple[Expr, ...] = ()
    order_by: tuple[OrderItem, ...] = ()
    frame: WindowFrame | None = None


@record
class FunctionCall(Node):
    """A call ``name(arguments)``; also what ``c ? a : b`` (`if`) and DATE literals become.

    Parameters
    ----------
    name : str
        As written; the registry knows which names are read in any case.
    arguments : tuple of Expr
        ``count(*)`` has one `Star`.
    parameters : tuple of Expr or None
        Those of a parametric aggregate, ``quantile(0.5)(x)``; None without a second pair of
        parentheses.
    is_distinct : bool
        ``sum(DISTINCT x)``.
    filter : Expr or None
        ``sum(x) FILTER (WHERE filter)``.
    over : WindowSpec, str or None
        ``OVER (...)`` or the name in ``OVER name``.
    nulls : str or None
        ``RESPECT`` or ``IGNORE`` of ``any(x) RESPECT NULLS``.
    name_span : Span
        The place of the name alone, for messages about an unknown function.
    """

    name: str
    arguments: tuple[Expr, ...]
    parameters: tuple[Expr, ...] | None = None
    is_distinct: bool = False
    filter: Expr | None = None
    over: WindowSpec | str | None = None
    nulls: str | None = None
    name_span: Span = field(default=NO_SPAN, compare=False, repr=False, kw_only=True)


@record
class Lambda(Node):
    """``x -> body`` or ``(x, y) -> body``."""

    parameters: tuple[str, ...]
    body: Expr


@record
class ArrayLiteral(Node):
    """``[a, b]``; the elements may be any expressions."""

    elements: tuple[Expr, ...]


@record
class TupleLiteral(Node):
    """``(a, b)``, ``(a,)`` or ``()``."""

    elements: tuple[Expr, ...]


@record
class Subquery(Node):
    """A query in parentheses where a value stands."""

    query: Query


@record
class Exists(Node):
    """``EXISTS (query)``."""

    query: Query


@record
class Alias(Node):
    """``expr AS name``; on any part of an expression, usable anywhere in the query."""

    expr: Expr
    name: str


Expr: TypeAlias = (
    Identifier
    | Literal
    | Parameter
    | TypedParameter
    | Star
    | Operator
    | Between
    | In
    | Case
    | Cast
    | Subscript
    | TupleElement
    | FunctionCall
    | Lambda
    | ArrayLiteral
    | TupleLiteral
    | Subquery
    | Exists
    | Alias
)
