"""The nodes behind single clauses: set operations, grouping sets, totals, limits, ARRAY JOIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.columns import Field, Schema
from minidb.expr import BoundExpr
from minidb.record import record

if TYPE_CHECKING:
    from minidb.plan.nodes import Computed, PlanNode, SortItem


@record
class Combine:
    """INTERSECT or EXCEPT: rows of the left input that the right one has, or lacks.

    Parameters
    ----------
    left, right : PlanNode
        Of the same types, column by column.
    operator : str
        ``INTERSECT`` or ``EXCEPT``.
    is_all : bool
        Whether each row of the right answers for one equal row of the left alone; otherwise equal
        rows of the result are one.
    """

    left: PlanNode
    right: PlanNode
    operator: str
    is_all: bool

    @property
    def schema(self) -> Schema:
        """Return the left schema."""
        return self.left.schema


@record
class Expand:
    """Each row once for every grouping set, with defaults in the keys that are not in the set.

    Parameters
    ----------
    keys : tuple of Computed
        All keys; a key of a Nullable type is NULL outside its sets.
    set_field : Field
        The column of the set's number, UInt64, from 0.
    sets : tuple of tuples of int
        The keys of each set, by place.
    """

    child: PlanNode
    keys: tuple[Computed, ...]
    set_field: Field
    sets: tuple[tuple[int, ...], ...]

    @property
    def schema(self) -> Schema:
        """Return the child's fields, the keys and the number of the set."""
        return (*self.child.schema, *(key.field for key in self.keys), self.set_field)


@record
class Totals:
    """What WITH TOTALS asks of an Aggregate: one more row, over all groups that HAVING keeps.

    Parameters
    ----------
    key : int
        Under which the row is kept for `Kept`.
    having : BoundExpr or None
        The condition over keys and aggregates that a group has to meet to be counted.
    counted : BoundExpr or None
        The condition over the input that a row has to meet: without grouping sets none.
    """

    key: int
    having: BoundExpr | None = None
    counted: BoundExpr | None = None


@record
class Kept:
    """The rows that another node keeps under a key: totals, or the last step of a recursion."""

    key: int
    fields: Schema
    name: str = ""

    @property
    def schema(self) -> Schema:
        """Return the node's own fields."""
        return self.fields


@record
class WithTotals:
    """The rows of `main`; the row of `totals` is handed to whoever runs the query."""

    main: PlanNode
    totals: PlanNode

    @property
    def schema(self) -> Schema:
        """Return the schema of the rows."""
        return self.main.schema


@record
class LimitBy:
    """At most `count` rows after `offset` of each combination of the columns `on` (field ids).

    Negative numbers count from the end of each combination's rows.
    """

    child: PlanNode
    count: int
    offset: int
    on: tuple[int, ...]

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


@record
class LimitWhole:
    """A LIMIT that has to see all rows: from the end, by a share of them, or with ties.

    Parameters
    ----------
    count, offset : int, float or None
        A negative number counts from the end; a float is a share of all rows.
    ties : tuple of SortItem
        The keys of the sort below: rows that are equal to the last one in them come too.
    """

    child: PlanNode
    count: int | float | None
    offset: int | float = 0
    ties: tuple[SortItem, ...] = ()

    @property
    def schema(self) -> Schema:
        """Return the child's schema."""
        return self.child.schema


@record
class ArrayJoin:
    """Each row once for every element of its arrays, which have equal lengths in each row.

    Parameters
    ----------
    items : tuple of Computed
        The arrays, and the fields that their elements become.
    is_left : bool
        Whether a row with empty arrays stays, with default values.
    dropped : frozenset of int
        Columns of the child that only the arrays read, and that are not yielded.
    """

    child: PlanNode
    items: tuple[Computed, ...]
    is_left: bool = False
    dropped: frozenset[int] = frozenset()

    @property
    def schema(self) -> Schema:
        """Return the child's fields, then the elements."""
        fields = self.child.schema
        if self.dropped:
            fields = tuple(column for column in fields if column.id not in self.dropped)
        return (*fields, *(item.field for item in self.items))


@record
class Recursive:
    """WITH RECURSIVE: the rows of `base`, then of `step` again and again until it has none.

    `step` reads the rows of the turn before by a `Kept` of the same key.
    """

    base: PlanNode
    step: PlanNode
    key: int
    fields: Schema
    name: str

    @property
    def schema(self) -> Schema:
        """Return the node's own fields."""
        return self.fields
