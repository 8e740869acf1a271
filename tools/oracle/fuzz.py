"""``python -m tools.oracle fuzz``: random cases until one fails, which is made small and kept."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console

from tools.oracle.cases import KINDS, Case, Kind
from tools.oracle.check import Judge
from tools.oracle.generate import make_case
from tools.oracle.script import write_script
from tools.oracle.shrink import shrink


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that does not hold, made small."""

    seed: int
    case: Case
    difference: str


@dataclass(slots=True)
class Tally:
    """How many cases of each kind were compared, and how many engines refused."""

    compared: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


def fuzz(
    judge: Judge,
    seeds: range,
    kinds: Sequence[Kind] = KINDS,
    most_s: float | None = None,
    most_failures: int = 10,
) -> Tally:
    """Run the cases of some seeds; each seed gives one case, and its kind by turns.

    Parameters
    ----------
    judge : Judge
        Runs the cases.
    seeds : range
        Equal seeds give equal cases.
    kinds : sequence of str
        What is checked.
    most_s : float, optional
        Seconds after which no new case begins.
    most_failures : int
        Failures after which no new case begins.
    """
    tally = Tally()
    end = None if most_s is None else time.monotonic() + most_s
    for seed in seeds:
        if (end is not None and time.monotonic() > end) or len(tally.failures) >= most_failures:
            break
        kind = kinds[seed % len(kinds)]
        case = make_case(seed, kind)
        verdict = judge.verdict(case)
        if verdict.is_skipped:
            tally.skipped[kind] += 1
            continue
        tally.compared[kind] += 1
        if verdict.difference:
            small = shrink(case, partial(_fails_alike, judge, verdict.is_error))
            difference = judge.verdict(small).difference
            tally.failures.append(Failure(seed, small, difference))
    return tally


def _fails_alike(judge: Judge, is_error: bool, case: Case) -> bool:
    """Whether a case fails as the one it comes from: wrong rows do not become an error."""
    verdict = judge.verdict(case)
    return bool(verdict.difference) and verdict.is_error == is_error


def report(tally: Tally, folder: Path, console: Console) -> int:
    """Print the numbers, write each failure as a script, and return the exit code."""
    for kind in KINDS:
        if tally.compared[kind] or tally.skipped[kind]:
            n_skipped = tally.skipped[kind]
            console.print(f"{kind:14} {tally.compared[kind]:6} compared {n_skipped:6} refused")
    for failure in tally.failures:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{failure.case.kind}-{failure.seed}.sql"
        path.write_text(write_script(failure.case, failure.difference, failure.seed))
        console.print(f"[red]{failure.case.kind}[/red], seed {failure.seed}: {path}")
        console.print(failure.difference, markup=False)
    return 1 if tally.failures else 0
