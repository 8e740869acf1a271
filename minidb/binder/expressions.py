"""Binding expressions: names become columns, operators functions, and every type is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from minidb.binder.aggregates import (
    AggregateList,
)
from minidb.binder.array_joins import ArrayJoinList
from minidb.binder.calls import unknown_function
from minidb.binder.constant_lists import bind_in_list
from minidb.binder.environment import Environment
from minidb.binder.forms import bind_case
from minidb.binder.functions import bind_call
from minidb.binder.intervals import moved_date
from minidb.binder.kept_nullable import kept_nullable
from minidb.binder.literals import bind_literal, bind_parameter, bind_value
from minidb.binder.meanings import bind_alias, find_name
from minidb.binder.named_calls import bind_function
from minidb.binder.names import counts_rows
from minidb.binder.overloads import overloaded
from minidb.binder.scope import Scope
from minidb.binder.stars import StarColumn, expand_star
from minidb.binder.subqueries import bind_exists, bind_in, bind_scalar, query_behind_in
from minidb.binder.types import bind_type
from minidb.binder.windows import WindowList
from minidb.binder.within import within
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_AGGREGATION,
    UNKNOWN_FUNCTION,
    BindError,
    NotSupportedError,
)
from minidb.expr import BoundExpr, ColumnRef
from minidb.record import state
from minidb.source import Span
from minidb.sql import ast
from minidb.types import (
    DataType,
    DecimalType,
    without_null,
)


@state
class ExprBinder:
    """Binds the expressions of one SELECT (or of one clause of another statement).

    Parameters
    ----------
    environment : Environment
        Functions, settings and parameters.
    scope : Scope
        The columns that names can mean.
    aliases : mapping of str to Expr
        What ``AS`` names anywhere in the SELECT; an alias hides a column of the same name,
        except inside its own expression.
    aggregates : AggregateList or None
        Where aggregates go; None where they are not allowed.
    place : str
        The clause, for the message about an aggregate that may not stand there.
    """

    environment: Environment
    scope: Scope
    aliases: Mapping[str, ast.Expr] = field(default_factory=dict)
    aggregates: AggregateList | None = None
    place: str = "this clause"
    known_aliases: dict[str, BoundExpr] = field(default_factory=dict)
    open_aliases: list[str] = field(default_factory=list)
    locals: list[Mapping[str, BoundExpr]] = field(default_factory=list)
    lambda_ids: set[int] = field(default_factory=set)
    is_inside_aggregate: bool = False
    macro_depth: int = 0
    null_without_rows: bool = False
    array_joins: ArrayJoinList | None = None
    windows: WindowList | None = None
    is_inside_window: bool = False

    def bind(self, expr: ast.Expr) -> BoundExpr:
        """Return the bound form of an expression.

        Raises
        ------
        BindError
            For an unknown name, a wrong argument, an aggregate that may not stand here.
        NotSupportedError
            For what the grammar reads and the engine lacks.
        """
        match expr:
            case ast.Identifier():
                return self._identifier(expr)
            case ast.Literal(value=value):
                return bind_literal(value, expr.span)
            case ast.Parameter(key=key):
                return bind_parameter(key, self.environment.parameters, expr.span)
            case ast.TypedParameter():
                # Elsewhere its value stands here by now.
                message = "parameters {name:Type} in a view are not supported"
                raise NotSupportedError(message, span=expr.span)
            case ast.Star():
                raise BindError(BAD_ARGUMENTS, "* stands only for columns", span=expr.span)
            case ast.Alias():
                return bind_alias(self, expr)
            case ast.FunctionCall():
                return bind_function(self, expr)
            case ast.Operator(operands=operands):
                moved = moved_date(expr.function_name, operands, self.aliases, expr.span)
                if moved is not None:
                    return self.bind(moved)
                return self._call(expr.function_name, operands, expr.span)
            case ast.Between() | ast.In() | ast.Case():
                return self._predicate(expr)
            case ast.Cast(operand=operand, type=type_name):
                return self._cast(operand, type_name, expr.span)
            case ast.Subscript(operand=operand, index=index):
                return self._call("arrayElement", (operand, index), expr.span)
            case ast.TupleElement(operand=operand, key=key):
                literal = ast.Literal(key, span=expr.span)
                return self._call("tupleElement", (operand, literal), expr.span)
            case ast.ArrayLiteral(elements=elements):
                return self._collection("array", elements, expr.span)
            case ast.TupleLiteral(elements=elements):
                return self._collection("tuple", elements, expr.span)
            case ast.Lambda():
                message = "a lambda stands only as an argument of a function that takes one"
                raise BindError(BAD_ARGUMENTS, message, span=expr.span)
            case ast.Subquery():
                return bind_scalar(self, expr)
            case ast.Exists():
                return bind_exists(self, expr)

    # -- names ---------------------------------------------------------------------------------

    def _identifier(self, expr: ast.Identifier) -> BoundExpr:
        """Return what a name means here, or else in the queries around this one."""
        found = self.find_name(expr, True) or self.find_name(expr, False)
        if found is None:
            raise self.scope.unknown(expr, iter(self.aliases))
        return found

    def find_name(self, expr: ast.Identifier, by_alias: bool) -> BoundExpr | None:
        """Return what a name means; the innermost query that has the name wins.

        With `by_alias` a table that has an alias is not known by its own name.
        """
        return find_name(self, expr, by_alias)

    def known_names(self) -> Iterator[str]:
        """Yield the names of aliases and columns, here and in the queries around this one."""
        yield from self.aliases
        for table in self.scope.tables:
            yield from table.fields
        if self.scope.outer is not None:
            yield from self.scope.outer.known_names()

    def knows(self, expr: ast.Identifier) -> bool:
        """Whether a name means an alias or a column."""
        return expr.name in self.aliases or self.scope.find(expr) is not None

    # -- calls ---------------------------------------------------------------------------------

    def _call(self, name: str, args: Sequence[ast.Expr], span: Span) -> BoundExpr:
        """Bind a scalar function that an operator stands for."""
        return self._scalar(name, [self.bind(arg) for arg in args], span)

    def _scalar(self, name: str, args: Sequence[BoundExpr], span: Span) -> BoundExpr:
        """Apply a scalar function by name to bound arguments."""
        function = self.environment.registry.scalar(name)
        if function is None:
            raise unknown_function(self.environment, name, span)
        settings = self.environment.settings
        if function.name == "CAST":
            args = kept_nullable(args, settings)
        function, args = overloaded(self.environment, function, args)
        function = within(self.environment, function)
        return bind_call(function, args, settings, span, self.environment.next_id)

    def arguments(self, expr: ast.FunctionCall) -> list[BoundExpr]:
        """Bind a call's arguments; ``*`` stands for all columns, but for none in ``count(*)``."""
        args: list[BoundExpr] = []
        for argument in expr.arguments:
            if not isinstance(argument, ast.Star):
                args.append(self.bind(argument))
            elif not counts_rows(expr, argument):
                columns = expand_star(self.scope, argument)
                args += [self.star_column(column, argument.span) for column in columns]
        return args

    def star_column(self, column: StarColumn, span: Span | None) -> BoundExpr:
        """Return one of the columns that a star stands for."""
        if column.computed is not None:
            own = ColumnRef(column.field.id, column.field.type, column.name, span)
            return replace(self, locals=[*self.locals, {column.name: own}]).bind(column.computed)
        if column.replacement is not None:
            return self.bind(column.replacement)
        return ColumnRef(column.field.id, column.field.type, column.name, span)

    def aggregate_refused(self, what: str, span: Span) -> BindError:
        """Return the error for an aggregate in a clause that takes none."""
        hint = "use HAVING to filter by an aggregate" if self.place == "WHERE" else None
        message = f"{what} may not stand in {self.place}"
        return BindError(ILLEGAL_AGGREGATION, message, span=span, hint=hint)

    # -- forms that stand for functions --------------------------------------------------------

    def _predicate(self, expr: ast.Between | ast.In | ast.Case) -> BoundExpr:
        """Bind BETWEEN, IN and CASE through the functions that they stand for."""
        match expr:
            case ast.Between(operand=operand, low=low, high=high, is_negated=is_negated):
                names = ("less", "greater", "or")
                names = names if is_negated else ("greaterOrEquals", "lessOrEquals", "and")
                value, lower, upper = self.bind(operand), self.bind(low), self.bind(high)
                first = self._scalar(names[0], [value, lower], expr.span)
                second = self._scalar(names[1], [value, upper], expr.span)
                return self._scalar(names[2], [first, second], expr.span)
            case ast.In(target=target):
                query = query_behind_in(self, target)
                return bind_in_list(self, expr) if query is None else bind_in(self, expr, query)
            case ast.Case():
                return bind_case(self, expr)

    def _cast(self, operand: ast.Expr, type_name: ast.TypeName, span: Span) -> BoundExpr:
        """Bind ``CAST(x AS T)`` and ``x::T``."""
        data_type = bind_type(type_name)
        match operand:
            case ast.Literal(value=float() as value) if span.start == operand.span.start:
                # As in ClickHouse, 0.29::Decimal(9, 2) reads the text; as a float it is less.
                if isinstance(without_null(data_type), DecimalType):
                    operand = ast.Literal(repr(value), span=operand.span)
        target = bind_value(data_type.name, type_name.span)
        return self._scalar("CAST", [self.bind(operand), target], span)

    def _collection(self, name: str, elements: Sequence[ast.Expr], span: Span) -> BoundExpr:
        """Bind ``[a, b]`` or ``(a, b)``."""
        return self._scalar(name, [self.bind(element) for element in elements], span)

    def over(self, scope: Scope, place: str) -> ExprBinder:
        """Return a binder of expressions over other columns alone."""
        return ExprBinder(self.environment, scope, place=place)

    def cast_to(self, expr: BoundExpr, target: DataType) -> BoundExpr:
        """Return an expression converted to `target`."""
        return cast_to(self.environment, expr, target)

    def scalar(self, name: str, args: Sequence[BoundExpr], span: Span | None = None) -> BoundExpr:
        """Apply a scalar function by name to bound arguments, by default at the first one."""
        return self._scalar(name, args, span or args[0].span or Span(0, 0))


def cast_to(environment: Environment, expr: BoundExpr, target: DataType) -> BoundExpr:
    """Return `expr` converted to `target` by CAST; the same expression where it has that type.

    Raises
    ------
    BindError
        When there is no conversion between the types.
    """
    if expr.type == target:
        return expr
    function = environment.registry.scalar("CAST")
    if function is None:
        raise BindError(UNKNOWN_FUNCTION, "no function 'CAST'", span=expr.span)
    name = bind_value(target.name, expr.span)
    return bind_call(function, [expr, name], environment.settings, expr.span, environment.next_id)
