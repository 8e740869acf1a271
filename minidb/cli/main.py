"""The ``minidb`` command: statements from arguments, files or standard input; or the shell."""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from minidb.cli.commands import command_names, find_command, run_command
from minidb.cli.output import (
    OutputClosedError,
    data_writer,
    drop_output,
    flush_output,
    line_width,
    talk,
)
from minidb.cli.run import ExitCode, RunOptions, run_script
from minidb.database import Database, Session
from minidb.errors import MiniDBError, StorageError
from minidb.formats.registry import find_format, main_names
from minidb.installed import installed_version
from minidb.statements.filled import text_of_parameter

PARAMETER_OPTION = "--param_"
COMMAND_NAME = re.compile(r"[a-z][a-z0-9_-]*")
EXIT_CODES = """\
exit codes: 0 ok, 1 a statement failed, 2 wrong usage, 3 cannot open, 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Lists subcommands and formats in its help, which alone needs to know them."""

    def format_help(self) -> str:
        """Return the help with subcommands, formats and exit codes."""
        names = command_names()
        listed = f"\ncommands (minidb COMMAND --help): {', '.join(names)}\n" if names else ""
        indent = " " * len("formats: ")
        formats = textwrap.fill("formats: " + ", ".join(main_names()), 78, subsequent_indent=indent)
        return f"{super().format_help()}{listed}\n{formats}\n\n{EXIT_CODES}"


class _AppendSource(argparse.Action):
    """Collects ``-c`` and ``-f`` in the order in which they stand."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Append the kind and the value."""
        namespace.sources = [*(namespace.sources or []), (self.dest, values)]


class _Version(argparse.Action):
    """Prints the version, which is looked up only then."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Print and leave."""
        print(f"minidb {installed_version()}")
        parser.exit()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command without a subcommand."""
    parser = _Parser(
        prog="minidb",
        description="Run SQL on a columnar database; without -c and -f, a shell.",
        epilog="a first argument that names both a command and a folder is the command; "
        "write ./name for the folder; --param_name=VALUE gives {name:Type} its value",
    )
    parser.set_defaults(sources=[])
    parser.add_argument(
        "path", nargs="?", default=":memory:", metavar="PATH",
        help="the database, a folder (default: in memory)",
    )  # fmt: skip
    parser.add_argument(
        "-c", "--command", dest="command", action=_AppendSource, metavar="SQL",
        help="run statements; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "-f", "--file", dest="file", action=_AppendSource, metavar="FILE",
        help="run the statements of a file, - for standard input; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "--format", type=_format_name, metavar="NAME",
        help="how rows are written (default: PrettyCompact on a terminal, else TabSeparated)",
    )  # fmt: skip
    parser.add_argument(
        "--on-error", choices=("stop", "continue"), default="stop",
        help="what to do after a statement that fails (default: stop)",
    )  # fmt: skip
    parser.add_argument("--time", action="store_true", help="tell rows and seconds on stderr")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    return parser


def _format_name(name: str) -> str:
    """Return a format's name, checked."""
    try:
        return find_format(name).name
    except MiniDBError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise argparse.ArgumentTypeError(f"{error.message}{hint}") from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those of the process.

    Returns
    -------
    int
        The exit code: 0 ok, 1 a statement failed, 2 wrong usage, 3 cannot open, 130 interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = int(_dispatch(given))
        flush_output()
        return code
    except SystemExit as end:
        # argparse leaves this way: 0 after help, 2 after wrong usage.
        return end.code if isinstance(end.code, int) else ExitCode.USAGE
    except KeyboardInterrupt:
        talk("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return ExitCode.OK
    except OutputClosedError:
        talk("standard output is closed")
        return ExitCode.QUERY_ERROR
    except OSError as error:
        # Files of databases have errors of their own; what is left is standard output.
        drop_output()
        talk(f"cannot write to standard output: {error.strerror}")
        return ExitCode.QUERY_ERROR
    except MiniDBError as error:
        talk(error.report(line_width()))
        return ExitCode.QUERY_ERROR


def _dispatch(arguments: list[str]) -> int:
    """Run a subcommand if the first argument names one, else statements or the shell."""
    if arguments and COMMAND_NAME.fullmatch(arguments[0]):
        entry = find_command(arguments[0])
        if entry is not None:
            return run_command(entry, arguments[1:])
    parameters, arguments = split_parameters(arguments)
    options = make_parser().parse_args(arguments)
    try:
        database = Database.open(options.path)
    except StorageError as error:
        talk(error.report(line_width()))
        return ExitCode.CANNOT_OPEN
    try:
        session = database.session()
        session.state.parameters.update(parameters)
        return _run(session, options)
    finally:
        database.close()


def split_parameters(arguments: list[str]) -> tuple[dict[str, str | None], list[str]]:
    """Return the values of ``--param_name=value`` by name, and the other arguments."""
    parameters: dict[str, str | None] = {}
    others: list[str] = []
    for argument in arguments:
        name, mark, text = argument.partition("=")
        if mark and name.startswith(PARAMETER_OPTION):
            parameters[name.removeprefix(PARAMETER_OPTION)] = text_of_parameter(text)
        else:
            others.append(argument)
    return parameters, others


def _run(session: Session, options: argparse.Namespace) -> int:
    """Run the statements given, those of standard input, or the shell."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    run_options = RunOptions(
        options.format or ("PrettyCompact" if is_terminal else "TabSeparated"),
        stops_on_error=options.on_error == "stop",
        is_timed=options.time,
        shows_progress=sys.stderr is not None and sys.stderr.isatty(),
    )
    sources: list[tuple[str, str]] = options.sources
    if not sources:
        if sys.stdin is not None and sys.stdin.isatty():
            # The shell's libraries are loaded for the shell alone.
            shell: Callable[[Session, RunOptions, str], int]
            shell = import_module("minidb.cli.shell").run_shell
            return shell(session, run_options, options.path)
        sources = [("file", "-")]
    return _run_sources(session, sources, run_options)


def _run_sources(session: Session, sources: list[tuple[str, str]], options: RunOptions) -> ExitCode:
    """Run every source; the worst that happened is the exit code."""
    code = ExitCode.OK
    # Standard input is the data of INSERT ... FORMAT, unless it holds the statements.
    if ("file", "-") not in sources and sys.stdin is not None and not sys.stdin.isatty():
        options = replace(options, read_input=sys.stdin.buffer.read)
    for kind, value in sources:
        try:
            script = value if kind == "command" else read_script(value)
        except OSError as error:
            talk(f"cannot read {value!r}: {os.strerror(error.errno or 0)}")
            return ExitCode.CANNOT_OPEN
        code = max(code, run_script(session, script, options, data_writer()))
        if code and options.stops_on_error:
            return code
    return code


def read_script(name: str) -> str:
    """Return the text of a file, or of standard input for ``-``."""
    if name == "-":
        raw = sys.stdin.buffer.read() if sys.stdin is not None else b""
    else:
        with open(name, "rb") as file:
            raw = file.read()
    return raw.decode("utf-8-sig", "surrogateescape")
