"""The interactive shell."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from minidb.cli.completion import Vocabulary
from minidb.cli.output import data_writer, flush_output, line_width, talk
from minidb.cli.prompt import Reader, make_reader
from minidb.cli.run import ExitCode, RunOptions, run_script, run_statement
from minidb.cli.statements import ASKING, LEAVING, ScriptStatement
from minidb.database import Session
from minidb.errors import MiniDBError
from minidb.formats.registry import find_format

HELP = """\
SELECT 1;            run a statement; it may take several lines
SELECT 1\\G           the same, one line per value
.tables              list the tables
.format NAME         how rows are written, for example CSV or Vertical
.timer on|off        tell rows and seconds after each statement
.help                this text
\\q, exit, Ctrl-D     leave
Ctrl-C               drop the line, or stop the running statement
SHOW FUNCTIONS;      list the functions;  DESCRIBE t;  the columns of a table"""


def run_shell(session: Session, options: RunOptions, path: str) -> int:
    """Read statements and run them until the person leaves.

    Parameters
    ----------
    session : Session
        Runs them; it outlives their errors and Ctrl-C.
    options : RunOptions
        Format, timing, progress.
    path : str
        The database, for the greeting.

    Returns
    -------
    int
        The exit code, 0.
    """
    vocabulary = Vocabulary(session)
    shell = Shell(session, replace(options, is_timed=True, stops_on_error=True), vocabulary)
    talk(f"minidb on {path}; .help for help, Ctrl-D to leave")
    reader = make_reader(vocabulary)
    while shell.take_one(reader):
        pass
    return ExitCode.OK


class Shell:
    """Runs what people type.

    Parameters
    ----------
    session : Session
        Runs statements.
    options : RunOptions
        Changed by ``.format`` and ``.timer``.
    vocabulary : Vocabulary
        Told when tables may have changed.
    """

    def __init__(self, session: Session, options: RunOptions, vocabulary: Vocabulary) -> None:
        self._session = session
        self._options = options
        self._vocabulary = vocabulary

    def take_one(self, reader: Reader) -> bool:
        """Read and run once; return whether to go on."""
        try:
            text = reader.read().strip()
        except KeyboardInterrupt:
            talk("")
            return True
        except EOFError:
            talk("")
            return False
        word = text.rstrip(";").strip().lower()
        if word in LEAVING:
            return False
        text = ".help" if word in ASKING else text
        if text:
            with stopping_by_interrupt(self._session):
                self._run(text)
            self._vocabulary.forget_tables()
        return True

    def _run(self, text: str) -> None:
        """Run a command of the shell, or statements."""
        try:
            if text.startswith((".", "\\")):
                self._run_dot(*text.rstrip(";").split(maxsplit=1))
            else:
                run_script(self._session, text, self._options, data_writer())
        except KeyboardInterrupt:
            talk("interrupted")
        except MiniDBError as error:
            flush_output()
            talk(error.report(line_width()))

    def _run_dot(self, name: str, argument: str = "") -> None:
        """Run a command that begins with a dot or a backslash."""
        match name:
            case ".help" | "\\?" | "\\h":
                talk(HELP)
            case ".tables" | "\\d":
                statement = ScriptStatement("SHOW TABLES", 0, is_ended=True)
                run_statement(
                    self._session, statement, statement.text, self._options, data_writer()
                )
            case ".format" if argument:
                self._options = replace(self._options, format=find_format(argument).name)
            case ".format":
                talk(self._options.format)
            case ".timer" if argument in {"on", "off"}:
                self._options = replace(self._options, is_timed=argument == "on")
            case _:
                talk(f"no command {name!r}; .help lists them")


@contextmanager
def stopping_by_interrupt(session: Session) -> Iterator[None]:
    """Let the first Ctrl-C cancel the running statement, and a second one break it off."""
    n_signals = 0

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal n_signals
        n_signals += 1
        if n_signals > 1:
            raise KeyboardInterrupt
        # Another thread, because this one may hold the lock that `cancel` needs.
        threading.Thread(target=session.cancel, daemon=True).start()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if sys.stdout is not None:
            sys.stdout.flush()
