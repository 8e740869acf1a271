"""How the checks' findings are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.check.model import Check, Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One check that ran: what it found, and how long it took."""

    check: Check
    outcome: Outcome
    elapsed_s: float

    @property
    def verdict(self) -> str:
        """Return ``ok``, ``warned`` or ``REFUSED``."""
        if self.outcome.refused:
            return "REFUSED"
        return "warned" if self.outcome.warned else "ok"


def details(row: Row) -> str:
    """Return the findings of one check, one per line under its name; empty when it has none."""
    lines = [f"  {line}" for line in row.outcome.refused]
    lines += [f"  (warning) {line}" for line in row.outcome.warned]
    return "\n".join([f"{row.check.name}:", *lines]) if lines else ""


def summary(rows: Sequence[Row]) -> str:
    """Return the table of all checks.

    Parameters
    ----------
    rows : sequence of Row
        The checks that ran, in order.

    Returns
    -------
    str
        One line per check: name, what it looks at, verdict, seconds.
    """
    header = ("check", "looks at", "verdict", "seconds")
    cells = [(r.check.name, r.check.help, r.verdict, f"{r.elapsed_s:.1f}") for r in rows]
    widths = [max(len(row[i]) for row in (header, *cells)) for i in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (header, *cells)
    )
