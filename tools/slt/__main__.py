"""``python -m tools.slt PATH...``: run SQLLogicTest files and report what differs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.slt.engines import ENGINES
from tools.slt.run import Report, files_below, run_file

EXIT_OK, EXIT_FAILED, EXIT_USAGE = 0, 1, 2


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.slt",
        description="Run SQLLogicTest files; folders are searched for *.slt and *.test.",
        epilog="exit codes: 0 all passed, 1 something failed, 2 wrong usage",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument(
        "--engine", action="append", choices=[*ENGINES, "both"], metavar="NAME",
        help=f"{', '.join(ENGINES)}; both (the default) is minidb on its two stores",
    )  # fmt: skip
    parser.add_argument(
        "--flavour", default="mysql", metavar="NAME",
        help="the name that skipif and onlyif mean this engine by (default: mysql)",
    )  # fmt: skip
    parser.add_argument(
        "--max-failures", type=int, default=20, metavar="N", help="failures to show per file"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="show failing files alone")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    options = make_parser().parse_args(arguments)
    missing = [path for path in options.paths if not path.exists()]
    if missing:
        print(f"no such file: {missing[0]}", file=sys.stderr)
        return EXIT_USAGE
    chosen = options.engine or ["both"]
    names = ["minidb", "minidb-folder"] if "both" in chosen else chosen
    total = Report()
    for path in files_below(options.paths):
        for name in names:
            report = _run(path, name, options.flavour.lower())
            total.add(report)
            if report.failures or not options.quiet:
                print(f"{path} [{name}]: {report.line}")
            for failure in report.failures[: options.max_failures]:
                print(f"  {failure}")
    n_done = total.n_passed + len(total.failures)
    rate = n_done / total.elapsed_s if total.elapsed_s else 0.0
    print(f"total: {total.line}; {total.elapsed_s:.1f} s, {rate:.0f} a second")
    return EXIT_FAILED if total.failures else EXIT_OK


def _run(path: Path, name: str, flavour: str) -> Report:
    """Run one file on a fresh engine."""
    engine = ENGINES[name]()
    try:
        return run_file(path, engine, {name, name.partition("-")[0], flavour})
    finally:
        engine.close()


if __name__ == "__main__":
    sys.exit(main())
