"""``python -m tools.mutate``: make kernels wrong, one mistake at a time, and see a test fail."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tools.mutate.run import all_mutants, run_tests, sample, verdicts
from tools.mutate.targets import TARGETS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tests against mutants and print those that no test notices.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program's name; by default the real one.

    Returns
    -------
    int
        0 when a test noticed every mutant, 1 when one survived, 2 when the tests fail as it is.
    """
    options = parser().parse_args(arguments)
    targets = [t for t in TARGETS if not options.module or t.module in options.module]
    chosen = sample(options.sample) if options.sample else all_mutants(targets)
    if options.list:
        for _, mutant in chosen:
            print(mutant)
        return 0
    for target in [] if options.sample else targets:
        code, said = run_tests(target, -1)
        if code:
            print(f"the tests of {target.module} fail without a mistake:\n{said[-2000:]}")
            return 2
    survivors = []
    for verdict in verdicts(chosen, options.jobs):
        print("." if verdict.is_killed else "S", end="", flush=True)
        if not verdict.is_killed:
            survivors.append(verdict.mutant)
    print(f"\n{len(chosen)} mistakes, {len(survivors)} not noticed")
    for mutant in survivors:
        print(mutant)
    return int(bool(survivors))


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    made = argparse.ArgumentParser(prog="python -m tools.mutate", description=__doc__)
    made.add_argument(
        "--module",
        action="append",
        choices=[target.module for target in TARGETS],
        metavar="NAME",
        help="make this module wrong alone; may be given several times",
    )
    made.add_argument("--sample", type=int, metavar="N", help="N mistakes, the same each time")
    made.add_argument("--jobs", type=int, default=2, metavar="N", help="processes at a time (2)")
    made.add_argument("--list", action="store_true", help="print the mistakes and make none")
    return made


if __name__ == "__main__":
    sys.exit(main())
