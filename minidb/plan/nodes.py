"""The nodes of logical plans; a rewrite returns a new node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum
from typing import TypeAlias, assert_never

from minidb.catalog.relation import Bounds, Relation
from minidb.columns import Field, Schema
from minidb.expr import BoundExpr, Constant
from minidb.functions.declaration import AggregateFunction
from minidb.plan.clauses import (
    ArrayJoin,
    Combine,
    Expand,
    Kept,
    LimitBy,
    LimitWhole,
    Recursive,
    Totals,
    WithTotals,
)
from minidb.plan.window_parts import RowFunction, WindowFrame
from minidb.record import record
from minidb.source import Span
from minidb.types import DataType


@record
class AggregateExpr:
    """An aggregate function over expressions of the rows of a group.

    `condition` is the -If combinator's last argument or FILTER; `parameters` are constants.
    """

    type: DataType
    name: str
    args: tuple[BoundExpr, ...]
    parameters: tuple[Constant, ...] = ()
    condition: BoundExpr | None = None
    is_distinct: bool = False
    function: AggregateFunction = field(compare=False, repr=False, kw_only=True)
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@record
class Computed:
    """A column that an operator makes: its field and the expression."""

    field: Field
    expr: BoundExpr


@record
class Aggregated:
    """A column that Aggregate makes: its field and the aggregate."""

    field: Field
    aggregate: AggregateExpr


@record
class SortItem:
    """One key of ORDER BY."""

    expr: BoundExpr
    is_descending: bool = False
    nulls_first: bool = False


@record
class OneRow:
    """One row without columns: what SELECT without FROM reads."""

    @property
    def schema(self) -> Schema:
        """Return the empty schema."""
        return ()


@record
class Scan:
    """Rows of a relation.

    Parameters
    ----------
    relation : Relation
        What is read.
    columns : tuple of (str, Field)
        The names wanted and the fields they become.
    bounds : mapping of str to Bounds
        Ranges that let the relation skip rows; the filter above still decides.
    """

    relation: Relation
    columns: tuple[tuple[str, Field], ...]
    bounds: Mapping[str, Bounds] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """Return the fields of the wanted columns."""
        return tuple(column_field for _, column_field in self.columns)


@record
class Filter:
    """The rows where a condition is true."""

    child: PlanNode
    condition: BoundExpr

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


@record
class Project:
    """New columns computed from each row."""

    child: PlanNode
    items: tuple[Computed, ...]

    @property
    def schema(self) -> Schema:
        """Return the fields of the items."""
        return tuple(item.field for item in self.items)


@record
class Aggregate:
    """One row per group of equal keys; without keys, one row for the whole input.

    Parameters
    ----------
    given : tuple of tuples of Constant
        Keys of groups that are there without any row.
    totals : Totals or None
        What WITH TOTALS asks for.
    """

    child: PlanNode
    keys: tuple[Computed, ...]
    aggregates: tuple[Aggregated, ...]
    given: tuple[tuple[Constant, ...], ...] = ()
    totals: Totals | None = None

    @property
    def schema(self) -> Schema:
        """Return the keys, then the aggregates."""
        return (*(key.field for key in self.keys), *(item.field for item in self.aggregates))


@record
class Sort:
    """The rows in order (stable); with `limit`, only the first ones."""

    child: PlanNode
    keys: tuple[SortItem, ...]
    limit: int | None = None

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


@record
class Windowed:
    """A column that Window makes: its field, the function and the frame that it sees."""

    field: Field
    call: AggregateExpr | RowFunction
    frame: WindowFrame


@record
class Window:
    """All rows, with functions over the neighbours of each row; they come in window order.

    Parameters
    ----------
    partition : tuple of BoundExpr
        Rows with equal values are neighbours; none: all rows are.
    order : tuple of SortItem
        The order in a partition.
    items : tuple of Windowed
        The columns that are added.
    """

    child: PlanNode
    partition: tuple[BoundExpr, ...]
    order: tuple[SortItem, ...]
    items: tuple[Windowed, ...]

    @property
    def schema(self) -> Schema:
        """Return the child's schema, then the fields of the items."""
        return (*self.child.schema, *(item.field for item in self.items))


