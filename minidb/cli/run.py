"""Running scripts: statement after statement, rows to standard output, errors to talk."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum

from minidb.cli.output import Meter, Writer, flush_output, line_width, talk, write_outcome
from minidb.cli.statements import ScriptStatement, split_script
from minidb.database import Session
from minidb.errors import MiniDBError
from minidb.execution.outcome import number_of
from minidb.record import record
from minidb.source import Span

TAKES_INPUT = re.compile(r"\s*INSERT\s+INTO\s.*\sFORMAT\s+\w+\s*", re.IGNORECASE | re.DOTALL)


class ExitCode(IntEnum):
    """What the command returns to the system."""

    OK = 0
    QUERY_ERROR = 1
    USAGE = 2
    CANNOT_OPEN = 3
    INTERRUPTED = 130


@record
class RunOptions:
    """How statements run.

    Parameters
    ----------
    format : str
        For statements without FORMAT.
    stops_on_error : bool
        Whether an error ends the whole run.
    is_timed : bool
        Whether to tell rows and seconds after each statement.
    shows_progress : bool
        Whether long statements draw a line of progress.
    read_input : callable, optional
        Gives the data of an ``INSERT ... FORMAT name`` with nothing behind it.
    """

    format: str
    stops_on_error: bool = True
    is_timed: bool = False
    shows_progress: bool = False
    read_input: Callable[[], bytes] | None = None


def run_script(session: Session, script: str, options: RunOptions, write: Writer) -> ExitCode:
    """Run the statements of a script.

    Returns
    -------
    ExitCode
        QUERY_ERROR when a statement failed; with `stops_on_error` none runs after it.
    """
    code = ExitCode.OK
    for statement in split_script(script):
        try:
            run_statement(session, statement, script, options, write)
        except MiniDBError as error:
            flush_output()
            talk(error.report(line_width()))
            code = ExitCode.QUERY_ERROR
            if options.stops_on_error:
                return code
    return code


def run_statement(
    session: Session, statement: ScriptStatement, script: str, options: RunOptions, write: Writer
) -> None:
    """Run one statement and write its rows.

    Raises
    ------
    MiniDBError
        With the place in the whole script.
    """
    meter = Meter(options.shows_progress)
    try:
        data = None
        if options.read_input is not None and TAKES_INPUT.fullmatch(statement.text):
            data = options.read_input()
        outcome = session.execute(statement.text, on_progress=meter.on_progress, data=data)
        chosen = "Vertical" if statement.is_vertical else options.format
        n_rows = write_outcome(outcome, chosen, meter, write)
    except MiniDBError as error:
        # The place counts from the statement's beginning; people look for it in the script.
        if error.span is not None:
            start = statement.start
            error.span = Span(error.span.start + start, error.span.end + start)
            error.sql = script
        raise
    finally:
        meter.clear()
    flush_output()
    if options.is_timed:
        n_shown = n_rows if outcome.schema is not None else outcome.n_written
        written = " written" if outcome.schema is None else ""
        talk(f"{number_of(n_shown, 'row')}{written} in {meter.elapsed_s:.3f} s")
