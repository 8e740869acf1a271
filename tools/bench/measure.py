"""Measuring: contenders take turns, the best of several rounds counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a benchmark's report.

    Parameters
    ----------
    name : str
        What was measured.
    seconds : float
        The best round of minidb.
    peer : str
        Who else ran it, empty when nobody did.
    peer_seconds : float or None
        The peer's best round, in the same run.
    limit_s : float or None
        The most that minidb may take, where a figure is promised.
    max_ratio : float or None
        The most that minidb may take, in units of the peer's time.
    """

    name: str
    seconds: float
    peer: str = ""
    peer_seconds: float | None = None
    limit_s: float | None = None
    max_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return minidb's time over the peer's; below 1 minidb is faster."""
        return None if self.peer_seconds is None else self.seconds / self.peer_seconds

    @property
    def is_met(self) -> bool:
        """Whether what is promised holds in this run."""
        in_time = self.limit_s is None or self.seconds <= self.limit_s
        ratio = self.ratio
        return in_time and (self.max_ratio is None or ratio is None or ratio <= self.max_ratio)


def best_of(
    contenders: Mapping[str, Callable[[], object]], rounds: int = ROUNDS, calls: int = 1
) -> dict[str, float]:
    """Return the best seconds of each contender, after one round to warm up.

    Parameters
    ----------
    contenders : mapping
        What to run, by name; they take turns.
    rounds : int
    calls : int
        How often each runs in its turn, so that it need not find the caches as its rival left them.
    """
    best = dict.fromkeys(contenders, float("inf"))
    for round_number in range(rounds + 1):
        for name, run in contenders.items():
            for _ in range(calls):
                start = time.perf_counter()
                run()
                elapsed_s = time.perf_counter() - start
                if round_number:
                    best[name] = min(best[name], elapsed_s)
    return best
