"""Unnesting: a plan that reads columns around it becomes one that computes all their answers.

The answers for every combination of the outer values (the *domain*) are computed at once: the
plan gets the outer values as further columns, its keys, and each operator works within equal
keys. Where a filter says that something inside is equal to each outer value, the keys are what
is inside, and no domain is needed; elsewhere the domain, the distinct outer values, is joined to
the rows that are filtered or computed with.

References
----------
.. [1] T. Neumann, A. Kemper, "Unnesting Arbitrary Queries", BTW 2015.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from minidb.binder.calls import call, conjunction, conjuncts, reference
from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.binder.unnest_values import common_key_type, empty_values, inner_equals
from minidb.columns import Field
from minidb.errors import InternalError, NotSupportedError
from minidb.expr import BoundExpr, columns_of, constant_from_value
from minidb.plan.clauses import ArrayJoin, Combine, Expand, LimitBy
from minidb.plan.free import free_columns, is_repeatable, own_free_columns
from minidb.plan.nodes import (
    Aggregate,
    Computed,
    Distinct,
    Filter,
    Join,
    JoinKind,
    Limit,
    Partners,
    PlanNode,
    Project,
    Sort,
    UnionAll,
    Window,
    inputs_of,
    with_inputs,
)
from minidb.plan.rewrite import map_expressions, substitute
from minidb.record import record, state
from minidb.source import Span
from minidb.types import IntType, NullableType, is_integer, without_null

UINT8 = IntType(8, False)


class NeedsDomainError(Exception):
    """The keys found inside the plan cannot stand for the outer values: take the domain."""


@record
class Unnested:
    """A plan that no longer reads columns around it.

    Parameters
    ----------
    plan : PlanNode
        The rows for all outer values.
    keys : tuple of Field
        Its columns that hold the outer values, in the order of `Unnester.outer`.
    is_inner : bool
        Whether the keys are values from inside: then none is NULL, and outer values may lack.
    missing : mapping of int to BoundExpr, or None
        For a plan of exactly one row per outer value: the columns of that row where `plan` has
        none, over the outer columns.
    """

    plan: PlanNode
    keys: tuple[Field, ...]
    is_inner: bool = False
    missing: Mapping[int, BoundExpr] | None = None


@state
class Unnester:
    """Unnests one query.

    Parameters
    ----------
    environment : Environment
        Functions and fresh ids.
    outer : tuple of Field
        The columns around the query that it reads.
    around : PlanNode
        The rows around the query, which have those columns.
    span : Span
        The place of the query.
    takes_inner : bool
        Whether keys may come from inside.
    """

    environment: Environment
    outer: tuple[Field, ...]
    around: PlanNode
    span: Span
    takes_inner: bool = True
    outer_ids: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.outer_ids = {column.id for column in self.outer}

    def unnest(self, node: PlanNode) -> Unnested:
        """Return the plan with the outer values as columns.

        Raises
        ------
        NotSupportedError
            For an operator that cannot work within equal keys.
        """
        if not self._is_free(node):
            return self._over_domain(node)
        match node:
            case Filter(child=child, condition=condition):
                return self._filter(child, conjuncts(condition))
            case Project():
                return self._project(node)
            case Aggregate():
                return self._aggregate(node)
            case Sort(child=child):
                below = self.unnest(child)
                if below.missing is not None:
                    return below
                return self._over(node, below)
            case ArrayJoin(child=child) | Expand(child=child):
                return self._over(node, self.materialised(self.unnest(child)))
            case Distinct(child=child, on=on):
                below = self.unnest(child)
                if below.missing is not None:
                    return below
                ids = tuple(key.id for key in below.keys)
                return replace(below, plan=Distinct(below.plan, (*on, *ids)))
            case Limit(child=child, count=count, offset=offset):
                below = self.unnest(child)
                if below.missing is not None and count != 0 and offset == 0:
                    return below
                below = self.materialised(below)
                ids = tuple(key.id for key in below.keys)
                most = 2**62 if count is None else count
                return replace(below, plan=LimitBy(below.plan, most, offset, ids))
            case LimitBy(child=child, on=on):
                below = self.materialised(self.unnest(child))
                ids = tuple(key.id for key in below.keys)
                return replace(below, plan=replace(node, child=below.plan, on=(*on, *ids)))
            case Window():
                return self._window(node)
            case Join():
                return self._join(node)
            case UnionAll() | Combine():
                return self._combined(node)
            case _:
                what = type(node).__name__
                message = f"a query with {what} that reads columns around it is not supported"
                raise NotSupportedError(message, span=self.span)

    def _is_free(self, node: PlanNode) -> bool:
        """Whether a plan reads one of the outer columns."""
        return bool(free_columns(node) & self.outer_ids)

    # -- the domain ----------------------------------------------------------------------------

    def domain(self) -> Unnested:
        """Return the distinct combinations of the outer values."""
        if not is_repeatable(self.around):
            message = "a query that reads columns around it, beside a function of chance, "
            message += "is not supported"
            raise NotSupportedError(message, span=self.span)
        next_id = self.environment.next_id
        keys = tuple(Field(next_id(), column.name, column.type) for column in self.outer)
        items = tuple(
            Computed(key, reference(column)) for key, column in zip(keys, self.outer, strict=True)
        )
        plan = Distinct(Project(self.around, items), tuple(key.id for key in keys))
        return Unnested(plan, keys)

    def _over_domain(self, node: PlanNode) -> Unnested:
        """Return every row for every combination of outer values."""
        domain = self.domain()
        return replace(domain, plan=Join(domain.plan, node))

    def changed(self, expr: BoundExpr, keys: Sequence[Field]) -> BoundExpr:
        """Return an expression with the keys in the place of the outer columns."""
        return substitute(expr, self._by_outer(keys))

    def _by_outer(self, keys: Sequence[Field]) -> dict[int, BoundExpr]:
        by_id: dict[int, BoundExpr] = {}
        for column, key in zip(self.outer, keys, strict=True):
            bare, wanted = without_null(key.type), without_null(column.type)
            # Cutting an integer down spoils only rows whose key no outer value has.
            if bare == wanted or (is_integer(bare) and is_integer(wanted)):
                by_id[column.id] = cast_to(self.environment, reference(key), column.type)
        return by_id

    def _over(self, node: PlanNode, below: Unnested) -> Unnested:
        """Return a node that works row by row, over an unnested input."""
        plan = with_inputs(node, (below.plan,))
        return replace(below, plan=self._with_keys(plan, plan, below.keys))

    def _with_keys(self, plan: PlanNode, node: PlanNode, keys: Sequence[Field]) -> PlanNode:
        """Return `plan` with the outer columns that the expressions of `node` read replaced."""
        read = own_free_columns(node) & self.outer_ids
        if not read:
            return plan
        if not read <= self._by_outer(keys).keys():
            raise NeedsDomainError
        return map_expressions(plan, lambda expr: self.changed(expr, keys))

    def materialised(self, found: Unnested) -> Unnested:
        """Return the plan with the rows that are missing for some outer values put in."""
        if found.missing is None:
            return found
        next_id, environment = self.environment.next_id, self.environment
        is_there = Field(next_id(), "is there", UINT8)
        one = constant_from_value(UINT8, 1)
        passed = [Computed(f, reference(f)) for f in found.plan.schema]
        right = Project(found.plan, (*passed, Computed(is_there, one)))
        domain = self.domain()
        left_keys, right_keys = self.matched(domain.keys, found)
        joined = Join(domain.plan, right, left_keys, right_keys, kind=JoinKind.LEFT)
        items = [Computed(key, reference(key)) for key in domain.keys]
        by_outer = self._by_outer(domain.keys)
        for column_id, value in found.missing.items():
            column = next(f for f in found.plan.schema if f.id == column_id)
            filled = cast_to(environment, substitute(value, by_outer), column.type)
            choice = call(environment, "if", [reference(is_there), reference(column), filled])
            items.append(Computed(column, cast_to(environment, choice, column.type)))
        return Unnested(Project(joined, tuple(items)), domain.keys)

    def matched(
        self, left: Sequence[Field], found: Unnested
    ) -> tuple[tuple[BoundExpr, ...], tuple[BoundExpr, ...]]:
        """Return join keys that say that two lists of outer values are equal, NULL to NULL."""
        pairs = [
            equal_keys(self.environment, one, other, found.is_inner)
            for one, other in zip(left, found.keys, strict=True)
        ]
        return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)

    # -- operators -----------------------------------------------------------------------------

    def _filter(self, child: PlanNode, conditions: Sequence[BoundExpr]) -> Unnested:
        """Unnest a filter: its equalities may give all the keys."""
        if self.takes_inner and not self._is_free(child):
            found = self._keys_inside(child, conditions)
            if found is not None:
                return found
        below = self.materialised(self.unnest(child))
        condition = conjunction(self.environment, conditions)
        if condition is None:
            return below
        node = Filter(child, condition)
        plan = self._with_keys(Filter(below.plan, condition), node, below.keys)
        return replace(below, plan=plan)

    def _keys_inside(self, child: PlanNode, conditions: Sequence[BoundExpr]) -> Unnested | None:
        """Return the filter with what is equal to each outer value as its keys."""
        pairs = inner_equals(self.environment, self.outer, conditions)
        if any(column.id not in pairs for column in self.outer):
            return None
        used = {id(part) for part, _ in pairs.values()}
        rest = [part for part in conditions if id(part) not in used]
        inner = [pairs[column.id][1] for column in self.outer]
        keys = tuple(
            Field(self.environment.next_id(), column.name, without_null(expr.type))
            for column, expr in zip(self.outer, inner, strict=True)
        )
        known = [
            call(self.environment, "isNotNull", [expr])
            for expr in inner
            if isinstance(expr.type, NullableType)
        ]
        reads_outer = [bool(columns_of(part) & self.outer_ids) for part in rest]
        local = [part for part, reads in zip(rest, reads_outer, strict=True) if not reads]
        about_outer = [part for part, reads in zip(rest, reads_outer, strict=True) if reads]
        below = conjunction(self.environment, [*local, *known])
        items = [Computed(f, reference(f)) for f in child.schema]
        for key, expr in zip(keys, inner, strict=True):
            items.append(Computed(key, cast_to(self.environment, expr, key.type)))
        plan: PlanNode = child if below is None else Filter(child, below)
        plan = Project(plan, tuple(items))
        condition = conjunction(self.environment, about_outer)
        if condition is not None:
            plan = self._with_keys(Filter(plan, condition), Filter(child, condition), keys)
        return Unnested(plan, keys, is_inner=True)

    def _project(self, node: Project) -> Unnested:
        """Unnest a projection: it hands the keys on."""
        below = self.unnest(node.child)
        missing = None
        if below.missing is not None:
            by_id = below.missing
            missing = {item.field.id: substitute(item.expr, by_id) for item in node.items}
        plan = self._with_keys(Project(below.plan, node.items), node, below.keys)
        if not isinstance(plan, Project):
            raise InternalError("a projection became another node")
        passed = [Computed(key, reference(key)) for key in below.keys]
        return replace(below, plan=Project(plan.child, (*plan.items, *passed)), missing=missing)

    def _aggregate(self, node: Aggregate) -> Unnested:
        """Unnest a grouping: the keys come before its own; alone they make up for no keys."""
        if node.given or node.totals is not None:
            message = "grouping sets or totals in a query that reads columns around it are "
            message += "not supported"
            raise NotSupportedError(message, span=self.span)
        below = self.materialised(self.unnest(node.child))
        changed = self._with_keys(replace(node, child=below.plan), node, below.keys)
        if not isinstance(changed, Aggregate):
            raise InternalError("a grouping became another node")
        keys = tuple(Field(self.environment.next_id(), key.name, key.type) for key in below.keys)
        added = tuple(
            Computed(key, reference(old)) for key, old in zip(keys, below.keys, strict=True)
        )
        plan = replace(changed, keys=(*added, *changed.keys))
        missing = None if node.keys else empty_values(self.environment, node)
        return Unnested(plan, keys, below.is_inner, missing)

    def _window(self, node: Window) -> Unnested:
        """Unnest window functions: rows of equal keys are neighbours."""
        below = self.materialised(self.unnest(node.child))
        partition = (*node.partition, *(reference(key) for key in below.keys))
        return self._over(replace(node, partition=partition), below)

    def _join(self, node: Join) -> Unnested:
        """Unnest a join: the sides that read outer values get keys, and meet in them."""
        if node.kind is JoinKind.FULL or node.partners is Partners.ONCE:
            message = f"{node.kind.name} JOIN in a query that reads columns around it is "
            message += "not supported"
            raise NotSupportedError(message, span=self.span)
        is_left, is_right = self._is_free(node.left), self._is_free(node.right)
        is_main_left = node.kind is not JoinKind.RIGHT
        if is_main_left and node.kind is not JoinKind.INNER:
            is_left = True
        elif not is_main_left:
            is_right = True
        elif not is_right:
            is_left = True
        left = self.materialised(self.unnest(node.left)) if is_left else None
        right = self.materialised(self.unnest(node.right)) if is_right else None
        main = left if left is not None and is_main_left else right
        if main is None:
            raise InternalError("neither side of a join has the keys")
        plan = replace(
            node,
            left=node.left if left is None else left.plan,
            right=node.right if right is None else right.plan,
        )
        changed = self._with_keys(plan, node, main.keys)
        if left is not None and right is not None and isinstance(changed, Join):
            other = right if main is left else left
            is_inner = main.is_inner or other.is_inner
            left_keys, right_keys = self.matched(
                left.keys, Unnested(right.plan, right.keys, is_inner)
            )
            changed = replace(
                changed,
                left_keys=(*left_keys, *changed.left_keys),
                right_keys=(*right_keys, *changed.right_keys),
            )
        return replace(main, plan=changed)

    def _combined(self, node: UnionAll | Combine) -> Unnested:
        """Unnest a set operation: each input gets the keys behind its columns."""
        inputs = []
        for child in inputs_of(node):
            found = self.materialised(self.unnest(child))
            by_outer = self._by_outer(found.keys)
            if len(by_outer) < len(self.outer):
                raise NeedsDomainError
            shown = [Computed(f, reference(f)) for f in child.schema]
            for column in self.outer:
                key = Field(self.environment.next_id(), column.name, column.type)
                shown.append(Computed(key, by_outer[column.id]))
            inputs.append(Project(found.plan, tuple(shown)))
        plan = with_inputs(node, tuple(inputs))
        if isinstance(plan, UnionAll):
            keys = tuple(
                Field(self.environment.next_id(), column.name, column.type) for column in self.outer
            )
            return Unnested(replace(plan, fields=(*plan.fields, *keys)), keys)
        return Unnested(plan, tuple(plan.schema[-len(self.outer) :]))


def equal_keys(
    environment: Environment, left: Field, right: Field, is_inner: bool
) -> tuple[BoundExpr, BoundExpr]:
    """Return join keys for two columns that hold the same outer value; NULL is equal to NULL."""
    shared = right.type if without_null(left.type) == without_null(right.type) else None
    one, other = reference(left), reference(right)
    if is_inner or not (
        isinstance(left.type, NullableType) or isinstance(right.type, NullableType)
    ):
        wanted = common_key_type(left.type, right.type)
        return cast_to(environment, one, wanted), cast_to(environment, other, wanted)
    if shared is None:
        raise InternalError("two columns of one outer value differ in type")
    wanted = NullableType(without_null(left.type))
    return (
        call(environment, "tuple", [cast_to(environment, one, wanted)]),
        call(environment, "tuple", [cast_to(environment, other, wanted)]),
    )
