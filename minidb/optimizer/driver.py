"""Running the rules in order, with a trace of what each one changed."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.errors import BAD_ARGUMENTS, BindError, did_you_mean
from minidb.optimizer.rule import Rule
from minidb.plan.nodes import PlanNode
from minidb.plan.verify import verify
from minidb.record import record
from minidb.settings import Settings
from minidb.source import Span


@record
class Step:
    """A rule that changed the plan, and the plan it made."""

    rule: str
    plan: PlanNode


@record
class Optimized:
    """The final plan and how it came about."""

    plan: PlanNode
    steps: tuple[Step, ...]


def optimize(plan: PlanNode, rules: Sequence[Rule], environment: Environment) -> Optimized:
    """Apply each rule once, in order, verifying the plan after every change.

    Rules named by the setting ``disabled_rules`` are left out.

    Raises
    ------
    BindError
        BAD_ARGUMENTS when ``disabled_rules`` names no rule.
    """
    disabled = disabled_rules(rules, environment.settings)
    steps: list[Step] = []
    verified: dict[int, PlanNode] = {}
    for rule in rules:
        if rule.name in disabled:
            continue
        changed = rule.apply(plan, environment)
        if changed is not plan and changed != plan:
            verify(changed, verified)
            steps.append(Step(rule.name, changed))
            plan = changed
    return Optimized(plan, tuple(steps))


def disabled_rules(rules: Sequence[Rule], settings: Settings, span: Span | None = None) -> set[str]:
    """Return the names of the rules that the setting leaves out.

    Raises
    ------
    BindError
        BAD_ARGUMENTS when it names a rule that does not exist.
    """
    text = settings.text("disabled_rules")
    names = {name.strip() for name in text.split(",") if name.strip()}
    known = [rule.name for rule in rules]
    if "all" in names:
        return set(known)
    for name in sorted(names - set(known)):
        hint = did_you_mean(name, known)
        message = f"disabled_rules: no rule {name!r}"
        raise BindError(BAD_ARGUMENTS, message, span=span, hint=hint)
    return names
