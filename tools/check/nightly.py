"""``python -m tools.check nightly``: the long searches, and what they said, as a page of the docs."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

PAGE = Path("docs/nightly.md")
PACKAGES = ("numpy", "torch", "chdb", "hypothesis")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=nightly")
N_LINES = 12


@dataclass(frozen=True, slots=True)
class Search:
    """One long search.

    Attributes
    ----------
    name : str
    help : str
        One line.
    arguments : tuple of str
        What follows ``python`` on the command line.
    """

    name: str
    help: str
    arguments: tuple[str, ...]


SEARCHES = (
    Search(
        "networks",
        "whole networks: wider, pruned, every form against PyTorch and ClickHouse",
        (*PYTEST, "-m", "nightly", "tests/differential/test_families_torch.py",
         "tests/differential/test_sql_forms_families.py",
         "tests/differential/test_digits_sql.py", "tests/differential/test_smartlite_sql.py",
         "tests/unit/quant", "tests/unit/tools/test_bench_networks.py"),
    ),
    Search("mutants", "every mistake in the kernels, one at a time", ("-m", "tools.mutate")),
    Search(
        "faults",
        "every call to the file system fails, is cut short, or is lost",
        (*PYTEST, "-m", "nightly", "tests/faults"),
    ),
    Search(
        "queries",
        "random queries beside ClickHouse, functions on all their values, memory",
        (*PYTEST, "-m", "nightly", "tests/differential/generated",
         "tests/differential/test_functions_numbers.py", "tests/unit/execution"),
    ),
    Search(
        "properties",
        "every property on ten times as many new examples",
        (*PYTEST, "-m", "not nightly", "tests/properties"),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """How a search ended."""

    search: Search
    code: int
    seconds: float
    last_lines: tuple[str, ...]


def nightly(root: Path, only: Sequence[str]) -> int:
    """Run the searches, write the page, and return 0 when all of them passed, else 1.

    Parameters
    ----------
    root : Path
        Of the project.
    only : sequence of str
        Names of searches; empty for all. The page then tells which were not run.
    """
    results: list[Said] = []
    for search in SEARCHES:
        if only and search.name not in only:
            continue
        print(f"{search.name}: {search.help}", flush=True)
        results.append(_run(root, search))
        print("\n".join(results[-1].last_lines), flush=True)
        (root / PAGE).write_text(page(results), encoding="utf-8")
    return int(any(said.code for said in results))


def _run(root: Path, search: Search) -> Said:
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, *search.arguments],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
    shown = lines[-1:] if done.returncode == 0 else lines[-N_LINES:]
    return Said(search, done.returncode, perf_counter() - start, tuple(shown))


def page(results: Sequence[Said]) -> str:
    """Return the page that tells what a run said."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    ran = {said.search.name for said in results}
    left_out = [search.name for search in SEARCHES if search.name not in ran]
    lines = [
        "# The last nightly run",
        "",
        "Written by `python -m tools.check nightly`, which runs what is too long for every change.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {versions}, "
        f"{platform.machine()}",
    ]
    for said in results:
        command = " ".join(f'"{part}"' if " " in part else part for part in said.search.arguments)
        lines += [
            "",
            f"## {said.search.name}: {'passed' if said.code == 0 else 'FAILED'}",
            "",
            f"{said.search.help[0].upper()}{said.search.help[1:]}; {said.seconds:,.0f} s.",
            "",
            "```text",
            f"$ python {command}",
            *said.last_lines,
            "```",
        ]
    if left_out:
        lines += ["", f"Not part of this run: {', '.join(left_out)}."]
    return "\n".join(lines) + "\n"
