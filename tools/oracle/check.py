"""Whether a case holds: what its queries answer, and how the answers differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.oracle.answers import Answer, same_rows
from tools.oracle.cases import Case
from tools.oracle.engines import ClickHouseEngine, Engine, MinidbEngine
from tools.oracle.tables import TABLE_NAMES

NOT_IMPLEMENTED = 48
# What ClickHouse answers with a Variant, or with a type of its own, minidb refuses.
NO_COMMON_TYPE = 386
LEAKED = -2

# What Python raises for a slip in the engine; that one comes out is a failure of every case.
LEAKS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out of a case.

    Parameters
    ----------
    difference : str
        Empty where the property holds.
    is_skipped : bool
        Whether there was nothing to compare: a query that the engines refuse.
    is_error : bool
        Whether one side failed instead of giving rows.
    """

    difference: str = ""
    is_skipped: bool = False
    is_error: bool = False


class Judge:
    """Runs cases, one after the other, on engines that stay open.

    Parameters
    ----------
    make_engine : callable
        Makes minidb, given whether it has to be in a folder; a planted bug is put in here.
    with_clickhouse : bool
        Whether cases of the kind ``differential`` are run.
    """

    def __init__(
        self,
        make_engine: Callable[[bool], MinidbEngine] = MinidbEngine,
        *,
        with_clickhouse: bool = False,
    ) -> None:
        self._memory = make_engine(False)
        self._stored: MinidbEngine | None = None
        self._make = make_engine
        self._clickhouse = ClickHouseEngine() if with_clickhouse else None

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in (self._memory, self._stored, self._clickhouse):
            if engine is not None:
                engine.close()

    def verdict(self, case: Case) -> Verdict:
        """Run a case.

        Raises
        ------
        ValueError
            When a case has parts that do not fit its kind.
        """
        match case.kind:
            case "differential":
                return self._differential(case)
            case "pqs":
                return self._pqs(case)
            case "metamorphic":
                return self._metamorphic(case)
            case _:
                return self._equal(case)

    def _equal(self, case: Case) -> Verdict:
        """Ask two queries that have to give the same rows."""
        broken = prepare(self._memory, case)
        if broken:
            return Verdict(broken, is_error=True)
        first, second = (asked(self._memory, sql) for sql in case.queries())
        return compared(first, second, *case.queries(), has_names=False)

    def _pqs(self, case: Case) -> Verdict:
        """Ask for the row for which the predicate is true."""
        probe = case.probe()
        if probe is None:
            return Verdict(is_skipped=True)
        broken = prepare(self._memory, case)
        if broken:
            return Verdict(broken, is_error=True)
        value = asked(self._memory, probe)
        if value.code:
            return _of_error(value, probe)
        turned = case.turned(value.rows[0][0])
        (query,) = turned.queries()
        answer = asked(self._memory, query)
        if answer.code:
            return _of_error(answer, query)
        wanted = tuple(number for _, number in case.pivot)
        if wanted in answer.rows:
            return Verdict()
        return Verdict(f"{query}\n  lacks the row {wanted}: {answer.shown}")

    def _metamorphic(self, case: Case) -> Verdict:
        """Ask a query again under other settings, over other parts, or after a restart."""
        engine = self._memory
        if case.is_restarted:
            engine = self._stored = self._stored or self._make(True)
        broken = prepare(engine, case)
        if broken:
            return Verdict(broken, is_error=True)
        plain, varied = case.queries()
        first = asked(engine, plain)
        if case.is_restarted:
            engine.restart()
        for sql in case.setup_again():
            asked(engine, sql)
        second = asked(engine, varied)
        return compared(first, second, plain, varied, has_names=True)

    def _differential(self, case: Case) -> Verdict:
        """Ask both engines."""
        other = self._clickhouse
        if other is None:
            return Verdict(is_skipped=True)
        broken = prepare(self._memory, case) or prepare(other, case)
        if broken:
            return Verdict(broken, is_error=True)
        (query,) = case.queries()
        ours = asked(self._memory, query)
        theirs = other.answer(query)
        if ours.code == LEAKED:
            return Verdict(f"{query}\n  {ours.shown}", is_error=True)
        if ours.code in (NOT_IMPLEMENTED, NO_COMMON_TYPE) or (ours.code and theirs.code):
            return Verdict(is_skipped=True)
        return compared(ours, theirs, "minidb", "ClickHouse", has_names=True)


def prepare(engine: Engine, case: Case) -> str:
    """Make the tables of a case; return what went wrong, or an empty text."""
    # A smaller case may lack a table that the one before it made.
    for name in TABLE_NAMES:
        engine.answer(f"DROP TABLE IF EXISTS {name}")
    for sql in case.setup():
        answer = asked(engine, sql)
        if answer.code:
            return f"{sql}\n  {answer.shown}"
    return ""


def asked(engine: Engine, sql: str) -> Answer:
    """Return an engine's answer; an exception that is not documented is an answer of its own."""
    try:
        return engine.answer(sql)
    except LEAKS as error:
        return Answer(code=LEAKED, message=f"{type(error).__name__}: {error}")


def _of_error(answer: Answer, sql: str) -> Verdict:
    """Return the verdict for a query that gave an error: a leak is a failure."""
    if answer.code == LEAKED:
        return Verdict(f"{sql}\n  {answer.shown}", is_error=True)
    return Verdict(is_skipped=True)


def compared(
    first: Answer, second: Answer, first_name: str, second_name: str, *, has_names: bool
) -> Verdict:
    """Return the verdict on two answers that have to agree."""
    if LEAKED not in (first.code, second.code):
        if first.code and second.code:
            return Verdict(is_skipped=True)
        if NOT_IMPLEMENTED in (first.code, second.code):
            return Verdict(is_skipped=True)
        is_same = first.code == second.code and same_rows(first, second)
        if has_names:
            is_same &= (first.names, first.types) == (second.names, second.types)
        if is_same:
            return Verdict()
    names = "" if first.names == second.names or not has_names else f" {first.names}"
    difference = f"{first_name}\n  {first.shown}{names}\n{second_name}\n  {second.shown}"
    return Verdict(difference, is_error=bool(first.code or second.code))
