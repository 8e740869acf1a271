"""Aggregate functions in expressions: combinators, checks, and the list one SELECT computes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field, replace

from minidb.binder.environment import Environment
from minidb.binder.functions import check_count, check_kinds, result_type, signature
from minidb.columns import Field
from minidb.errors import (
    AGGREGATE_FUNCTION_NOT_APPLICABLE,
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
    MiniDBError,
)
from minidb.expr import BoundExpr, ColumnRef, Constant, columns_of
from minidb.functions.combinators.build import Builder
from minidb.functions.combinators.names import CombinedName, read_name
from minidb.functions.declaration import AggregateFunction, Argument
from minidb.functions.registry import FunctionRegistry
from minidb.plan.nodes import Aggregated, AggregateExpr
from minidb.record import record, state
from minidb.source import Span
from minidb.types import (
    BoolType,
    DataType,
    IntType,
    NothingType,
    NullableType,
    nullable,
    without_null,
)

# What comparisons give, and NULL; WHERE takes any number, the combinator -If does not.
ALL_NULL = NullableType(NothingType())
CONDITION_TYPES = (IntType(8, is_signed=False), BoolType(), NothingType())


@record
class GroupingCall:
    """A call of grouping(); what it becomes is known when the keys are."""

    args: tuple[BoundExpr, ...]
    is_standard: bool
    span: Span


@state
class AggregateList:
    """The distinct aggregates of one SELECT, each with the column it becomes.

    Columns with an id below `level` are those of the queries around this SELECT; those of
    `pending` are what the queries inside its expressions become.
    `groupings` are the calls of grouping(), by the columns that stand for them.
    """

    items: list[Aggregated] = field(default_factory=list)
    by_expr: dict[AggregateExpr, Aggregated] = field(default_factory=dict)
    level: int = 0
    pending: Collection[int] = ()
    groupings: dict[int, GroupingCall] = field(default_factory=dict)

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

    def add_grouping(self, call: GroupingCall, environment: Environment) -> ColumnRef:
        """Return the column that stands for a call of grouping()."""
        column = Field(environment.next_id(), "grouping", IntType(64, is_signed=False))
        self.groupings[column.id] = call
        return ColumnRef(column.id, column.type, column.name, call.span)

    def read(self) -> list[BoundExpr]:
        """Return the expressions over the rows below."""
        found: list[BoundExpr] = []
        for item in self.items:
            found.extend(item.aggregate.args)
            if item.aggregate.condition is not None:
                found.append(item.aggregate.condition)
        return found

    def reads(self, expr: BoundExpr) -> bool:
        """Whether an expression holds a column that an aggregate becomes."""
        return bool(columns_of(expr) & self.ids)

    @property
    def ids(self) -> set[int]:
        """Return the ids of the columns that aggregates become."""
        return {item.field.id for item in self.items} | self.groupings.keys()


@record
class AggregateName:
    """An aggregate found by name.

    -If and -Distinct at its end become the condition and mark of `AggregateExpr`; what other
    combinators make is a function of its own.
    """

    name: CombinedName
    is_distinct: bool = False
    has_condition: bool = False

    def over(self, n_args: int, registry: FunctionRegistry) -> AggregateName:
        """Return what computes ``count(DISTINCT a, b)``: the number of distinct tuples."""
        if not (self.is_distinct and self.name.text == "count"):
            return self
        unique = registry.aggregate("uniqExact")
        if unique is None or n_args - self.has_condition < 2:
            return self
        return AggregateName(CombinedName(unique), has_condition=self.has_condition)

    def or_null(self, environment: Environment) -> AggregateName:
        """Return the aggregate as the setting aggregate_functions_null_for_empty has it."""
        is_set = environment.settings.flag("aggregate_functions_null_for_empty")
        if not is_set or not self.name.function.is_null_if_empty or "OrNull" in self.name.suffixes:
            return self
        name = CombinedName(self.name.function, (*self.name.suffixes, "OrNull"))
        return AggregateName(name, self.is_distinct, self.has_condition)

    def distinct(self) -> AggregateName:
        """Return the aggregate over distinct values."""
        return AggregateName(self.name, True, self.has_condition)


def find_aggregate(
    registry: FunctionRegistry, name: str, span: Span | None = None
) -> AggregateName | None:
    """Return the aggregate that a name such as ``sum``, ``sumIf`` or ``sumArrayIf`` means."""
    try:
        found = read_name(registry, name)
    except BindError as error:
        error.span = error.span or span
        raise
    if found is None:
        return None
    has_condition = is_distinct = False
    while found.suffixes[-1:] in {("If",), ("Distinct",)}:
        is_if = found.suffixes[-1] == "If"
        if (is_if and has_condition) or (not is_if and is_distinct):
            break
        has_condition, is_distinct = has_condition or is_if, is_distinct or not is_if
        found = found.inner
    return AggregateName(found, is_distinct, has_condition)


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
    found = replace(found, name=found.name.under(environment.settings))
    shown = found.name.text
    values = list(args)
    if found.has_condition:
        if not values:
            message = f"{shown}If takes a condition as its last argument"
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message, span=span)
        condition = values.pop()
    if condition is not None and without_null(condition.type) not in CONDITION_TYPES:
        message = f"the condition of {shown}If must be UInt8, not {condition.type.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=condition.span)
    found = replace(
        found, name=found.name.for_types(environment.registry, [arg.type for arg in values])
    )
    nothing = environment.registry.aggregate("nothing")
    if nothing is not None and _is_of_null(found.name.function, values):
        # Whatever the combinators are: there is no value to look at.
        return AggregateExpr(
            ALL_NULL, nothing.name, tuple(values), (), condition, False, function=nothing, span=span
        )
    plain = found.name.function
    n_own = 3 * found.name.suffixes.count("Resample")
    constants = _bind_parameters(plain, parameters, n_own, span)
    types = [arg.type for arg in values]
    function = plain
    if found.name.suffixes:
        given = tuple(constant.value for constant in constants)
        function = _combined(found.name, types, given, environment.registry, span)
    else:
        check_count(plain.name, plain.args, len(values), span)
        check_kinds(plain.name, plain.args, values, [without_null(t) for t in types])
        types = [without_null(t) for t in types] if plain.skips_nulls else types
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


def _is_of_null(function: AggregateFunction, args: Sequence[BoundExpr]) -> bool:
    """Whether an aggregate that leaves NULLs out is given nothing but NULL."""
    has_null = any(arg.type == ALL_NULL for arg in args)
    is_count = function.name.startswith(("count", "uniq"))
    return has_null and function.skips_nulls and not is_count


def _combined(
    name: CombinedName,
    types: Sequence[DataType],
    parameters: tuple[object, ...],
    registry: FunctionRegistry,
    span: Span,
) -> AggregateFunction:
    """Return what combinators make of a function, for arguments of these types."""
    try:
        built = Builder(registry).build(name, types, parameters)
    except MiniDBError as error:
        error.span = error.span or span
        raise
    return replace(
        name.function,
        name=name.text,
        result=built.result,
        make=lambda call: built.make(call.settings),
        skips_nulls=False,
        is_null_if_empty=False,
    )


def _bind_parameters(
    function: AggregateFunction, given: Sequence[BoundExpr], n_own: int, span: Span
) -> tuple[Constant, ...]:
    """Check the first pair of parentheses of ``quantile(0.5)(x)``.

    The last `n_own` are those of combinators.
    """
    parameters = given[: len(given) - n_own] if n_own else given
    if parameters and not function.parameters:
        message = f"{function.name} takes no parameters"
        hint = signature(function.name, function.args)
        raise BindError(AGGREGATE_FUNCTION_NOT_APPLICABLE, message, span=span, hint=hint)
    if function.parameters:
        check_count(function.name, function.parameters, len(parameters), span)
    bare = [without_null(parameter.type) for parameter in parameters]
    constants = []
    for parameter in given:
        if not isinstance(parameter, Constant):
            message = f"the parameters of {function.name} must be literals"
            raise BindError(BAD_ARGUMENTS, message, span=parameter.span)
        constants.append(parameter)
    check_kinds(function.name, function.parameters, parameters, bare)
    return tuple(constants)
