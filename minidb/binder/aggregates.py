"""Aggregate functions in expressions: combinators, checks, and the list one SELECT computes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from minidb.binder.environment import Environment
from minidb.binder.functions import check_count, check_kinds, result_type, signature
from minidb.columns import Field
from minidb.errors import (
    AGGREGATE_FUNCTION_NOT_APPLICABLE,
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
)
from minidb.expr import BoundExpr, ColumnRef, Constant, columns_of
from minidb.functions.declaration import AggregateFunction, Argument
from minidb.functions.registry import FunctionRegistry
from minidb.plan.nodes import Aggregated, AggregateExpr
from minidb.source import Span
from minidb.types import (
    BoolType,
    IntType,
    NothingType,
    NullableType,
    nullable,
    without_null,
)

COMBINATORS = ("Distinct", "If")
# What comparisons give, and NULL; WHERE takes any number, the combinator -If does not.
CONDITION_TYPES = (IntType(8, is_signed=False), BoolType(), NothingType())


@dataclass(slots=True)
class AggregateList:
    """The distinct aggregates of one SELECT, each with the column it becomes.

    Columns with an id below `level` are those of the queries around this SELECT; those of
    `pending` are what the queries inside its expressions become.
    """

    items: list[Aggregated] = field(default_factory=list)
    by_expr: dict[AggregateExpr, Aggregated] = field(default_factory=dict)
    level: int = 0
    pending: Collection[int] = ()

    def is_outside(self, column_id: int) -> bool:
        """Whether a column does not come from the rows of this SELECT, so that grouping keeps it."""
        return column_id < self.level or column_id in self.pending

    def add(self, aggregate: AggregateExpr, name: str, environment: Environment) -> ColumnRef:
        """Return the column of an aggregate; equal aggregates are computed once."""
        item = self.by_expr.get(aggregate)
        if item is None:
            column = Field(environment.next_id(), name, aggregate.type)
            item = Aggregated(column, aggregate)
            self.items.append(item)
            self.by_expr[aggregate] = item
        return ColumnRef(item.field.id, item.field.type, item.field.name, aggregate.span)

    def reads(self, expr: BoundExpr) -> bool:
        """Whether an expression holds a column that an aggregate becomes."""
        return bool(columns_of(expr) & self.ids)

    @property
    def ids(self) -> set[int]:
        """Return the ids of the columns that aggregates become."""
        return {item.field.id for item in self.items}


@dataclass(frozen=True, slots=True)
class AggregateName:
    """An aggregate found by name: the function and the combinators behind it."""

    function: AggregateFunction
    is_distinct: bool = False
    has_condition: bool = False

    def over(self, n_args: int, registry: FunctionRegistry) -> AggregateName:
        """Return what computes ``count(DISTINCT a, b)``: the number of distinct tuples."""
        if not (self.is_distinct and self.function.name == "count"):
            return self
        unique = registry.aggregate("uniqExact")
        if unique is None or n_args - self.has_condition < 2:
            return self
        return AggregateName(unique, has_condition=self.has_condition)


def find_aggregate(registry: FunctionRegistry, name: str) -> AggregateName | None:
    """Return the aggregate that a name such as ``sum``, ``sumIf`` or ``sumDistinctIf`` means."""
    function = registry.aggregate(name)
    if function is not None:
        return AggregateName(function)
    for suffix in COMBINATORS:
        if name.endswith(suffix) and len(name) > len(suffix):
            inner = find_aggregate(registry, name.removesuffix(suffix))
            if inner is not None:
                return AggregateName(
                    inner.function,
                    inner.is_distinct or suffix == "Distinct",
                    inner.has_condition or suffix == "If",
                )
    return None


def bind_aggregate(
    found: AggregateName,
    args: Sequence[BoundExpr],
    parameters: Sequence[BoundExpr],
    condition: BoundExpr | None,
    environment: Environment,
    span: Span,
) -> AggregateExpr:
    """Return a checked aggregate.

    Raises
    ------
    BindError
        For a wrong number or type of arguments or parameters, at the place of the fault.
    """
    function = found.function
    values = list(args)
    if found.has_condition:
        if not values:
            message = f"{function.name}If takes a condition as its last argument"
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message, span=span)
        condition = values.pop()
    if condition is not None and without_null(condition.type) not in CONDITION_TYPES:
        message = f"the condition of {function.name}If must be UInt8, not {condition.type.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=condition.span)
    check_count(function.name, function.args, len(values), span)
    bare = [without_null(arg.type) for arg in values]
    check_kinds(function.name, function.args, values, bare)
    constants = _bind_parameters(function, parameters, span)
    types = bare if function.skips_nulls else [arg.type for arg in values]
    arguments = [
        *(Argument(data_type) for data_type in types),
        *(Argument(parameter.type, parameter.column) for parameter in constants),
    ]
    result = result_type(function.result, arguments, span)
    has_null = any(isinstance(arg.type, NullableType) for arg in values)
    if has_null and function.skips_nulls and function.is_null_if_empty:
        result = nullable(result)
    return AggregateExpr(
        result,
        function.name,
        tuple(values),
        constants,
        condition,
        found.is_distinct,
        function=function,
        span=span,
    )


def _bind_parameters(
    function: AggregateFunction, parameters: Sequence[BoundExpr], span: Span
) -> tuple[Constant, ...]:
    """Check the first pair of parentheses of ``quantile(0.5)(x)``."""
    if parameters and not function.parameters:
        message = f"{function.name} takes no parameters"
        hint = signature(function.name, function.args)
        raise BindError(AGGREGATE_FUNCTION_NOT_APPLICABLE, message, span=span, hint=hint)
    if function.parameters:
        check_count(function.name, function.parameters, len(parameters), span)
    bare = [without_null(parameter.type) for parameter in parameters]
    constants = []
    for parameter in parameters:
        if not isinstance(parameter, Constant):
            message = f"the parameters of {function.name} must be literals"
            raise BindError(BAD_ARGUMENTS, message, span=parameter.span)
        constants.append(parameter)
    check_kinds(function.name, function.parameters, parameters, bare)
    return tuple(constants)
