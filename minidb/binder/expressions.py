"""Binding expressions: names become columns, operators functions, and every type is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from minidb.binder.aggregates import (
    AggregateList,
    bind_aggregate,
    find_aggregate,
)
from minidb.binder.aliases import is_same_tree
from minidb.binder.array_joins import ArrayJoinList
from minidb.binder.constant_lists import bind_in_list
from minidb.binder.environment import Environment
from minidb.binder.forms import bind_case, null_without_rows
from minidb.binder.functions import bind_call, lambda_parameter_types, takes_lambda
from minidb.binder.intervals import moved_date, unit_of
from minidb.binder.kept_nullable import kept_nullable
from minidb.binder.literals import bind_literal, bind_parameter, bind_value
from minidb.binder.macros import at_place
from minidb.binder.names import column_name, counts_rows
from minidb.binder.over import bind_over, with_nulls_kept
from minidb.binder.row_calls import bind_row_call, is_row_call
from minidb.binder.scope import Scope
from minidb.binder.subqueries import bind_exists, bind_in, bind_scalar, query_behind_in
from minidb.binder.types import bind_type
from minidb.binder.windows import WindowList
from minidb.columns import Field
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_AGGREGATION,
    ILLEGAL_TYPE_OF_ARGUMENT,
    TOO_BIG_AST,
    TOO_DEEP_RECURSION,
    UNKNOWN_FUNCTION,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.expr import BoundExpr, ColumnRef, columns_of, make_lambda
from minidb.source import Span
from minidb.sql import ast
from minidb.types import (
    DataType,
    DecimalType,
    LambdaType,
    nullable,
    without_null,
)

MAX_MACRO_DEPTH = 100
MAX_EXPANSIONS = 10_000


@dataclass(slots=True)
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
                return self._alias(expr)
            case ast.FunctionCall():
                return self._function(expr)
            case ast.Operator(operands=operands):
                moved = moved_date(expr.function_name, operands, expr.span)
                if moved is not None:
                    return self._call(moved.function, (moved.date, moved.amount), expr.span)
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

        With `by_alias` a table that has an alias is not known by its own name. In each of them ``a.b`` may also be the element b of a tuple a.
        """
        for n_parts in range(len(expr.parts), 0, -1):
            found = self._named(ast.Identifier(expr.parts[:n_parts], span=expr.span), by_alias)
            for part in expr.parts[n_parts:]:
                if found is None or part not in getattr(found.type, "names", ()):
                    found = None
                    break
                key = bind_value(part, expr.span)
                found = self._scalar("tupleElement", [found, key], expr.span)
            if found is not None:
                return found
        return None if self.scope.outer is None else self.scope.outer.find_name(expr, by_alias)

    def known_names(self) -> Iterator[str]:
        """Yield the names of aliases and columns, here and in the queries around this one."""
        yield from self.aliases
        for table in self.scope.tables:
            yield from table.fields
        if self.scope.outer is not None:
            yield from self.scope.outer.known_names()

    def _named(self, expr: ast.Identifier, by_alias: bool) -> BoundExpr | None:
        """Return the lambda parameter, alias or column of a name, in this order."""
        if len(expr.parts) == 1:
            name = expr.parts[0]
            for frame in reversed(self.locals):
                if name in frame:
                    return self._at_place(frame[name], expr.span)
            if name in self.aliases and name not in self.open_aliases and not self._hides(expr):
                return self._checked(self._by_alias(name), expr.span)
        column = self.scope.find(expr, by_alias)
        if column is not None:
            return ColumnRef(column.id, column.type, expr.name, expr.span)
        return self._from_around(expr.name) if len(expr.parts) == 1 else None

    def _hides(self, expr: ast.Identifier) -> bool:
        """Whether a column of that name goes before the alias, as a setting may have it."""
        is_set = self.environment.settings.flag("prefer_column_name_to_alias")
        return is_set and self.scope.find(expr) is not None

    def _from_around(self, name: str) -> BoundExpr | None:
        """Return a value that WITH of a query around this one names, over this one's columns."""
        values = dict(self.scope.values)
        value = values.pop(name, None)
        if value is None:
            return None
        scope = replace(self.scope, values=values)
        return ExprBinder(self.environment, scope, place="WITH").bind(value)

    def _at_place(self, local: BoundExpr, span: Span) -> BoundExpr:
        """Return a lambda's parameter with the place of its use, where that is in this text."""
        if isinstance(local, ColumnRef) and local.id in self.lambda_ids and not self.macro_depth:
            return ColumnRef(local.id, local.type, local.name, span)
        return local

    def _by_alias(self, name: str) -> BoundExpr:
        """Bind what an alias stands for, once."""
        if name not in self.known_aliases:
            was_inside, outer_locals = self.is_inside_aggregate, self.locals
            was_in_window = self.is_inside_window
            self.open_aliases.append(name)
            self.is_inside_aggregate, self.is_inside_window, self.locals = False, False, []
            try:
                self.known_aliases[name] = self.bind(self.aliases[name])
            finally:
                self.open_aliases.pop()
                self.is_inside_aggregate, self.locals = was_inside, outer_locals
                self.is_inside_window = was_in_window
        return self.known_aliases[name]

    def _checked(self, bound: BoundExpr, span: Span) -> BoundExpr:
        """Refuse an alias of an aggregate where no aggregate may stand."""
        aggregates = self.aggregates
        if self.is_inside_aggregate and aggregates is not None and aggregates.reads(bound):
            message = "an aggregate stands inside another one"
            raise BindError(ILLEGAL_AGGREGATION, message, span=span)
        is_inside = self.is_inside_aggregate or self.is_inside_window
        if is_inside and self.windows is not None and self.windows.reads(bound):
            message = "a window function stands inside an aggregate or another one"
            raise BindError(ILLEGAL_AGGREGATION, message, span=span)
        return bound

    def _alias(self, expr: ast.Alias) -> BoundExpr:
        """Bind ``expr AS name``; every use of the name shares the result."""
        is_shared = is_same_tree(self.aliases.get(expr.name), expr.expr) and not self.locals
        if not is_shared or expr.name in self.open_aliases:
            return self.bind(expr.expr)
        return self._checked(self._by_alias(expr.name), expr.span)

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
            raise self._unknown_function(name, span)
        settings = self.environment.settings
        if function.name == "CAST":
            args = kept_nullable(args, settings)
        return bind_call(function, args, settings, span, self.environment.next_id)

    def _unknown_function(self, name: str, span: Span) -> BindError:
        names = [
            *self.environment.registry.names(),
            *self.environment.catalog.sql_function_names(),
        ]
        hint = did_you_mean(name, names)
        return BindError(UNKNOWN_FUNCTION, f"no function {name!r}", span=span, hint=hint)

    def _function(self, expr: ast.FunctionCall) -> BoundExpr:
        """Bind a call by name: session value, SQL function, scalar function or aggregate."""
        name_span = expr.name_span if expr.name_span.end else expr.span
        if expr.over is not None:
            return bind_over(self, expr, name_span)
        session_value = self.environment.session_values.get(expr.name)
        if session_value is not None and not expr.arguments:
            return bind_value(session_value(), expr.span)
        macro = self.environment.catalog.sql_function(expr.name)
        if macro is not None:
            return self._macro(expr, macro)
        if is_row_call(expr):
            return bind_row_call(self, expr)
        registry = self.environment.registry
        function = registry.scalar(expr.name)
        if function is not None and expr.parameters is None and not expr.is_distinct:
            lambdas = [isinstance(a, ast.Lambda) for a in expr.arguments]
            if any(lambdas):
                return self._higher_order(expr)
            return self._scalar(expr.name, self.arguments(expr), expr.span)
        if find_aggregate(registry, expr.name, name_span) is not None:
            return self._aggregate(expr, name_span)
        if registry.window(expr.name) is not None:
            message = f"{expr.name} is a window function"
            hint = f"write {expr.name}(...) OVER (...)"
            raise BindError(BAD_ARGUMENTS, message, span=name_span, hint=hint)
        if function is not None:
            message = f"{expr.name} is no aggregate function"
            raise BindError(UNKNOWN_FUNCTION, message, span=name_span)
        if unit_of(expr) is not None:
            message = "an INTERVAL stands beside a date alone, after + or -"
            raise NotSupportedError(message, span=expr.span)
        raise self._unknown_function(expr.name, name_span)

    def arguments(self, expr: ast.FunctionCall) -> list[BoundExpr]:
        """Bind a call's arguments; ``*`` stands for all columns, but for none in ``count(*)``."""
        args: list[BoundExpr] = []
        for argument in expr.arguments:
            if not isinstance(argument, ast.Star):
                args.append(self.bind(argument))
            elif not counts_rows(expr, argument):
                columns = self.scope.expand_star(argument.qualifier, argument.span)
                args += [ColumnRef(c.id, c.type, name, argument.span) for name, c in columns]
        return args

    def _aggregate(self, expr: ast.FunctionCall, name_span: Span) -> BoundExpr:
        """Bind an aggregate and return the column that it becomes."""
        if self.aggregates is None:
            raise self.aggregate_refused(f"aggregate function {expr.name}", name_span)
        if self.is_inside_aggregate:
            message = f"aggregate {expr.name} stands inside another one"
            raise BindError(ILLEGAL_AGGREGATION, message, span=name_span)
        found = find_aggregate(self.environment.registry, expr.name, name_span)
        if found is None:
            raise self._unknown_function(expr.name, name_span)
        found = with_nulls_kept(found, expr)
        if expr.is_distinct:
            found = found.distinct()
        self.is_inside_aggregate = True
        try:
            args = self.arguments(expr)
            parameters = [self.bind(p) for p in expr.parameters or ()]
            condition = None if expr.filter is None else self.bind(expr.filter)
        finally:
            self.is_inside_aggregate = False
        found = found.over(len(args), self.environment.registry).or_null(self.environment)
        aggregate = bind_aggregate(found, args, parameters, condition, self.environment, expr.span)
        read = {i for arg in (*args, *([condition] if condition else [])) for i in columns_of(arg)}
        if read & self.lambda_ids:
            message = f"aggregate {expr.name} over a lambda's parameter is not supported"
            raise NotSupportedError(message, span=name_span)
        name = column_name(expr, self.scope)
        column = self.aggregates.add(aggregate, name, self.environment)
        if not self.null_without_rows or nullable(column.type) == column.type:
            return column
        return null_without_rows(self, found, column, self.aggregates)

    def aggregate_refused(self, what: str, span: Span) -> BindError:
        """Return the error for an aggregate in a clause that takes none."""
        hint = "use HAVING to filter by an aggregate" if self.place == "WHERE" else None
        message = f"{what} may not stand in {self.place}"
        return BindError(ILLEGAL_AGGREGATION, message, span=span, hint=hint)

    def _higher_order(self, expr: ast.FunctionCall) -> BoundExpr:
        """Bind a call with a lambda: first the other arguments, which give its types."""
        function = self.environment.registry.scalar(expr.name)
        if function is None:
            raise self._unknown_function(expr.name, expr.span)
        others = [self.bind(a) for a in expr.arguments if not isinstance(a, ast.Lambda)]
        types = [other.type for other in others]
        remaining = iter(others)
        args: list[BoundExpr] = []
        for place, arg in enumerate(expr.arguments):
            if not isinstance(arg, ast.Lambda):
                args.append(next(remaining))
                continue
            if not takes_lambda(function, place):
                message = f"argument {place + 1} of {function.name} is no lambda"
                raise BindError(BAD_ARGUMENTS, message, span=arg.span)
            parameter_types = lambda_parameter_types(function, types, arg.span)
            args.append(self._lambda(arg, parameter_types, function.name))
        settings = self.environment.settings
        return bind_call(function, args, settings, expr.span, self.environment.next_id)

    def _lambda(
        self, expr: ast.Lambda, types: tuple[DataType, ...], function_name: str
    ) -> BoundExpr:
        """Bind a lambda whose parameters have these types."""
        if len(expr.parameters) != len(types):
            plural = "parameter" if len(types) == 1 else "parameters"
            message = f"the lambda of {function_name} needs {len(types)} {plural}, "
            message += f"not {len(expr.parameters)}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=expr.span)
        parameters = tuple(
            Field(self.environment.next_id(), name, data_type)
            for name, data_type in zip(expr.parameters, types, strict=True)
        )
        self.lambda_ids.update(p.id for p in parameters)
        frame = {p.name: ColumnRef(p.id, p.type, p.name, expr.span) for p in parameters}
        with self._local(frame):
            body = self.bind(expr.body)
        return make_lambda(LambdaType(types, body.type), parameters, body, expr.span)

    def _macro(self, expr: ast.FunctionCall, definition: ast.Lambda) -> BoundExpr:
        """Expand a SQL function: its body with the arguments in place of the parameters."""
        if len(expr.arguments) != len(definition.parameters):
            message = f"function {expr.name} takes {len(definition.parameters)} arguments, "
            message += f"not {len(expr.arguments)}"
            raise BindError(BAD_ARGUMENTS, message, span=expr.span)
        if self.macro_depth >= MAX_MACRO_DEPTH:
            message = f"SQL functions call one another over {MAX_MACRO_DEPTH} levels deep"
            raise BindError(TOO_DEEP_RECURSION, message, span=expr.span)
        self.environment.n_expanded += 1
        if self.environment.n_expanded > MAX_EXPANSIONS:
            message = f"SQL functions stand for over {MAX_EXPANSIONS:,} calls of one another"
            raise BindError(TOO_BIG_AST, message, span=expr.span)
        bound = [self.bind(argument) for argument in expr.arguments]
        body = ExprBinder(
            self.environment,
            Scope(level=self.scope.level),
            {},
            self.aggregates,
            self.place,
            locals=[dict(zip(definition.parameters, bound, strict=True))],
            lambda_ids=self.lambda_ids,
            is_inside_aggregate=self.is_inside_aggregate,
            macro_depth=self.macro_depth + 1,
            array_joins=self.array_joins,
            windows=self.windows,
            is_inside_window=self.is_inside_window,
        )
        return body.bind(at_place(definition.body, expr.span))

    @contextmanager
    def _local(self, frame: Mapping[str, BoundExpr]) -> Iterator[None]:
        """Let names mean the parameters of a lambda."""
        self.locals.append(frame)
        try:
            yield
        finally:
            self.locals.pop()

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
