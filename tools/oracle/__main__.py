"""``python -m tools.oracle``: run scripts side by side, fuzz the engine, write the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from tools.oracle.cases import KINDS
from tools.oracle.check import Judge
from tools.oracle.engines import ENGINES
from tools.oracle.fuzz import fuzz, report
from tools.oracle.page import write_page
from tools.oracle.run import run_file

ALWAYS = 1 << 62


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says, and return the exit code."""
    options = parser().parse_args(arguments)
    console = Console()
    match options.command:
        case "run":
            against = None if options.against == "none" else options.against
            return run_file(options.file, against, console)
        case "fuzz":
            n_cases = options.cases or (ALWAYS if options.time is not None else 1000)
            seeds = range(options.seed, options.seed + n_cases)
            kinds = tuple(options.kind or KINDS)
            with Judge(with_clickhouse="differential" in kinds) as judge:
                tally = fuzz(judge, seeds, kinds, options.time)
            return report(tally, options.out, console)
        case _:
            return write_page(options.check, console)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    root = argparse.ArgumentParser(prog="python -m tools.oracle", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run a script on minidb and another engine")
    run.add_argument("file", type=Path)
    run.add_argument("--against", choices=[*ENGINES, "none"], default="clickhouse")
    fuzzing = commands.add_parser("fuzz", help="random cases; a failure becomes a script")
    fuzzing.add_argument("--seed", type=int, default=0)
    fuzzing.add_argument("--cases", type=int, help="how many (1000, or no limit with --time)")
    fuzzing.add_argument("--time", type=float, help="seconds")
    fuzzing.add_argument("--kind", action="append", choices=KINDS)
    fuzzing.add_argument("--out", type=Path, default=Path("oracle-failures"))
    page = commands.add_parser("page", help="write docs/sql/comparison.md")
    page.add_argument("--check", action="store_true", help="write nothing; fail if it is old")
    return root


if __name__ == "__main__":
    sys.exit(main())
