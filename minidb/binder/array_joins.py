"""The function arrayJoin: where in a SELECT its rows are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from minidb.binder.environment import Environment
from minidb.columns import Field
from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
)
from minidb.expr import BoundExpr, ColumnRef, columns_of
from minidb.plan.clauses import ArrayJoin
from minidb.plan.nodes import Computed, PlanNode
from minidb.record import state
from minidb.source import Span
from minidb.types import ArrayType


@state
class ArrayJoinList:
    """The distinct calls of arrayJoin in one SELECT, each with the column of its elements.

    Calls stand behind those that they read. Each becomes an ARRAY JOIN of its own, so that several
    calls give all combinations.
    """

    environment: Environment
    items: list[Computed] = field(default_factory=list)

    def add(self, args: Sequence[BoundExpr], name: str, span: Span) -> ColumnRef:
        """Return the column of the elements; equal calls share it.

        Raises
        ------
        BindError
            NUMBER_OF_ARGUMENTS_DOESNT_MATCH or ILLEGAL_TYPE_OF_ARGUMENT.
        """
        if len(args) != 1:
            message = f"arrayJoin takes 1 argument, not {len(args)}"
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message, span=span)
        array = args[0]
        if not isinstance(array.type, ArrayType):
            message = f"arrayJoin takes an Array, not {array.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=array.span or span)
        item = next((item for item in self.items if item.expr == array), None)
        if item is None:
            column = Field(self.environment.next_id(), name, array.type.element)
            item = Computed(column, array)
            self.items.append(item)
        return ColumnRef(item.field.id, item.field.type, item.field.name, span)

    @property
    def ids(self) -> set[int]:
        """Return the ids of the columns of elements."""
        return {item.field.id for item in self.items}

    def refs(self) -> list[BoundExpr]:
        """Return the columns of elements of all calls."""
        return [ColumnRef(i.field.id, i.field.type, i.field.name) for i in self.items]

    def take(self, readers: Iterable[BoundExpr]) -> list[Computed]:
        """Remove and return the calls that expressions read, and those that these read."""
        wanted = {column for expr in readers for column in columns_of(expr)}
        taken: list[Computed] = []
        for item in reversed(self.items):
            if item.field.id in wanted:
                wanted |= columns_of(item.expr)
                taken.append(item)
        ids = {item.field.id for item in taken}
        self.items = [item for item in self.items if item.field.id not in ids]
        return taken[::-1]


def join_arrays(plan: PlanNode, items: Iterable[Computed]) -> PlanNode:
    """Return a plan's rows joined with one array after another."""
    for item in items:
        plan = ArrayJoin(plan, (item,))
    return plan
