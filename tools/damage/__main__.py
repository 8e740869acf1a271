"""``python -m tools.damage``: damage valid queries and measure where errors point."""

from __future__ import annotations

import argparse
import sys

from tools.damage.measure import Report, measure


def main() -> int:
    """Print the figures, and the reports that are furthest off."""
    parser = argparse.ArgumentParser(prog="python -m tools.damage", description=__doc__)
    parser.add_argument("-n", type=int, default=2000, help="how many errors (2000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers (1)")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show N far-off reports")
    options = parser.parse_args()
    figures = measure(options.n, options.seed)
    pairs = sorted(zip(figures.distances, figures.reports, strict=True), key=lambda pair: -pair[0])
    for distance, report in pairs[: options.worst]:
        print(_shown(distance, report))
    print(figures.table())
    print(f"\nmedian {figures.median:g}, within 10: {figures.near_share:.1%}, ", end="")
    print(f"at most {figures.most_expected} expected, still valid: {figures.n_valid:,}")
    return 0


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
