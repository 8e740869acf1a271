"""What a rule is: a name, a line of help, and a function from a plan to an equal plan."""

from __future__ import annotations

from collections.abc import Callable

from minidb.binder.environment import Environment
from minidb.plan.nodes import PlanNode, inputs_of, with_inputs
from minidb.record import record


@record
class Rule:
    """A rewrite of plans that does not change the answer.

    Parameters
    ----------
    name : str
        A verb phrase; the name of its file and of its golden file.
    help : str
        One line.
    apply : callable
        Returns the new plan, or the same object when there is nothing to do.
    """

    name: str
    help: str
    apply: Callable[[PlanNode, Environment], PlanNode]


def bottom_up(node: PlanNode, change: Callable[[PlanNode], PlanNode]) -> PlanNode:
    """Apply `change` to every node of a plan, inputs first."""
    inputs = tuple(bottom_up(child, change) for child in inputs_of(node))
    return change(with_inputs(node, inputs))
