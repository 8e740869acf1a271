"""The page docs/sql/comparison.md: each function beside ClickHouse's, on random calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from minidb.database import build_registry
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from tools.oracle.answers import Answer
from tools.oracle.calls import aggregate_calls, scalar_calls
from tools.oracle.check import asked
from tools.oracle.engines import Engines
from tools.oracle.reasons import REASONS, kind_of_difference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sql" / "comparison.md"
N_CALLS = 20

INTRODUCTION = """# Functions beside ClickHouse's

Made by `python -m tools.oracle page`: for each function random calls, with arguments drawn by its
declaration, are answered here and by real ClickHouse (the package chdb {version}). *Equal* counts equal
types and values (floats to ten digits), *refused* the calls that both refuse. The last column says what
the differences are: an error on one side only, mostly at values out of range and at types that one of the two
does not take, or another value, with the reason or the first such call. Differences on purpose are listed in
[differences](differences.md). Functions that give something else at each call are compared by type.

{summary}

| function | family | calls | equal | refused | differ | which differences |
|---|---|---|---|---|---|---|
"""


@dataclass(slots=True)
class Line:
    """What came out for one function."""

    name: str
    family: str
    n_equal: int = 0
    n_refused: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    example: str = ""

    @property
    def n_different(self) -> int:
        """Return the number of calls that differ."""
        return self.kinds.total()

    @property
    def n_calls(self) -> int:
        """Return the number of calls."""
        return self.n_equal + self.n_refused + self.n_different

    def text(self) -> str:
        """Return the line of the table: kinds of differences, and the first, or the reason."""
        parts = [f"{n} {kind}" for kind, n in self.kinds.most_common()]
        if self.kinds and self.name in REASONS:
            parts.append(REASONS[self.name])
        elif self.example:
            parts.append(f"`{self.example}`")
        why = "; ".join(parts)
        cells = (f"`{self.name}`", self.family, self.n_calls, self.n_equal, self.n_refused)
        shown = [str(cell) for cell in (*cells, self.n_different, why.replace("|", "\\|"))]
        return f"| {' | '.join(shown)} |"


def functions() -> Iterator[ScalarFunction | AggregateFunction]:
    """Yield each function of the engine once, by name; ClickHouse has none of the extensions'."""
    registry = build_registry([]).functions
    found: dict[str, ScalarFunction | AggregateFunction] = {}
    found.update({function.name: function for function in registry.scalars()})
    found.update({function.name: function for function in registry.aggregates()})
    for name in sorted(found, key=str.lower):
        yield found[name]


def compare_function(engines: Engines, function: ScalarFunction | AggregateFunction) -> Line:
    """Run the calls of one function on both engines."""
    line = Line(function.name, function.family)
    is_scalar = isinstance(function, ScalarFunction)
    calls = (
        scalar_calls(function, N_CALLS)
        if isinstance(function, ScalarFunction)
        else aggregate_calls(function, N_CALLS)
    )
    has_values = not is_scalar or getattr(function, "is_deterministic", True)
    for sql in calls:
        ours, theirs = asked(engines.mine, sql), engines.theirs(sql)
        if ours.code > 0 and theirs.code:
            line.n_refused += 1
        elif is_equal(ours, theirs, has_values):
            line.n_equal += 1
        else:
            line.kinds[kind_of_difference(ours, theirs)] += 1
            line.example = line.example or sql
    return line


def is_equal(ours: Answer, theirs: Answer, has_values: bool) -> bool:
    """Whether two answers agree; without `has_values` their types alone count."""
    if ours.code or theirs.code or ours.types != theirs.types:
        return False
    return not has_values or ours.rows == theirs.rows


def page_text() -> str:
    """Return the page."""
    with Engines() as engines:
        lines = [compare_function(engines, function) for function in functions()]
        version = engines.theirs("SELECT version()").rows[0][0]
    n_calls = sum(line.n_calls for line in lines)
    n_different = sum(line.n_different for line in lines)
    unlike = sum(1 for line in lines if line.n_different)
    summary = (
        f"{len(lines)} functions, {n_calls} calls, {n_different} differences in {unlike} functions."
    )
    head = INTRODUCTION.format(version=version, summary=summary)
    return head + "\n".join(line.text() for line in lines) + "\n"


def write_page(is_check: bool, console: Console) -> int:
    """Write the page, or with `is_check` only say whether it is out of date."""
    found = page_text()
    is_old = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != found
    if is_old and not is_check:
        PAGE.write_text(found, encoding="utf-8")
    if is_old:
        console.print(f"{'out of date' if is_check else 'wrote'}: {PAGE.name}")
    return 1 if is_old and is_check else 0
