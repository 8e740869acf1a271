"""Names of aggregates with combinators: ``sumArrayIf`` is -If of -Array of ``sum``."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.errors import ILLEGAL_AGGREGATION, BindError
from minidb.functions.declaration import AggregateFunction
from minidb.functions.registry import FunctionRegistry
from minidb.record import record
from minidb.settings import Settings
from minidb.types import DataType, MapType

# The longer ones first where one ends as another does.
SUFFIXES = (
    "OrDefault",
    "Distinct",
    "Resample",
    "ForEach",
    "OrNull",
    "State",
    "Merge",
    "Array",
    "Map",
    "If",
)
OVER_MAPS = {"sumMappedArrays": "sum", "minMappedArrays": "min", "maxMappedArrays": "max"}
# These may stand twice.
REPEATABLE = {"OrDefault", "OrNull", "Array", "ForEach", "Resample"}


@record
class CombinedName:
    """An aggregate function and the combinators behind it, the innermost first."""

    function: AggregateFunction
    suffixes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the name that stands in a state's type."""
        return self.function.name + "".join(self.suffixes)

    @property
    def inner(self) -> CombinedName:
        """Return what the last combinator is put around."""
        return CombinedName(self.function, self.suffixes[:-1])

    def for_types(self, registry: FunctionRegistry, types: Sequence[DataType]) -> CombinedName:
        """Return what ``sumMap`` means for one Map: -Map of ``sum``, not the sum of two arrays."""
        base = OVER_MAPS.get(self.function.name)
        function = registry.aggregate(base) if base is not None else None
        if function is None or not any(isinstance(given, MapType) for given in types):
            return self
        return CombinedName(function, ("Map", *self.suffixes))

    def under(self, settings: Settings) -> CombinedName:
        """Return what the name means under a session's settings."""
        rule = self.function.under
        function = None if rule is None else rule(settings)
        return self if function is None else CombinedName(function, self.suffixes)

    def without(self, suffix: str) -> CombinedName:
        """Return the name without its last combinator if that is `suffix`."""
        return self.inner if self.suffixes[-1:] == (suffix,) else self


def read_name(registry: FunctionRegistry, name: str) -> CombinedName | None:
    """Return the aggregate that a name means, None when it is none.

    Raises
    ------
    BindError
        ILLEGAL_AGGREGATION for a combinator around itself, such as ``sumIfIf``.
    """
    function = registry.aggregate(name)
    if function is not None:
        return CombinedName(function)
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            inner = read_name(registry, name.removesuffix(suffix))
            if inner is None:
                return None
            if inner.suffixes[-1:] == (suffix,) and suffix not in REPEATABLE:
                message = f"combinator -{suffix} around itself in {name}"
                raise BindError(ILLEGAL_AGGREGATION, message)
            suffixes = (*inner.suffixes, suffix)
            if inner.function.is_null_if_empty:
                suffixes = _in_order(suffixes)
            return CombinedName(inner.function, suffixes)
    return None


def _in_order(suffixes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the suffixes with -OrNull and -OrDefault inside of -If, which means the same.

    Both count the rows that reach the function, which are those where the condition holds. Those
    that ``count`` and its like see are all rows, as in ClickHouse.
    """
    if len(suffixes) > 1 and suffixes[-2] == "If" and suffixes[-1] in {"OrNull", "OrDefault"}:
        return (*suffixes[:-2], suffixes[-1], "If")
    return suffixes
