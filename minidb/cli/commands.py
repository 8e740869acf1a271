"""Subcommands: entry points that extensions register, loaded only when they are named."""

from __future__ import annotations

import argparse

import minidb
from minidb.cli.output import talk
from minidb.cli.run import ExitCode
from minidb.extension import Command
from minidb.installed import InstalledPoint, entry_points

COMMAND_GROUP = "minidb.commands"


def command_names() -> list[str]:
    """Return the names of all subcommands; none of them is loaded."""
    return sorted({entry.name for entry in entry_points(COMMAND_GROUP)})


def find_command(name: str) -> InstalledPoint | None:
    """Return the entry point of that name, if there is one."""
    found = [entry for entry in entry_points(COMMAND_GROUP) if entry.name == name]
    return found[0] if found else None


def run_command(entry: InstalledPoint, arguments: list[str]) -> int:
    """Load a subcommand and run it with the rest of the command line.

    Returns
    -------
    int
        Its exit code; USAGE when it cannot be loaded.
    """
    try:
        command: Command = entry.load()
    except (ImportError, AttributeError) as error:
        talk(f"command {entry.name!r} cannot be loaded: {error}")
        return ExitCode.USAGE
    if isinstance(command, type) or not callable(getattr(command, "run", None)):
        talk(f"command {entry.name!r} is no object with a method `run`: {entry.value!r}")
        return ExitCode.USAGE
    parser = argparse.ArgumentParser(
        prog=f"minidb {entry.name}",
        description=command.help,
        conflict_handler="resolve",  # a command may declare --db in its own words
    )
    parser.add_argument(
        "--db", metavar="PATH", default=":memory:", help="the database (default: in memory)"
    )
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments), minidb.connect) or ExitCode.OK
