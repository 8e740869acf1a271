"""``python -m tools.oracle run FILE.sql``: each statement here and there, differences side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.oracle.answers import Answer, same_rows
from tools.oracle.check import asked
from tools.oracle.engines import ENGINES, Engine, MinidbEngine
from tools.oracle.script import Step, read_script

MOST_ROWS = 20
ORDER = "ORDER BY"


@dataclass(frozen=True, slots=True)
class Finding:
    """A statement on which two answers differ, or a directive that does not hold."""

    sql: str
    first_name: str
    first: Answer
    second_name: str
    second: Answer


def run_file(path: Path, against: str | None, console: Console) -> int:
    """Run a script on minidb and another engine, and print what differs.

    Parameters
    ----------
    path : Path
        SQL statements between semicolons, with directives.
    against : str or None
        ``clickhouse``, ``duckdb``, or None to check the directives alone.
    console : Console
        Where the differences are shown.

    Returns
    -------
    int
        0 when nothing differs, else 1.
    """
    steps = list(read_script(path.read_text(encoding="utf-8")))
    other = ENGINES[against]() if against is not None else None
    with MinidbEngine(is_stored=True) as mine:
        try:
            findings = findings_of(steps, mine, other)
        finally:
            if other is not None:
                other.close()
    for finding in findings:
        console.print(side_by_side(finding))
    n_statements = sum(1 for step in steps if step.sql)
    console.print(f"{n_statements} statements, {len(findings)} differences")
    return 1 if findings else 0


def findings_of(steps: list[Step], mine: MinidbEngine, other: Engine | None) -> list[Finding]:
    """Run steps and return what differs."""
    findings = []
    before = Answer()
    for step in steps:
        if step.directive == "restart":
            mine.restart()
        if not step.sql:
            continue
        ours = asked(mine, step.sql)
        if step.directive == "same" and not (ours.code == before.code and same_rows(before, ours)):
            findings.append(Finding(step.sql, "query before", before, "this query", ours))
        if step.directive == "contains":
            wanted = tuple(part.strip() for part in step.argument.split(","))
            if wanted not in ours.rows:
                row = Answer(ours.names, ours.types, (wanted,))
                findings.append(Finding(step.sql, "wanted", row, "minidb", ours))
        if ours.names or ours.code:
            before = ours
        if other is not None:
            theirs = other.answer(step.sql)
            if differ(step.sql, ours, theirs, other.name):
                findings.append(Finding(step.sql, mine.name, ours, other.name, theirs))
    return findings


def differ(sql: str, ours: Answer, theirs: Answer, name: str) -> bool:
    """Whether two engines' answers differ; DuckDB's names, types and codes are its own."""
    is_ordered = ORDER in sql.upper()
    if name == "DuckDB":
        return bool(ours.code) != bool(theirs.code) or not same_rows(ours, theirs, is_ordered)
    if (ours.code, ours.names, ours.types) != (theirs.code, theirs.names, theirs.types):
        return True
    return not same_rows(ours, theirs, is_ordered)


def side_by_side(finding: Finding) -> Table:
    """Return a table of two answers; rows that the other lacks stand out."""
    table = Table(title=Text(finding.sql), title_justify="left", title_style="bold")
    table.add_column(finding.first_name)
    table.add_column(finding.second_name)
    left = _lines(finding.first, finding.second)
    right = _lines(finding.second, finding.first)
    for place in range(max(len(left), len(right))):
        table.add_row(
            left[place] if place < len(left) else "",
            right[place] if place < len(right) else "",
        )
    return table


def _lines(answer: Answer, other: Answer) -> list[Text]:
    """Return an answer line by line: names, types, rows."""
    if answer.code:
        return [Text(f"error {answer.code}: {answer.message}", style="red")]
    names = Text("  ".join(answer.names), style="" if answer.names == other.names else "red")
    types = Text("  ".join(answer.types), style="dim" if answer.types == other.types else "red")
    only = Counter(answer.rows) - Counter(other.rows)
    lines = [names, types]
    for row in answer.rows[:MOST_ROWS]:
        is_only = only[row] > 0
        only[row] -= is_only
        lines.append(Text("  ".join(row), style="red" if is_only else ""))
    if len(answer.rows) > MOST_ROWS:
        lines.append(Text(f"... {len(answer.rows)} rows", style="dim"))
    return lines