@record
class Limit:
    """The rows after `offset`, at most `count` of them (None: all)."""

    child: PlanNode
    count: int | None
    offset: int = 0

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


@record
class Distinct:
    """The first row of each combination of the columns `on` (field ids)."""

    child: PlanNode
    on: tuple[int, ...]

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


class JoinKind(Enum):
    """Which rows a join yields; the value is the word that EXPLAIN shows.

    INNER: the pairs. LEFT, RIGHT, FULL: the pairs, and the rows of that side (or of both) without
    a partner, the other side's columns filled with their types' defaults: NULL where the type is
    Nullable, so whoever wants NULL makes the columns Nullable below the join.
    SEMI, ANTI: the left rows with, or without, a partner; the left columns alone.
    SINGLE: as LEFT, but a left row with more than one partner is error 125.
    MARK: every left row once, with the column `Join.mark`: 1 where it has a partner, else 0.
    """

    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"
    FULL = "full"
    SEMI = "semi"
    ANTI = "anti"
    SINGLE = "single"
    MARK = "mark"


class Partners(Enum):
    """How many of its partners a left row keeps, of an INNER or LEFT join.

    ALL; FIRST: the first one; ONCE: as FIRST, but a right row stays with one left row only.
    """

    ALL = "all"
    FIRST = "first"
    ONCE = "once"


@record
class Join:
    """Two inputs joined; which rows come out is a matter of `kind`.

    A pair of rows are partners when their keys are equal and the residual condition holds. Of a
    key that is NULL there is no equal. Rows come in left order, then right order; right rows
    without a partner (RIGHT, FULL) come last.

    Parameters
    ----------
    left_keys, right_keys : tuple of BoundExpr
        Equal for partners, and of the same type; none when the residual decides alone.
    residual : BoundExpr or None
        A further condition over both sides. It decides who are partners, it does not filter.
    mark : Field or None
        The UInt8 column that a MARK join adds.
    dropped : frozenset of int
        Columns of the inputs that only the conditions read, and that are not yielded.
    """

    left: PlanNode
    right: PlanNode
    left_keys: tuple[BoundExpr, ...] = ()
    right_keys: tuple[BoundExpr, ...] = ()
    residual: BoundExpr | None = None
    kind: JoinKind = JoinKind.INNER
    partners: Partners = Partners.ALL
    mark: Field | None = None
    dropped: frozenset[int] = frozenset()

    @property
    def schema(self) -> Schema:
        """Return the left fields, then the mark or, but for SEMI and ANTI, the right ones."""
        fields = self.left.schema
        if self.kind is JoinKind.MARK:
            fields = (*fields, *(() if self.mark is None else (self.mark,)))
        elif self.kind not in (JoinKind.SEMI, JoinKind.ANTI):
            fields = (*fields, *self.right.schema)
        if not self.dropped:
            return fields
        return tuple(column for column in fields if column.id not in self.dropped)

    @property
    def is_plain(self) -> bool:
        """Whether this is an INNER join that yields all pairs and all columns."""
        is_all = self.partners is Partners.ALL and not self.dropped
        return self.kind is JoinKind.INNER and is_all


@record
class UnionAll:
    """The rows of several inputs, one after another; the inputs have the same types."""

    inputs: tuple[PlanNode, ...]
    fields: Schema

    @property
    def schema(self) -> Schema:
        """Return the union's own fields."""
        return self.fields


@record
class ExtensionNode:
    """A node of an extension: `kind` finds its operator builder, `details` is shown."""

    kind: str
    inputs: tuple[PlanNode, ...]
    fields: Schema
    payload: object
    details: str = ""

    @property
    def schema(self) -> Schema:
        """Return the node's own fields."""
        return self.fields


