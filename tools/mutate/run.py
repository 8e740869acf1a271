"""Run tests against mutants, each in a process of its own.

A server process has imported what all of them need, and nothing of `nn_ops`; each is a copy of it.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tools.mutate import child
from tools.mutate.mutants import Mutant, mutants_of
from tools.mutate.targets import EQUIVALENT, TARGETS, Target

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = ["_hypothesis_pytestplugin", "minidb.extension", "pytest", "tools.mutate.child"]
if sys.platform == "win32":  # which cannot copy a process
    PROCESSES = multiprocessing.get_context("spawn")
else:
    PROCESSES = multiprocessing.get_context("forkserver")
    PROCESSES.set_forkserver_preload(PRELOADED)
TIMEOUT_S = 120.0
"""A mutant that runs for longer than this counts as noticed: it loops."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant.

    Attributes
    ----------
    mutant : Mutant
    is_killed : bool
        Whether a test failed.
    """

    mutant: Mutant
    is_killed: bool


def source_of(target: Target) -> str:
    """Return the source of a target's module."""
    return (ROOT / f"{target.module.replace('.', '/')}.py").read_text(encoding="utf-8")


def all_mutants(targets: Sequence[Target] = TARGETS) -> list[tuple[Target, Mutant]]:
    """Return every mutant that a test must notice, target by target."""
    return [
        (target, mutant)
        for target in targets
        for mutant in mutants_of(target.module, source_of(target))
        if reason_for(mutant) is None
    ]


def reason_for(mutant: Mutant) -> str | None:
    """Return why no test can notice a mutant, or None where one must."""
    return EQUIVALENT.get((mutant.module, mutant.function, mutant.before, mutant.after))


def sample(n_mutants: int, seed: int = 0) -> list[tuple[Target, Mutant]]:
    """Return some mutants, the same ones each time, from as many modules as possible."""
    random = Random(seed)
    by_target = [all_mutants([target]) for target in TARGETS]
    chosen: list[tuple[Target, Mutant]] = []
    while len(chosen) < n_mutants and any(by_target):
        for mutants in random.sample(by_target, len(by_target)):
            if mutants and len(chosen) < n_mutants:
                chosen.append(mutants.pop(random.randrange(len(mutants))))
    return chosen


def verdicts(chosen: Sequence[tuple[Target, Mutant]], n_jobs: int) -> Iterator[Verdict]:
    """Yield what becomes of mutants, `n_jobs` interpreters at a time."""
    with ThreadPoolExecutor(n_jobs) as pool:
        yield from pool.map(lambda pair: Verdict(pair[1], is_killed(*pair)), chosen)


def is_killed(target: Target, mutant: Mutant) -> bool:
    """Return whether a test of the target notices the mutant."""
    return bool(run_tests(target, mutant.number)[0])


def run_tests(target: Target, number: int) -> tuple[int, str]:
    """Run a target's tests with one mistake in its module, or with none for a number of -1.

    Returns
    -------
    code : int
        What pytest returns; 1 when it took too long.
    said : str
        What pytest said.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.txt"
        tests = [str(ROOT / test) for test in target.tests]
        process = PROCESSES.Process(
            target=child.run_tests, args=(target.module, number, tests, str(report))
        )
        process.start()
        process.join(TIMEOUT_S)
        if process.exitcode is None:
            process.kill()
            process.join()
            return 1, f"still running after {TIMEOUT_S:.0f} s"
        return process.exitcode, report.read_text(encoding="utf-8")
