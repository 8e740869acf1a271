"""From a name with combinators and the types of its arguments to a result type and accumulator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    UNKNOWN_AGGREGATE_FUNCTION,
    BindError,
)
from minidb.functions.arguments import INTEGER, check_count, check_types
from minidb.functions.combinators.arrays import (
    ArrayCombinator,
    ForEachAccumulator,
    ResampleAccumulator,
    ranges_of,
)
from minidb.functions.combinators.maps import MapAccumulator
from minidb.functions.combinators.names import CombinedName, read_name
from minidb.functions.combinators.rows import (
    DistinctAccumulator,
    IfAccumulator,
    OrDefaultAccumulator,
    OrNullAccumulator,
    SkipNullsAccumulator,
    has_nullable,
    is_condition,
)
from minidb.functions.combinators.states import MergeAccumulator, StateAccumulator
from minidb.functions.declaration import Accumulator, AggregateCall, Argument
from minidb.functions.registry import FunctionRegistry
from minidb.record import record
from minidb.settings import Settings
from minidb.types import (
    AggregateStateType,
    ArrayType,
    DataType,
    MapType,
    NullableType,
    can_be_nullable,
    nullable,
    without_null,
)
from minidb.types.family import map_of

Parameters = tuple[object, ...]


@record
class Built:
    """An aggregate over arguments of known types."""

    result: DataType
    make: Callable[[Settings], Accumulator]


@record
class Builder:
    """Builds aggregates from names; the registry is asked for what states are made of."""

    registry: FunctionRegistry

    def build(self, name: CombinedName, types: Sequence[DataType], parameters: Parameters) -> Built:
        """Return the aggregate that a name means for arguments of these types.

        Rows with a NULL are left out, and the result is Nullable, as the outermost combinator
        that sees a Nullable argument has it; -State and -If leave that to what is inside.

        Raises
        ------
        BindError
            For a wrong number or type of arguments or parameters.
        """
        name = name.for_types(self.registry, types)
        outer = name.suffixes[-1] if name.suffixes else ""
        is_inner = outer in {"State", "Merge", "If"} or not name.function.skips_nulls
        if is_inner or not has_nullable(types):
            return self._combined(name, types, parameters)
        inner = self._combined(name, [without_null(t) for t in types], parameters)
        is_null_if_empty = name.function.is_null_if_empty and can_be_nullable(inner.result)
        is_null_if_empty = is_null_if_empty or isinstance(inner.result, NullableType)
        result = nullable(inner.result) if is_null_if_empty else inner.result
        return Built(
            result,
            lambda settings: SkipNullsAccumulator(
                inner.make(settings), is_null_if_empty=is_null_if_empty
            ),
        )

    def _combined(
        self, name: CombinedName, types: Sequence[DataType], parameters: Parameters
    ) -> Built:
        """Build what the last combinator makes of the rest."""
        match name.suffixes[-1] if name.suffixes else "":
            case "If":
                return self._if(name, types, parameters)
            case "Array":
                inner = self.build(name.inner, _elements(name, types), parameters)
                return Built(inner.result, lambda s: ArrayCombinator(inner.make(s)))
            case "ForEach":
                inner = self.build(name.inner, _elements(name, types), parameters)
                return Built(ArrayType(inner.result), lambda s: ForEachAccumulator(inner.make(s)))
            case "Map":
                return self._map(name, types, parameters)
            case "Resample":
                return self._resample(name, types, parameters)
            case "Distinct":
                inner = self.build(name.inner, types, parameters)
                return Built(inner.result, lambda s: DistinctAccumulator(inner.make(s), types))
            case "OrNull":
                inner = self.build(name.inner, types, parameters)
                result = nullable(inner.result)
                return Built(result, lambda s: OrNullAccumulator(inner.make(s)))
            case "OrDefault":
                inner = self.build(name.inner, types, parameters)
                return Built(inner.result, lambda s: OrDefaultAccumulator(inner.make(s)))
            case "State":
                return self._state(name, types, parameters)
            case "Merge":
                return self._merge(name, types, parameters)
            case _:
                return self._plain(name, types, parameters)

    def _plain(
        self, name: CombinedName, types: Sequence[DataType], parameters: Parameters
    ) -> Built:
        """Build a function without combinators."""
        function = name.function
        check_count(function.name, function.args, len(types), None)
        check_types(function.name, function.args, types)
        rule = function.result
        arguments = [Argument(data_type) for data_type in types]
        result = rule if isinstance(rule, DataType) else rule(arguments)
        given = tuple(types)
        return Built(result, lambda s: function.make(AggregateCall(given, result, parameters, s)))

    def _if(self, name: CombinedName, types: Sequence[DataType], parameters: Parameters) -> Built:
        """Build -If, whose last argument is the condition."""
        if not types:
            message = f"{name.text} takes a condition as its last argument"
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
        if not is_condition(types[-1]):
            message = f"the condition of {name.text} must be UInt8, not {types[-1].name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        inner = self.build(name.inner, types[:-1], parameters)
        return Built(inner.result, lambda s: IfAccumulator(inner.make(s)))

    def _map(self, name: CombinedName, types: Sequence[DataType], parameters: Parameters) -> Built:
        """Build -Map, whose argument is a Map."""
        given = types[0] if len(types) == 1 else None
        if not isinstance(given, MapType):
            message = f"{name.text} takes one Map"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        inner = self.build(name.inner, [given.value], parameters)
        result = map_of(given.key, inner.result)
        return Built(result, lambda s: MapAccumulator(inner.make(s), result))

    def _resample(
        self, name: CombinedName, types: Sequence[DataType], parameters: Parameters
    ) -> Built:
        """Build -Resample, whose last argument is the key."""
        if not types or not INTEGER.accepts(types[-1]):
            message = f"{name.text} takes an integer as its last argument"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        ranges = ranges_of(parameters[-3:])
        inner = self.build(name.inner, types[:-1], parameters[:-3])
        return Built(ArrayType(inner.result), lambda s: ResampleAccumulator(inner.make(s), ranges))

    def _state(
        self, name: CombinedName, types: Sequence[DataType], parameters: Parameters
    ) -> Built:
        """Build -State."""
        inner = self.build(name.inner, types, parameters)
        if name.inner.suffixes[-1:] == ("Merge",) and isinstance(types[0], AggregateStateType):
            result = types[0]
        else:
            shown = tuple(p for p in parameters if isinstance(p, int | float | str))
            result = AggregateStateType(name.inner.text, shown, tuple(types))
        return Built(result, lambda s: StateAccumulator(inner.make(s), result))

    def _merge(
        self, name: CombinedName, types: Sequence[DataType], parameters: Parameters
    ) -> Built:
        """Build -Merge, whose argument is a state."""
        state = types[0] if len(types) == 1 else None
        if not isinstance(state, AggregateStateType):
            shown = ", ".join(t.name for t in types)
            message = f"{name.text} takes AggregateFunction(...), not {shown or 'no arguments'}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        kept = self.name_of(state)
        if kept.without("If") != name.inner.without("If"):
            message = f"{name.text} takes states of {name.inner.text}, not {state.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        inner = self.build(kept, state.arguments, parameters or state.parameters)
        return Built(inner.result, lambda s: MergeAccumulator(inner.make(s)))

    def name_of(self, state: AggregateStateType) -> CombinedName:
        """Return the aggregate whose states a type holds.

        Raises
        ------
        BindError
            UNKNOWN_AGGREGATE_FUNCTION.
        """
        found = read_name(self.registry, state.function)
        if found is None:
            message = f"no aggregate function {state.function!r}"
            raise BindError(UNKNOWN_AGGREGATE_FUNCTION, message)
        return found

    def of_state(self, state: AggregateStateType) -> Built:
        """Return the aggregate whose states a type holds, to finish or merge them."""
        return self.build(self.name_of(state), state.arguments, state.parameters)


def _elements(name: CombinedName, types: Sequence[DataType]) -> list[DataType]:
    """Return the element types of arguments, which have to be arrays."""
    if not types:
        message = f"{name.text} takes at least one array"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    found = []
    for data_type in types:
        if not isinstance(data_type, ArrayType):
            message = f"{name.text} takes arrays, not {data_type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        found.append(data_type.element)
    return found
