"""``python -m tools.bench [NAME ...]``: run benchmarks and print what was measured."""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tools.bench import demo, memory, networks, sql, sqlite_race, start_and_parse, xnor
from tools.bench.measure import Row

BENCHES: dict[str, Callable[[], list[Row]]] = {
    "start": start_and_parse.run,
    "sqlite": sqlite_race.run,
    "demo": demo.run,
    "sql": sql.run,
    "memory": memory.run,
    "xnor": xnor.run,
    "networks": networks.run,
}

DEFAULT = ("start", "sqlite", "demo")
"""What runs when nothing is named: what takes seconds, and needs no other engine."""


def main() -> int:
    """Run the named benchmarks, or the quick ones; return 1 when a promised figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--prototype", type=Path, metavar="FILE", help="kernels that `xnor` is raced against"
    )
    options = parser.parse_args()
    benches = BENCHES | {"xnor": lambda: xnor.run(options.prototype)}
    unknown = sorted(set(options.names) - set(BENCHES))
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(BENCHES)}")
    print(
        f"Python {platform.python_version()}, NumPy {version('numpy')}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.machine()}"
    )
    rows: list[Row] = []
    for name in options.names or DEFAULT:
        found = benches[name]()
        rows += found
        for row in found:
            print(line(row))
    if options.json is not None:
        report = [{**asdict(row), "ratio": row.ratio, "is_met": row.is_met} for row in rows]
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0 if all(row.is_met for row in rows) else 1


def line(row: Row) -> str:
    """Return one row as text."""
    text = f"{row.name:<42} {row.seconds * 1e3:>10.1f} ms"
    if row.peer_seconds is not None:
        text += f"   {row.peer} {row.peer_seconds * 1e3:.1f} ms, ratio {row.ratio:.2f}"
    if row.limit_s is not None:
        text += f"   (at most {row.limit_s * 1e3:.0f} ms)"
    return text + ("" if row.is_met else "   MISSED")


if __name__ == "__main__":
    sys.exit(main())
