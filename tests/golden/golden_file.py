"""Reading and writing golden files: cases of SQL, each with the text that it gives.

A file is blocks with a blank line between them. A block is comment lines, a word, SQL, and what is
expected::

    # A filter moves below a projection that only renames.
    stages
    SELECT cost FROM (SELECT price AS cost FROM sales) WHERE cost > 3
    => bound
    Filter cost > 3
      ...

The words: ``setup`` runs statements (separated by semicolons) for all blocks behind it; ``stages``
shows the bound plan and the plan after each rule that fired; ``rows`` the names, types and rows of
a result, separated by tabs; ``error`` the report of the error that the statement ends with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from minidb.database import Database, Session
from minidb.errors import MiniDBError
from minidb.optimizer.driver import optimize
from minidb.plan.show import show_plan
from minidb.sql import ast
from minidb.sql.parser import parse_statement
from minidb.statements.query import plan_query
from tests.support.engine import error_of, run, run_all

WORDS = ("setup", "stages", "rows", "error")


@dataclass(frozen=True, slots=True)
class Case:
    """One block of a golden file."""

    comments: tuple[str, ...]
    word: str
    sql: str
    expected: str
    line: int

    def text(self) -> str:
        """Return the block as it stands in the file."""
        lines = [*self.comments, self.word, self.sql]
        return "\n".join([*lines, self.expected] if self.expected else lines)


def read_cases(path: Path) -> list[Case]:
    """Return the blocks of a file."""
    cases = []
    line = 1
    for block in path.read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
        cases.append(_read_case(block.split("\n"), line))
        line += block.count("\n") + 2
    return cases


def _read_case(lines: Sequence[str], line: int) -> Case:
    """Return the block that stands in these lines."""
    n_comments = next(i for i, text in enumerate(lines) if not text.startswith("#"))
    word = lines[n_comments]
    assert word in WORDS, f"line {line + n_comments}: {word!r} is none of {WORDS}"
    rest = lines[n_comments + 1 :]
    n_sql = next((i for i, text in enumerate(rest) if text.startswith("=>")), len(rest))
    expected = "\n".join(rest[n_sql:])
    return Case(tuple(lines[:n_comments]), word, "\n".join(rest[:n_sql]), expected, line)


def write_cases(path: Path, cases: Sequence[Case]) -> None:
    """Write the blocks of a file."""
    path.write_text("\n\n".join(case.text() for case in cases) + "\n", encoding="utf-8")


def answers(cases: Sequence[Case]) -> list[Case]:
    """Return the cases with what the engine says now, each file on a database of its own."""
    with Database.open(":memory:", []) as database:
        session = database.session()
        return [replace(case, expected=_answer(session, case)) for case in cases]


def _answer(session: Session, case: Case) -> str:
    match case.word:
        case "setup":
            run_all(session, filter(str.strip, case.sql.split(";")))
            return ""
        case "stages":
            return stages(session, case.sql)
        case "rows":
            result = run(session, case.sql)
            heads = (result.names, [data_type.name for data_type in result.types])
            return "\n".join(["=> rows", *map("\t".join, heads), result.text("TSV")]).rstrip("\n")
        case _:
            return f"=> error\n{error_of(session, case.sql).report()}"


def stages(session: Session, sql: str) -> str:
    """Return the bound plan and the plan behind each rule that fired.

    Each rule is run a second time on its own result: a rule that is not done after one run would
    say so here.
    """
    statement = parse_statement(sql)
    assert isinstance(statement, ast.QueryStatement)
    context = session._context(None, None)
    with session.database.store.snapshot() as snapshot:
        context.tables, context.objects = snapshot.tables, snapshot.objects
        try:
            planned = plan_query(context, statement.query)
        except MiniDBError as error:
            error.sql = sql
            raise AssertionError(error.report()) from error
        parts = ["=> bound", show_plan(planned.bound)]
        rules = {rule.name: rule for rule in context.registry.rules}
        for step in planned.optimized.steps:
            parts += [f"=> {step.rule}", show_plan(step.plan)]
            again = optimize(step.plan, [rules[step.rule]], planned.environment).plan
            if show_plan(again) != show_plan(step.plan):
                parts += [f"=> {step.rule} again", show_plan(again)]
    return "\n".join(parts)
