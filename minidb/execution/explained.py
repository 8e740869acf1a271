"""What EXPLAIN gives back: a tree in the form that was asked for, or the lines of a text."""

from __future__ import annotations

from collections.abc import Iterable

from minidb.columns import column_from_values
from minidb.execution.explain_tree import ExplainNode, Fact, json_text, mermaid_lines, text_lines
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.record import record
from minidb.types import StringType


@record
class Shown:
    """One stage as a tree, with what is written behind it."""

    tree: ExplainNode
    about: tuple[str, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()

    def outcome(self, form: str | None) -> Outcome:
        """Return the tree in the form that was asked for."""
        match form:
            case "json":
                return lines_outcome([json_text(self.tree, dict(self.facts))])
            case "mermaid":
                comments = [f"  %% {line}" for line in self.about if line]
                return lines_outcome([*mermaid_lines(self.tree), *comments])
            case _:
                return lines_outcome([*text_lines(self.tree), *self.about])


def text_outcome(text: str) -> Outcome:
    """Return the lines of a text as rows."""
    return lines_outcome(text.split("\n"))


def lines_outcome(lines: Iterable[str]) -> Outcome:
    """Return lines as rows."""
    column = column_from_values(StringType(), list(lines))
    outcome = outcome_of_columns(["explain"], [column])
    outcome.is_text = True
    return outcome
