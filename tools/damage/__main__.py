"""``python -m tools.damage``: damage valid queries and measure where errors point."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.damage.measure import Report, measure

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sql" / "errors.md"
BEGIN, END = "<!-- figures begin -->", "<!-- figures end -->"


def main() -> int:
    """Print the figures, and the reports that are furthest off."""
    parser = argparse.ArgumentParser(prog="python -m tools.damage", description=__doc__)
    parser.add_argument("-n", type=int, default=2000, help="how many errors (2000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (1)")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show N far-off reports")
    parser.add_argument("--write", action="store_true", help="put the figures into the docs")
    options = parser.parse_args()
    figures = measure(options.n, options.seed)
    pairs = sorted(zip(figures.distances, figures.reports, strict=True), key=lambda pair: -pair[0])
    for distance, report in pairs[: options.worst]:
        print(_shown(distance, report))
    text = f"{figures.table()}\n\n{figures.summary()}\n"
    print(text, end="")
    if options.write:
        command = f"python -m tools.damage -n {options.n} --seed {options.seed} --write"
        _write(f"`{command}` wrote this.\n\n{text}")
    return 0


def _write(text: str) -> None:
    """Put the figures between the marks of the page about errors."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    behind = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}{END}{behind}", encoding="utf-8")


def _shown(distance: int, report: Report) -> str:
    """Return one report with the true place marked."""
    damaged, error = report.damaged, report.error
    error.sql = damaged.text
    mark = " " * damaged.start + "!" * max(1, damaged.end - damaged.start)
    return (
        f"--- {damaged.kind}, {distance} away\n  {damaged.text}\n  {mark}\n{error.report(1000)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
