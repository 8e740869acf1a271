"""What EXPLAIN gives back: a tree in the form that was asked for, or the lines of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minidb.columns import column_from_values
from minidb.errors import BAD_ARGUMENTS, UNKNOWN_SETTING, BindError, NotSupportedError, did_you_mean
from minidb.execution.explain_tree import ExplainNode, Fact, json_text, mermaid_lines, text_lines
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.record import record
from minidb.sql.ast import Setting
from minidb.types import StringType

FORMS = ("json", "mermaid")
OPTIONS = (*FORMS, "header")
# ClickHouse's, for stages that look otherwise here.
FOREIGN_OPTIONS = frozenset(
    ["actions", "compact", "column_structure", "description", "distributed", "graph", "indexes",
     "input_headers", "keep_logical_steps", "oneline", "optimize", "passes", "dump_passes",
     "dump_ast", "dump_tree", "pretty", "projections", "run_query_tree_passes", "sorting"]
)  # fmt: skip


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


def explain_options(settings: Sequence[Setting], known: Sequence[str] = OPTIONS) -> dict[str, bool]:
    """Return the settings behind EXPLAIN and its kind, of those that it takes.

    Raises
    ------
    BindError
        UNKNOWN_SETTING, BAD_ARGUMENTS for a value other than 0 and 1.
    NotSupportedError
        For a setting of ClickHouse that means nothing here.
    """
    found: dict[str, bool] = {}
    for setting in settings:
        if setting.name in FOREIGN_OPTIONS:
            message = f"EXPLAIN {setting.name} is not supported"
            raise NotSupportedError(message, span=setting.span)
        if setting.name not in known:
            hint = did_you_mean(setting.name, known) or f"it takes {', '.join(known)}"
            message = f"EXPLAIN has no setting {setting.name!r}"
            raise BindError(UNKNOWN_SETTING, message, span=setting.span, hint=hint)
        if setting.value not in (0, 1, False, True):
            message = f"EXPLAIN {setting.name} is 0 or 1"
            raise BindError(BAD_ARGUMENTS, message, span=setting.span)
        found[setting.name] = bool(setting.value)
    if found.get("json") and found.get("mermaid"):
        message = "EXPLAIN takes one of json and mermaid"
        raise BindError(BAD_ARGUMENTS, message, span=settings[-1].span)
    return found
