"""The command ``python -m tools.check``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tools.check.catalog import CHECKS
from tools.check.model import Check
from tools.check.nightly import SEARCHES, nightly
from tools.check.report import Row, details, summary

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks and print what they found.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; by default the real one.

    Returns
    -------
    int
        0 when nothing is refused, else 1.
    """
    options = parser().parse_args(arguments)
    known = [one.name for one in (SEARCHES if options.nightly else CHECKS)]
    for name in options.only or ():
        if name not in known:
            parser().error(f"--only is one of {', '.join(known)}, not {name}")
    if options.nightly:
        return nightly(ROOT, options.only or ())
    chosen = [check for check in CHECKS if not options.only or check.name in options.only]
    rows: list[Row] = []
    for check in chosen:
        rows.append(run(check))
        found = details(rows[-1])
        if found:
            print(found, end="\n\n", flush=True)
    print(summary(rows))
    return int(any(row.outcome.refused for row in rows))


def run(check: Check) -> Row:
    """Run one check on this project and time it."""
    start = perf_counter()
    outcome = check.run(ROOT)
    return Row(check, outcome, perf_counter() - start)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    lines = [f"  {check.name:<10} {check.help}" for check in CHECKS]
    lines += ["searches of nightly:"]
    lines += [f"  {search.name:<10} {search.help}" for search in SEARCHES]
    made = argparse.ArgumentParser(
        prog="python -m tools.check",
        description="Run every check but the tests.",
        epilog="\n".join(["checks:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "nightly",
        nargs="?",
        choices=["nightly"],
        help="run the long searches instead, and write what they said into docs/nightly.md",
    )
    made.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="run this check or search alone; may be given several times",
    )
    return made


if __name__ == "__main__":
    sys.exit(main())
