"""Scripts of SQL with directives: what the fuzzer writes, and what ``run`` reads.

A line ``-- oracle: same`` says that the next query has to give the same rows in minidb as the query
before it, ``-- oracle: contains 3, 5`` that it has to give that row, and ``-- oracle: restart`` that
the database is closed and opened again. Other statements are run on both engines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from minidb.sql.parser import split_statements
from tools.oracle.cases import Case
from tools.oracle.check import asked
from tools.oracle.engines import MinidbEngine

DIRECTIVE = re.compile(r"^--[ \t]*oracle:[ \t]*(\w+)[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement, and the directive before it.

    Parameters
    ----------
    sql : str
        The statement; empty for ``restart``.
    directive : str
        ``same``, ``contains`` or ``restart``; empty for none.
    argument : str
        What stands behind the directive.
    """

    sql: str
    directive: str = ""
    argument: str = ""


def read_script(text: str) -> Iterator[Step]:
    """Yield the statements of a script with their directives."""
    at = 0
    for found in split_statements(text):
        directives = list(DIRECTIVE.finditer(text, at, found.span.end))
        at = found.span.end
        if any(directive[1] == "restart" for directive in directives):
            yield Step("", "restart")
        others = [d for d in directives if d[1] != "restart"]
        name, argument = (others[-1][1], others[-1][2].strip()) if others else ("", "")
        yield Step(found.text, name, argument)


def write_script(case: Case, difference: str, seed: int) -> str:
    """Return a case as a script that runs and shows the difference."""
    lines = [f"-- {case.kind}, seed {seed}"]
    lines += [f"--   {line}" for line in difference.splitlines()]
    lines += [f"{sql};" for sql in case.setup()]
    probe = case.probe()
    if case.kind == "pqs" and probe is not None:
        with MinidbEngine() as engine:
            for sql in case.setup():
                asked(engine, sql)
            value = asked(engine, probe)
        (query,) = case.turned(value.rows[0][0] if value.rows else "1").queries()
        wanted = ", ".join(number for _, number in case.pivot)
        lines += [f"{probe};", f"-- oracle: contains {wanted}", f"{query};"]
    elif case.kind in ("pqs", "differential"):
        lines += [f"{query};" for query in case.queries()]
    else:
        first, second = case.queries()
        again = [f"{sql};" for sql in case.setup_again()]
        if case.is_restarted:
            again.append("-- oracle: restart")
        lines += [f"{first};", *again, "-- oracle: same", f"{second};"]
    return "\n".join(lines) + "\n"
