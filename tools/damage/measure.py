"""Damaging many queries, and the figures: how far the reported place is from the true one."""

from __future__ import annotations

import random
import re
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from minidb.errors import MiniDBError
from tools.damage.corpus import open_session, planned, queries
from tools.damage.damage import TOKEN, Damaged, damage

NEAR = 10
MAX_EXPECTED = 5
LISTED = re.compile(r"^expected (.*), found ")


@dataclass(frozen=True, slots=True)
class Report:
    """One damaged query and what was said about it; distance None where no place was given."""

    damaged: Damaged
    error: MiniDBError
    distance: int | None


@dataclass(slots=True)
class Figures:
    """What came out of damaging queries.

    Parameters
    ----------
    reports : list of Report
        The damaged queries that are errors.
    n_valid : int
        Those that are still queries, which have no place.
    """

    reports: list[Report] = field(default_factory=list)
    n_valid: int = 0

    @property
    def distances(self) -> list[int]:
        """Return all distances; an error without a place counts as the length of its query."""
        return [
            len(report.damaged.text) if report.distance is None else report.distance
            for report in self.reports
        ]

    @property
    def median(self) -> float:
        """Return the median distance in characters."""
        return statistics.median(self.distances)

    @property
    def near_share(self) -> float:
        """Return the share of errors at most `NEAR` characters away."""
        return sum(distance <= NEAR for distance in self.distances) / len(self.distances)

    @property
    def most_expected(self) -> int:
        """Return the largest number of things that one message says were expected."""
        counts = [0]
        for report in self.reports:
            listed = LISTED.match(report.error.message)
            if listed is not None:
                counts.append(len(re.split(r" or |(?<!'), ", listed[1])))
        return max(counts)

    def table(self) -> str:
        """Return the figures as Markdown, kind by kind."""
        kinds: dict[str, list[int]] = defaultdict(list)
        for report, distance in zip(self.reports, self.distances, strict=True):
            kinds[report.damaged.kind].append(distance)
        kinds["all"] = self.distances
        hints = Counter(r.damaged.kind for r in self.reports if r.error.hint)
        hints["all"] = sum(hints.values())
        lines = [
            "| damage | errors | median distance | within 10 | with a hint |",
            "|---|--:|--:|--:|--:|",
        ]
        for kind in sorted(kinds, key=lambda name: (name == "all", name)):
            found = kinds[kind]
            near = sum(distance <= NEAR for distance in found) / len(found)
            hinted = hints[kind] / len(found)
            lines.append(
                f"| {kind} | {len(found):,} | {statistics.median(found):g} | {near:.0%} "
                f"| {hinted:.0%} |"
            )
        return "\n".join(lines)

    def summary(self) -> str:
        """Return the figures that count, in one sentence."""
        return (
            f"Median {self.median:g}, {self.near_share:.1%} within {NEAR} characters; at most "
            f"{self.most_expected} things are said to be expected. {self.n_valid:,} more damaged "
            "queries were still valid."
        )


def measure(n_errors: int, seed: int) -> Figures:
    """Damage queries until so many are errors, and return the figures."""
    rng = random.Random(seed)
    session = open_session()
    corpus = queries(session)
    tokens = sorted({token for sql in corpus for token in TOKEN.findall(sql)})
    figures = Figures()
    while len(figures.reports) < n_errors:
        damaged = damage(rng.choice(corpus), tokens, rng)
        error = planned(session, damaged.text)
        if error is None:
            figures.n_valid += 1
            continue
        distance = None if error.span is None else damaged.distance(error.span.start)
        figures.reports.append(Report(damaged, error, distance))
    return figures
