"""Running the records of one file on one engine."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.slt.engines import Engine, EngineError
from tools.slt.records import (
    Halt,
    Query,
    Record,
    SltSyntaxError,
    Statement,
    Threshold,
    parse_records,
)
from tools.slt.values import flat_values, hashed, is_hash

MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that did not do what the file says."""

    path: Path
    line: int
    sql: str
    message: str

    def __str__(self) -> str:
        sql = " ".join(self.sql.split())
        return f"{self.path}:{self.line}: {self.message}\n    {sql[:MAX_SHOWN]}"


@dataclass(slots=True)
class Report:
    """What happened to the records of a file, or of several.

    Parameters
    ----------
    n_passed : int
        Statements and queries that did what the file says.
    failures : list of Failure
        Those that did not.
    skipped : Counter of str
        How many were left out, by reason.
    elapsed_s : float
        Seconds that the run took.
    """

    n_passed: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    elapsed_s: float = 0.0

    def add(self, other: Report) -> None:
        """Count another report in."""
        self.n_passed += other.n_passed
        self.failures += other.failures
        self.skipped += other.skipped
        self.elapsed_s += other.elapsed_s

    @property
    def line(self) -> str:
        """Return the counts."""
        skips = ", ".join(f"{count} {reason}" for reason, count in sorted(self.skipped.items()))
        counts = f"{self.n_passed} passed, {len(self.failures)} failed"
        return f"{counts}, {self.skipped.total()} skipped{f' ({skips})' if skips else ''}"


class Runner:
    """Runs one file.

    Parameters
    ----------
    path : Path
        For messages.
    engine : Engine
        Fresh; the caller closes it.
    names : collection of str
        What ``skipif`` and ``onlyif`` call this engine.
    """

    def __init__(self, path: Path, engine: Engine, names: Collection[str]) -> None:
        self.path, self.engine, self.names = path, engine, names
        self.report = Report()
        self._labels: dict[str, list[str]] = {}

    def run(self, records: list[Record]) -> Report:
        """Run records up to the end or a ``halt``."""
        start = time.perf_counter()
        for place, record in enumerate(records):
            reason = self._reason_to_skip(record)
            if isinstance(record, Halt) and reason is None:
                rest = sum(isinstance(r, Statement | Query) for r in records[place + 1 :])
                self.report.skipped += Counter({"behind halt": rest} if rest else {})
                break
            if isinstance(record, Halt | Threshold):
                continue
            if reason is not None:
                self.report.skipped[reason] += 1
                continue
            message = (
                self._statement(record) if isinstance(record, Statement) else self._query(record)
            )
            if message is None:
                self.report.n_passed += 1
            else:
                failure = Failure(self.path, record.line, record.sql, message)
                self.report.failures.append(failure)
        self.report.elapsed_s = time.perf_counter() - start
        return self.report

    def _reason_to_skip(self, record: Record) -> str | None:
        """Return why a record is not for this engine, None if it is."""
        for kind, engine in record.conditions:
            if (engine.lower() in self.names) == (kind == "skipif"):
                return f"{kind} {engine}"
        return None

    def _statement(self, record: Statement) -> str | None:
        """Run a statement and return what is wrong with its outcome."""
        try:
            self.engine.run(record.sql)
        except EngineError as error:
            if record.is_ok:
                return f"failed: {error}"
            if record.error and record.error not in str(error):
                return f"expected an error with {record.error!r}, got: {error}"
            return None
        return None if record.is_ok else "expected an error, but it ran"

    def _query(self, record: Query) -> str | None:
        """Run a query and return what is wrong with its values."""
        try:
            n_columns, rows = self.engine.run(record.sql)
        except EngineError as error:
            return f"failed: {error}"
        if n_columns != len(record.types):
            return f"expected {len(record.types)} columns, got {n_columns}"
        values = flat_values(rows, record.types, record.sort)
        message = self._compare(record, values)
        if message is None and record.label:
            known = self._labels.setdefault(record.label, values)
            if known != values:
                return f"differs from the first query with label {record.label}"
        return message

    @staticmethod
    def _compare(record: Query, values: list[str]) -> str | None:
        if is_hash(record.expected):
            found = hashed(values)
            return None if found == record.expected[0].strip() else f"got {found}"
        expected = [line.rstrip() for line in record.expected]
        if [value.rstrip() for value in values] == expected:
            return None
        # Some files write a row per line.
        width = len(record.types)
        lines = [" ".join(values[at : at + width]) for at in range(0, len(values), width)]
        if width > 1 and [" ".join(line.split()) for line in expected] == lines:
            return None
        shown, wanted = ", ".join(values), ", ".join(expected)
        return f"expected {wanted[:MAX_SHOWN]}\n    got {shown[:MAX_SHOWN]}"


def files_below(paths: Collection[Path]) -> Iterator[Path]:
    """Yield files, and those of folders that end in ``.slt``, ``.test`` or ``.slt.no``, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in {".slt", ".test"})
        else:
            yield path


def run_file(path: Path, engine: Engine, names: Collection[str]) -> Report:
    """Run one file; text that is not in the format is one failure."""
    try:
        records = parse_records(path.read_text(encoding="utf-8", errors="surrogateescape"))
    except SltSyntaxError as error:
        return Report(failures=[Failure(path, 0, "", str(error))])
    return Runner(path, engine, names).run(records)
