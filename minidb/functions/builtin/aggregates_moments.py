"""Variance, standard deviation, covariance and correlation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.functions.arguments import NUMBER, NUMERIC, Arg, Kind
from minidb.functions.builtin.grouped import add_at, first_row_per_group
from minidb.functions.builtin.kept_states import parts_of, tuple_of
from minidb.functions.builtin.naming import also_named
from minidb.functions.cast_numbers import floats_of
from minidb.functions.declaration import (
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Argument,
    GrowingArray,
)
from minidb.types import DataType, FloatType, IntType, TupleType, numpy_dtype

Floats: TypeAlias = NDArray[np.float64]
FLOAT64 = np.dtype(np.float64)
FLOAT_TYPE = FloatType(64)
# Which variables a sum of products is of: xx, xy, yy.
PAIRS = ((0, 0), (0, 1), (1, 1))
NARROW_NUMBER = Kind(
    "a number of at most 64 bits",
    lambda t: NUMBER.accepts(t) and not (isinstance(t, IntType) and t.is_wide),
)


class Moments:
    """Per group: the number of rows, and sums of x, y, x², y² and xy after a shift.

    Each variable is shifted by its value in the first row of the group, which keeps the sums
    small where the mean is large against the spread. The shift and the order of addition depend
    on the rows alone, so the result does not depend on batches.

    Parameters
    ----------
    n_variables : int
        1 or 2.
    """

    def __init__(self, n_variables: int) -> None:
        self.n_variables = n_variables
        self._counts = GrowingArray(FLOAT64)
        self._shifts = [GrowingArray(FLOAT64) for _ in range(n_variables)]
        self._sums = [GrowingArray(FLOAT64) for _ in range(n_variables)]
        # xx, and for two variables xy and yy.
        self._products = [GrowingArray(FLOAT64) for _ in range(2 * n_variables - 1)]

    def add(self, variables: Sequence[Floats], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        counts = self._counts.grow(n_groups)
        first = first_row_per_group(groups, n_groups)
        fresh = np.flatnonzero((counts[:n_groups] == 0) & (first >= 0))
        counts[:n_groups] += np.bincount(groups, minlength=n_groups)
        shifted = []
        with np.errstate(invalid="ignore", over="ignore"):
            for values, shift, sums in zip(variables, self._shifts, self._sums, strict=True):
                shift.grow(n_groups)[fresh] = values[first[fresh]]
                shifted.append(values - shift.values[groups])
                add_at(sums.grow(n_groups), groups, shifted[-1], FLOAT64)
            pairs = PAIRS[: len(self._products)]
            for (i, j), products in zip(pairs, self._products, strict=True):
                add_at(products.grow(n_groups), groups, shifted[i] * shifted[j], FLOAT64)

    def counts(self, n_groups: int) -> Floats:
        """Return the number of rows of each group."""
        counts: Floats = self._counts.grow(n_groups)[:n_groups]
        return counts

    def central(self, pair: int, n_groups: int) -> Floats:
        """Return the sum of products of deviations from the means: 0 is xx, 1 is xy, 2 is yy."""
        left, right = PAIRS[pair]
        sums = [grown.grow(n_groups)[:n_groups] for grown in self._sums]
        products = self._products[pair].grow(n_groups)[:n_groups]
        central: Floats = products - sums[left] * sums[right] / self.counts(n_groups)
        # As in ClickHouse, a variance that is not above 0 is 0, also where values were NaN.
        return np.where(central > 0, central, 0.0) if left == right else central

    @property
    def arrays(self) -> list[GrowingArray]:
        """Return everything that is kept: counts, shifts, sums, products."""
        return [self._counts, *self._shifts, *self._sums, *self._products]

    def merge(self, parts: Sequence[Floats], groups: IndexArray, n_groups: int) -> None:
        """Add the moments of other rows, which are moved to this one's shifts first."""
        n_variables = self.n_variables
        present = np.flatnonzero(parts[0] > 0)
        counts_in, *rest = (part[present] for part in parts)
        groups = groups[present]
        shifts_in, sums_in = rest[:n_variables], rest[n_variables : 2 * n_variables]
        counts = self._counts.grow(n_groups)
        first = first_row_per_group(groups, n_groups)
        fresh = np.flatnonzero((counts[:n_groups] == 0) & (first >= 0))
        moves: list[Floats] = []
        with np.errstate(invalid="ignore", over="ignore"):
            for shift, incoming in zip(self._shifts, shifts_in, strict=True):
                shift.grow(n_groups)[fresh] = incoming[first[fresh]]
                moves.append(incoming - shift.values[groups])
            add_at(counts, groups, counts_in, FLOAT64)
            for place, products in enumerate(self._products):
                i, j = PAIRS[place]
                moved = rest[2 * n_variables + place] + moves[j] * sums_in[i]
                moved += moves[i] * sums_in[j] + counts_in * moves[i] * moves[j]
                add_at(products.grow(n_groups), groups, moved, FLOAT64)
            for sums, incoming, move in zip(self._sums, sums_in, moves, strict=True):
                add_at(sums.grow(n_groups), groups, incoming + counts_in * move, FLOAT64)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums."""
        return sum(array.values.nbytes for array in self.arrays)


Formula: TypeAlias = Callable[[Moments, int], Floats]


class MomentsAccumulator(Accumulator):
    """Keep the moments of each group, and put them into a formula at the end."""

    def __init__(self, call: AggregateCall, *, formula: Formula) -> None:
        self._type = call.result_type
        self._formula = formula
        self._moments = Moments(len(call.types))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._moments.add([floats_of(column) for column in columns], groups, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return the statistics; NaN where there are too few rows."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            found = self._formula(self._moments, n_groups)
            return NumericColumn(self._type, found.astype(numpy_dtype(self._type)))

    @property
    def state_type(self) -> DataType:
        """Return a tuple of floats."""
        return TupleType((FLOAT_TYPE,) * len(self._moments.arrays))

    def save(self, n_groups: int) -> Column:
        """Return the moments."""
        arrays = [array.grow(n_groups)[:n_groups].copy() for array in self._moments.arrays]
        return tuple_of([NumericColumn(FLOAT_TYPE, array) for array in arrays], n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add moments."""
        self._moments.merge([floats_of(part) for part in parts_of(states)], groups, n_groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the moments."""
        return self._moments.nbytes


def _population(moments: Moments, n_groups: int, pair: int) -> Floats:
    """Divide by n; NaN without rows."""
    population: Floats = moments.central(pair, n_groups) / moments.counts(n_groups)
    return population


def _sample(moments: Moments, n_groups: int, pair: int) -> Floats:
    """Divide by n - 1; NaN for fewer than two rows."""
    counts = moments.counts(n_groups)
    return np.where(counts > 1, moments.central(pair, n_groups) / (counts - 1), np.nan)


def _root(formula: Formula) -> Formula:
    return lambda moments, n_groups: np.sqrt(formula(moments, n_groups))


def _correlation(moments: Moments, n_groups: int) -> Floats:
    """Divide the covariance by both standard deviations; NaN where one of them is 0."""
    xx, xy, yy = (moments.central(pair, n_groups) for pair in range(3))
    correlation: Floats = xy / (np.sqrt(xx) * np.sqrt(yy))
    return correlation


def _float_type(arguments: Sequence[Argument]) -> DataType:
    """Return Float32 when all arguments are, else Float64."""
    return FloatType(32 if all(a.type == FloatType(32) for a in arguments) else 64)


def _of_one(name: str, what: str, formula: Formula) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value", NUMERIC),),
        result=_float_type,
        make=partial(MomentsAccumulator, formula=formula),
        help=f"{what}; NaN for too few rows.",
        example=f"SELECT {name}(number) FROM numbers(10)",
    )


def _of_two(
    name: str, what: str, formula: Formula, *, is_case_insensitive: bool = False
) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("x", NARROW_NUMBER), Arg("y", NARROW_NUMBER)),
        result=_float_type,
        make=partial(MomentsAccumulator, formula=formula),
        help=f"{what}; NaN for too few rows.",
        example=f"SELECT {name}(number, number * number) FROM numbers(10)",
        is_case_insensitive=is_case_insensitive,
    )


_VAR_POP: Formula = partial(_population, pair=0)
_VAR_SAMP: Formula = partial(_sample, pair=0)

VAR_POP = _of_one("varPop", "Variance of the rows as a whole population", _VAR_POP)
VAR_SAMP = _of_one("varSamp", "Variance of the rows as a sample", _VAR_SAMP)
STDDEV_POP = _of_one("stddevPop", "Square root of varPop", _root(_VAR_POP))
STDDEV_SAMP = _of_one("stddevSamp", "Square root of varSamp", _root(_VAR_SAMP))
COVAR_POP = _of_two("covarPop", "Covariance of a population", partial(_population, pair=1))
COVAR_SAMP = _of_two("covarSamp", "Covariance of a sample", partial(_sample, pair=1))
CORR = _of_two("corr", "Pearson's correlation", _correlation, is_case_insensitive=True)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    VAR_POP,
    also_named(VAR_POP, "VAR_POP"),
    VAR_SAMP,
    also_named(VAR_SAMP, "VAR_SAMP"),
    STDDEV_POP,
    also_named(STDDEV_POP, "STDDEV_POP"),
    also_named(STDDEV_POP, "STD"),
    STDDEV_SAMP,
    also_named(STDDEV_SAMP, "STDDEV_SAMP"),
    also_named(STDDEV_SAMP, "STDDEV"),
    COVAR_POP,
    also_named(COVAR_POP, "COVAR_POP"),
    COVAR_SAMP,
    also_named(COVAR_SAMP, "COVAR_SAMP"),
    CORR,
)
