"""Statements in any order against a dictionary of lists: what is committed is there, always."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from minidb.database import Database
from tests.support.engine import code_of, contents, error_of, rows, run, session_at

NAMES = ("t", "u", "v")
KEYS = ("", "ORDER BY a", "ORDER BY (b, a)", "ORDER BY tuple()")
COLUMNS = "a Int32, b Nullable(Int8), s String DEFAULT concat('d', 'ef'), arr Array(UInt8)"
Row = tuple[int, int | None, str, list[int]]

ROWS = st.lists(
    st.tuples(
        st.sampled_from([-(2**31), -1, 0, 1, 2, 3, 2**31 - 1]),
        st.none() | st.sampled_from([-128, 0, 1, 2]),
        st.sampled_from(["", "x", "it's", "é\\n\t"]),
        st.lists(st.integers(0, 255), max_size=2),
    ),
    max_size=6,
)

# What has to fail, with the code of the error; {t} is a table that is there, {no} one that is not.
FAILURES = (
    ("SELECT * FROM {no}", 60),
    ("SELECT nothing FROM {t}", 47),
    ("SELECT", 62),
    ("INSERT INTO {t} VALUES (1, 2)", 20),
    ("INSERT INTO {t} (a) VALUES (1), ('x')", 6),
    ("INSERT INTO {t} (a) VALUES (1), (9999999999)", 69),
    ("INSERT INTO {t} (a, a) VALUES (1, 1)", 15),
    ("INSERT INTO {t} (z) VALUES (1)", 16),
    ("INSERT INTO {t} SELECT 1", 20),
    ("INSERT INTO {t} SELECT throwIf(number = 3), 1, '', [] FROM numbers(5)", 395),
    ("INSERT INTO {t} SELECT intDiv(1, number), 1, '', [] FROM numbers(5)", 153),
    ("INSERT INTO {t} SELECT number, 1, '', [] FROM numbers(9) SETTINGS max_memory_usage = 1", 241),
    ("DELETE FROM {t} WHERE nothing = 1", 47),
    ("DELETE FROM {t} WHERE s", 59),
    ("DELETE FROM {t} WHERE intDiv(1, 0) = 1 OR 1", 153),
    ("DELETE FROM {no} WHERE 1", 60),
    ("CREATE TABLE {t} (a UInt8)", 57),
    ("CREATE TABLE {no} (a UInt8, a UInt8)", 44),
    ("CREATE TABLE {no} (a NoType)", 50),
    ("CREATE TABLE {no} ENGINE = Memory AS SELECT intDiv(1, number) AS x FROM numbers(3)", 153),
    ("CREATE TABLE {no} (a UInt8) ENGINE = Log", 56),
    ("DROP TABLE {t}, {no}", 60),
    ("TRUNCATE TABLE {no}", 60),
    ("RENAME TABLE {t} TO moved, {no} TO other", 60),
    ("RENAME TABLE {t} TO {t}", 57),
    ("OPTIMIZE TABLE {no} FINAL", 60),
    ("CREATE FUNCTION plus AS (x) -> x", 609),
    ("SET max_block_size = 3, no_setting = 1", 115),
    ("USE nowhere", 81),
    ("CREATE MATERIALIZED VIEW {no} AS SELECT * FROM {t}", 48),
    ("CREATE VIEW {t} AS SELECT 1", 57),
    ("CREATE VIEW {no} AS SELECT nothing FROM {t}", 47),
    ("DROP VIEW {t}", 80),
    ("UPDATE {t} SET nothing = 1 WHERE 1", 16),
    ("UPDATE {t} SET s = '1', s = '2' WHERE 1", 419),
    ("UPDATE {t} SET s = nothing WHERE 1", 47),
    ("UPDATE {t} SET s = '1' WHERE intDiv(1, 0) = 1 OR 1", 153),
    ("ALTER TABLE {t} ADD COLUMN z UInt8, DROP COLUMN nothing", 10),
    ("ALTER TABLE {t} ADD COLUMN a UInt8", 15),
    ("CREATE INDEX i ON {t} (a)", 80),
    ("EXCHANGE TABLES {t} AND {no}", 60),
)


class Machine(RuleBasedStateMachine):
    """A database in a folder beside a dictionary of table name to (key, rows)."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.path = Path(self.folder) / "db"
        self.model: dict[str, tuple[str, list[Row]]] = {}
        self.functions: dict[str, int] = {}
        self.open()

    def open(self) -> None:
        self.database = Database.open(self.path)
        self.session = self.database.session()
        run(self.session, "SET index_granularity = 2")

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def stored(self, name: str, found: list[Row]) -> None:
        key, before = self.model[name]
        self.model[name] = (key, [*before, *found])

    # -- statements that work, or fail for a reason that the model knows -----------------------

    @rule(name=st.sampled_from(NAMES), key=st.sampled_from(KEYS), quietly=st.booleans())
    def create(self, name: str, key: str, quietly: bool) -> None:
        sql = f"CREATE TABLE {'IF NOT EXISTS ' if quietly else ''}{name} ({COLUMNS}) {key}"
        if name in self.model and not quietly:
            assert code_of(self.session, sql) == 57
            return
        run(self.session, sql)
        self.model.setdefault(name, (key, []))

    @rule(name=st.sampled_from(NAMES), quietly=st.booleans())
    def drop(self, name: str, quietly: bool) -> None:
        sql = f"DROP TABLE {'IF EXISTS ' if quietly else ''}{name}"
        if name not in self.model and not quietly:
            assert code_of(self.session, sql) == 60
            return
        run(self.session, sql)
        self.model.pop(name, None)

    @rule(name=st.sampled_from(NAMES), found=ROWS)
    def insert_values(self, name: str, found: list[Row]) -> None:
        if name not in self.model:
            assert code_of(self.session, f"INSERT INTO {name} VALUES (1)") == 60
            return
        values = [value for row in found for value in row]
        marks = ", ".join(["(?, ?, ?, ?)"] * len(found))
        outcome = self.session.execute(f"INSERT INTO {name} VALUES {marks}", values)
        assert outcome.n_written == len(found)
        self.stored(name, found)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), found=ROWS)
    def insert_rows_with_defaults(self, data: st.DataObject, found: list[Row]) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.session.insert_rows(f"INSERT INTO {name} (b, a) VALUES", [(r[1], r[0]) for r in found])
        self.stored(name, [(a, b, "def", []) for a, b, _, _ in found])

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def insert_select(self, data: st.DataObject) -> None:
        names = st.sampled_from(sorted(self.model))
        name, source = data.draw(names), data.draw(names)
        shown = rows(self.session, f"SELECT * FROM {source} WHERE a > 0")
        run(self.session, f"INSERT INTO {name} SELECT * FROM {source} WHERE a > 0")
        assert sorted(map(repr, shown)) == sorted(
            repr(r) for r in self.model[source][1] if r[0] > 0
        )
        self.stored(name, shown)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), limit=st.sampled_from([-1, 0, 2]), missing=st.booleans())
    def delete(self, data: st.DataObject, limit: int, missing: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        key, before = self.model[name]
        column = 1 if missing else 0
        sql = f"DELETE FROM {name} WHERE {'b' if missing else 'a'} > {limit}"
        kept = [row for row in before if row[column] is None or not row[column] > limit]
        assert self.session.execute(sql).n_written == len(before) - len(kept)
        self.model[name] = (key, kept)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), limit=st.sampled_from([-1, 0, 2]))
    def update(self, data: st.DataObject, limit: int) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        key, before = self.model[name]
        sql = f"UPDATE {name} SET s = concat(s, '!') WHERE a > {limit}"
        after = [(a, b, s + "!" if a > limit else s, x) for a, b, s, x in before]
        n_changed = sum(a > limit for a, *_ in before)
        assert self.session.execute(sql).n_written == n_changed
        self.model[name] = (key, after)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def add_and_drop_a_column(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        run(self.session, f"ALTER TABLE {name} ADD COLUMN z Int64 DEFAULT a + 1 FIRST")
        wrong = rows(self.session, f"SELECT count() FROM {name} WHERE z != a + 1")
        assert wrong == [(0,)]
        run(self.session, f"ALTER TABLE {name} DROP COLUMN z")

    @precondition(lambda self: self.model)
    @rule(data=st.data(), word=st.sampled_from(["TRUNCATE TABLE", "OPTIMIZE TABLE"]))
    def truncate_or_optimize(self, data: st.DataObject, word: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        key, before = self.model[name]
        run(self.session, f"{word} {name}")
        if word == "OPTIMIZE TABLE":
            sql = f"SELECT parts FROM system.tables WHERE name = '{name}'"
            assert rows(self.session, sql)[0][0] <= 1
            shown = rows(self.session, f"SELECT * FROM {name}")
            assert shown == sorted_by_key(key, before)
        else:
            self.model[name] = (key, [])

    @precondition(lambda self: self.model)
    @rule(data=st.data(), new=st.sampled_from([*NAMES, "w"]))
    def rename(self, data: st.DataObject, new: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.model)))
        if new in self.model:
            assert code_of(self.session, f"RENAME TABLE {old} TO {new}") == 57
            return
        run(self.session, f"RENAME TABLE {old} TO {new}")
        self.model[new] = self.model.pop(old)

    @precondition(lambda self: len(self.model) > 1)
    @rule()
    def swap(self) -> None:
        first, second = sorted(self.model)[:2]
        sql = f"RENAME TABLE {first} TO swap, {second} TO {first}, swap TO {second}"
        run(self.session, sql)
        self.model[first], self.model[second] = self.model[second], self.model[first]

    @rule(name=st.sampled_from(["f", "g"]), number=st.integers(0, 3), replace=st.booleans())
    def create_function(self, name: str, number: int, replace: bool) -> None:
        sql = f"CREATE {'OR REPLACE ' if replace else ''}FUNCTION {name} AS (x) -> x + {number}"
        if name in self.functions and not replace:
            assert code_of(self.session, sql) == 609
            return
        run(self.session, sql)
        self.functions[name] = number

    @rule(name=st.sampled_from(["f", "g"]))
    def drop_function(self, name: str) -> None:
        if name not in self.functions:
            assert code_of(self.session, f"DROP FUNCTION {name}") == 46
            return
        run(self.session, f"DROP FUNCTION {name}")
        del self.functions[name]

    # -- what has to change nothing ------------------------------------------------------------

    @precondition(lambda self: self.model)
    @rule(data=st.data(), failure=st.sampled_from(FAILURES))
    def fail(self, data: st.DataObject, failure: tuple[str, int]) -> None:
        sql, code = failure
        name = data.draw(st.sampled_from(sorted(self.model)))
        if "WHERE intDiv" in sql and not self.model[name][1]:
            return
        before = contents(self.session)
        assert code_of(self.session, sql.format(t=name, no="absent")) == code, sql
        assert contents(self.session) == before

    @rule()
    def leave_a_query_half_read(self) -> None:
        outcome = self.session.execute("SELECT number FROM numbers(10) SETTINGS max_block_size = 1")
        assert next(outcome.batches).n_rows == 1

    @rule()
    def restart(self) -> None:
        before = contents(self.session)
        self.database.close()
        self.open()
        assert contents(self.session) == before

    @rule()
    def read_from_another_session(self) -> None:
        other = Database.open(self.path)
        assert contents(other.session()) == contents(self.session)
        other.close()

    # -- what always holds ---------------------------------------------------------------------

    @invariant()
    def tables_hold_what_the_model_says(self) -> None:
        assert [name for (name,) in rows(self.session, "SHOW TABLES")] == sorted(self.model)
        for name, (key, expected) in self.model.items():
            found = rows(self.session, f"SELECT * FROM {name}")
            if key in ("", "ORDER BY tuple()"):
                assert found == expected
            else:
                assert sorted(map(repr, found)) == sorted(map(repr, expected))
            assert rows(self.session, f"SELECT count() FROM {name}") == [(len(expected),)]
            in_range = sum(0 <= row[0] <= 2 for row in expected)
            sql = f"SELECT count() FROM {name} WHERE a >= 0 AND a <= 2"
            assert rows(self.session, sql) == [(in_range,)]

    @invariant()
    def functions_compute_what_the_model_says(self) -> None:
        for name, number in self.functions.items():
            assert rows(self.session, f"SELECT {name}(10)") == [(10 + number,)]


def sorted_by_key(key: str, found: list[Row]) -> list[Row]:
    """Return rows as OPTIMIZE leaves them: sorted stably, NULL last."""
    match key:
        case "ORDER BY a":
            return sorted(found, key=lambda row: row[0])
        case "ORDER BY (b, a)":
            return sorted(found, key=lambda row: (row[1] is None, row[1] or 0, row[0]))
        case _:
            return found


TestStateMachine = Machine.TestCase
TestStateMachine.settings = settings(max_examples=max(1, settings().max_examples // 3))


@pytest.mark.parametrize(("sql", "code"), FAILURES)
def test_a_failing_statement_changes_nothing(sql, code):
    with session_at() as session:
        run(session, f"CREATE TABLE t ({COLUMNS})")
        session.insert_rows("INSERT INTO t (a) VALUES", [(1,), (2,)])
        before = contents(session)
        error = error_of(session, sql.format(t="t", no="absent"))
        assert (error.code.number, contents(session)) == (code, before)
        assert error.span is not None or code == 241
        assert error.sql is not None