PlanNode: TypeAlias = (
    OneRow
    | Scan
    | Filter
    | Project
    | Aggregate
    | Sort
    | Window
    | Limit
    | Distinct
    | Join
    | UnionAll
    | Combine
    | Expand
    | Kept
    | WithTotals
    | LimitBy
    | LimitWhole
    | ArrayJoin
    | Recursive
    | ExtensionNode
)


def inputs_of(node: PlanNode) -> tuple[PlanNode, ...]:
    """Return the nodes directly below."""
    match node:
        case OneRow() | Scan() | Kept():
            return ()
        case Join(left=left, right=right) | Combine(left=left, right=right):
            return (left, right)
        case Recursive(base=first, step=second) | WithTotals(main=first, totals=second):
            return (first, second)
        case UnionAll(inputs=inputs) | ExtensionNode(inputs=inputs):
            return inputs
        case Filter() | Project() | Aggregate() | Sort() | Window() | Limit() | Distinct():
            return (node.child,)
        case Expand() | LimitBy() | LimitWhole() | ArrayJoin():
            return (node.child,)
        case _:
            assert_never(node)


def with_inputs(node: PlanNode, inputs: tuple[PlanNode, ...]) -> PlanNode:
    """Return `node` over other inputs; the same node when nothing changed."""
    if all(a is b for a, b in zip(inputs_of(node), inputs, strict=True)):
        return node
    match node:
        case OneRow() | Scan() | Kept():
            return node
        case Join() | Combine():
            return replace(node, left=inputs[0], right=inputs[1])
        case Recursive():
            return replace(node, base=inputs[0], step=inputs[1])
        case WithTotals():
            return replace(node, main=inputs[0], totals=inputs[1])
        case UnionAll() | ExtensionNode():
            return replace(node, inputs=inputs)
        case Filter() | Project() | Aggregate() | Sort() | Window() | Limit() | Distinct():
            return replace(node, child=inputs[0])
        case Expand() | LimitBy() | LimitWhole() | ArrayJoin():
            return replace(node, child=inputs[0])
        case _:
            assert_never(node)


def expressions_of(node: PlanNode) -> tuple[BoundExpr, ...]:
    """Return the expressions that `node` evaluates on its inputs."""
    match node:
        case Filter(condition=condition):
            return (condition,)
        case Project(items=items):
            return tuple(item.expr for item in items)
        case Aggregate(keys=keys, aggregates=aggregates):
            found = [key.expr for key in keys]
            for item in aggregates:
                found.extend(call_expressions(item.aggregate))
            if node.totals is not None and node.totals.counted is not None:
                found.append(node.totals.counted)
            return tuple(found)
        case Window(partition=partition, order=order, items=items):
            found = [*partition, *(key.expr for key in order)]
            for windowed in items:
                found.extend(call_expressions(windowed.call))
            return tuple(found)
        case Sort(keys=keys):
            return tuple(key.expr for key in keys)
        case Join(left_keys=left_keys, right_keys=right_keys, residual=residual):
            extra = () if residual is None else (residual,)
            return (*left_keys, *right_keys, *extra)
        case Expand(keys=keys):
            return tuple(key.expr for key in keys)
        case ArrayJoin(items=items):
            return tuple(item.expr for item in items)
        case OneRow() | Scan() | Limit() | Distinct() | UnionAll() | ExtensionNode():
            return ()
        case LimitWhole(ties=ties):
            return tuple(key.expr for key in ties)
        case Combine() | Kept() | WithTotals() | LimitBy() | Recursive():
            return ()
        case _:
            assert_never(node)


def call_expressions(call: AggregateExpr | RowFunction) -> tuple[BoundExpr, ...]:
    """Return what an aggregate or a window function is computed from."""
    condition = call.condition if isinstance(call, AggregateExpr) else None
    return call.args if condition is None else (*call.args, condition)
