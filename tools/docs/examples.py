"""Pages with examples: each ``sql`` block is run, and the ``text`` block behind it holds the output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minidb.database import Database, Session
from minidb.errors import MiniDBError
from minidb.execution.outcome import Outcome
from minidb.result import Result

BLOCK = re.compile(
    r"```sql\n(?P<sql>.*?)```\n\n```(?P<form>text|json|mermaid)\n(?P<text>.*?)```", re.DOTALL
)
TIMES = re.compile(r"\d+(?:\.\d+)?(?= ms| %\)| %\"\])")
JSON_TIMES = re.compile(r'(?<= ms": )[\d.e-]+')


def refreshed(page: str) -> str:
    """Return a page with every example's output as it is now.

    All examples of a page share one session, in order. Times, which differ from run to run, are
    written as ``… ms``, and in JSON as 0.
    """
    with Database.open() as database:
        session = database.session()

        def replace(block: re.Match[str]) -> str:
            sql = block["sql"]
            return f"```sql\n{sql}```\n\n```{block['form']}\n{run_example(session, sql)}```"

        return BLOCK.sub(replace, page)


def run_example(session: Session, sql: str) -> str:
    """Return what the statements of one example print; an error prints its report."""
    shown: list[str] = []
    try:
        for outcome in session.execute_script(sql):
            shown += _printed(outcome)
    except MiniDBError as error:
        shown.append(error.report())
    text = "\n".join(shown)
    return JSON_TIMES.sub("0", TIMES.sub("…", text)).rstrip() + "\n"


def _printed(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of one result: text as it is when there is one column of it, else a table."""
    if outcome.schema is None:
        yield "ok" if not outcome.n_written else f"{outcome.n_written} rows"
        return
    is_explain = [field.name for field in outcome.schema] in (["explain"], ["statement"])
    result = Result(outcome)
    if is_explain:
        for (line,) in result.rows():
            yield from str(line).split("\n")
    else:
        yield str(result).rstrip("\n")
