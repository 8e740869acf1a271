"""A user's own functions and aggregates: the examples of docs/extending.md, and what is refused."""

from __future__ import annotations

import datetime
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import minidb
from minidb.columns import NumericColumn
from minidb.errors import ExtensionError, MiniDBError

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"


@pytest.fixture
def db():
    with minidb.connect(extensions=[]) as connection:
        yield connection


def test_the_examples_of_the_page_run(tmp_path, monkeypatch):
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    program = "\n".join(blocks[2:])
    assert "geometricMean" in program
    (tmp_path / "page_of_functions.py").write_text(program, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import_module("page_of_functions")


def test_types_come_from_annotations(db):
    @db.function
    def shown(a: int, b: float, c: str, d: bool, e: datetime.date, f: list[int]) -> str:
        return repr((a, b, c, d, e.year, f))

    sql = "SELECT shown(1, 2, 'x', true, toDate('2020-01-02'), [1, 2])"
    assert db.execute(sql).scalar() == "(1, 2.0, 'x', True, 2020, [1, 2])"
    rows = db.execute("SELECT kind, family, arguments FROM system.functions WHERE name = 'shown'")
    ((kind, family, arguments),) = rows.rows()
    assert (kind, family) == ("scalar", "user")
    assert arguments.startswith("a an integer, b a number, c a String")


def test_clickhouse_types_may_stand_in_annotations(db):
    def wrapped(a, b):
        return b[a]

    wrapped.__annotations__ = {"a": "UInt8", "b": "Array(String)", "return": "FixedString(3)"}
    db.function(wrapped)
    assert db.execute("SELECT toTypeName(wrapped(1, ['a', 'bcd']))").scalar() == "FixedString(3)"
    assert db.execute("SELECT wrapped(1, ['a', 'bcd'])").scalar() == "bcd"


def test_null_is_kept_away_or_handed_over(db):
    seen = []

    @db.function
    def plain(x: int) -> int:
        seen.append(x)
        return x

    @db.function
    def taking(x: int | None) -> int | None:
        return None if x is None else x + 1

    sql = "SELECT {}(if(number = 1, NULL, number)) FROM numbers(3)"
    assert db.execute(sql.format("plain")).rows() == [(0,), (None,), (2,)]
    assert seen == [0, 2]
    assert db.execute(sql.format("taking")).rows() == [(1,), (None,), (3,)]
    assert db.execute("SELECT toTypeName(plain(1)), toTypeName(taking(1))").rows() == [
        ("Int64", "Nullable(Int64)")
    ]


def test_arrays_and_columns(db):
    @db.function(form="arrays", args=["Nullable(Int32)", "Date"], returns="Nullable(Int32)")
    def year_if_known(x, day):
        assert isinstance(x, np.ma.MaskedArray)
        assert day.dtype == np.dtype("datetime64[D]")
        with pytest.raises(ValueError, match="read-only"):
            day[0] = day[0]
        return x + (day.astype("datetime64[Y]").astype(int) + 1970)

    @db.function(form="columns", args=["UInt8"], returns="UInt8")
    def same(column):
        assert isinstance(column, NumericColumn)
        return column

    sql = "SELECT year_if_known(if(number = 1, NULL, number), toDate('2020-03-01') + number), same(number) FROM numbers(3)"
    assert db.execute(sql).rows() == [(2020, 0), (None, 1), (2022, 2)]


def test_errors_name_function_and_place(db):
    @db.function
    def broken(x: int) -> int:
        return 1 // x

    with pytest.raises(minidb.DataError) as caught:
        db.execute("SELECT 1, broken(number) FROM numbers(1)")
    error = caught.value
    assert error.code.number == 10_010
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert "broken raised ZeroDivisionError at " in str(error)
    assert "test_user_functions.py" in str(error)
    assert error.span.start == len("SELECT 1, ")


@pytest.mark.parametrize(
    ("returned", "message"),
    [("x", "'x' does not fit Int64"), (None, "NULL does not fit"), (2**70, "outside Int64")],
)
def test_results_of_another_type_are_refused(db, returned, message):
    db.function(lambda x: returned, name="wrong", args=["UInt8"], returns="Int64")
    with pytest.raises(MiniDBError, match=re.escape(message)):
        db.execute("SELECT wrong(1)")


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros(2), "2 rows, not 1 rows of UInt8"),
        (3, "a int, not 1 rows"),
        (np.array([300]), "300 does not fit UInt8"),
        (np.array([-1.5]), "-1.5 does not fit UInt8"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(db, returned, message):
    db.function(lambda x: returned, name="wrong", args=["UInt8"], returns="UInt8", form="arrays")
    with pytest.raises(MiniDBError, match=re.escape(message)):
        db.execute("SELECT wrong(1)")


def test_arguments_that_do_not_fit_are_refused(db):
    db.function(lambda x: x, name="small", args=["UInt8"], returns="UInt8")
    with pytest.raises(MiniDBError, match="argument 1 of small: 300 does not fit UInt8"):
        db.execute("SELECT small(300)")
    with pytest.raises(minidb.ProgrammingError, match="must be an integer"):
        db.execute("SELECT small('a')")


def test_no_name_is_taken_in_silence(db):
    def reverse(text: str) -> str:
        return "mine"

    with pytest.raises(ExtensionError, match="reverse already, a built-in"):
        db.function(reverse)
    with pytest.raises(ExtensionError, match="SUM already, a built-in"):
        db.function(reverse, name="SUM")
    db.function(replace=True)(reverse)
    with pytest.raises(ExtensionError, match="reverse already, yours"):
        db.function(reverse)
    assert db.execute("SELECT reverse('ab')").scalar() == "mine"
    db.remove_function("reverse")
    assert db.execute("SELECT reverse('ab'), REVERSE('ab')").rows() == [("ba", "ba")]
    with pytest.raises(ExtensionError, match="no function 'reverse' of yours"):
        db.remove_function("reverse")


def test_functions_belong_to_one_connection(db):
    db.function(lambda: 1, name="one", returns="UInt8")
    assert db.execute("SELECT one()").scalar() == 1
    with minidb.connect(extensions=[]) as other, pytest.raises(minidb.ProgrammingError):
        other.execute("SELECT one()")


def test_what_changes_is_called_for_every_row(db):
    calls = iter(range(100))
    db.function(lambda: next(calls), name="tick", returns="UInt8", deterministic=False)
    assert db.execute("SELECT tick() FROM numbers(3)").rows() == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"returns": "UInt8"}, "needs the type of its parameter 'x'"),
        ({"args": ["UInt8"]}, "needs the type of its result"),
        ({"args": ["Nope"], "returns": "UInt8"}, "no type 'Nope'"),
        ({"args": [complex], "returns": "UInt8"}, "stands for no SQL type"),
        ({"args": ["UInt8"], "returns": "UInt8", "form": "rows"}, "form is one of values"),
        ({"args": ["UInt8"], "returns": "UInt8", "name": "a b"}, "cannot name a function"),
    ],
)
def test_signatures_that_cannot_be_read_are_refused(db, given, message):
    with pytest.raises(ExtensionError, match=re.escape(message)):
        db.function(**{"name": "f", **given})(lambda x: x)


def test_an_aggregate_of_arrays(db):
    @db.aggregate(
        name="spread", form="arrays", args=["Int64", "Nullable(Int64)"], returns="Array(Int64)"
    )
    class Spread:
        def __init__(self):
            self.parts = []

        def update(self, x, y):
            self.parts += (x + y.filled(100)).tolist()

        def merge(self, other):
            self.parts += other.parts

        def evaluate(self):
            return sorted(self.parts)

    sql = (
        "SELECT number % 2 AS k, spread(number, if(number = 3, NULL, 1)) FROM numbers(5) GROUP BY k"
    )
    assert db.execute(sql).rows() == [(0, [1, 3, 5]), (1, [2, 103])]
    assert db.execute("SELECT spread(1, 2) FROM numbers(0)").rows() == [([],)]
    with pytest.raises(MiniDBError) as refused:
        db.execute("SELECT spreadState(1, 2)")
    assert refused.value.code.number == 48


def test_an_aggregate_skips_nulls_and_names_its_faults(db):
    @db.aggregate(name="total")
    class Total:
        """Adds up."""

        def __init__(self):
            self.value = 0

        def update(self, x: int) -> None:
            if x == 7:
                raise KeyError("seven")
            self.value += x

        def merge(self, other) -> None:
            self.value += other.value

        def evaluate(self) -> int:
            return self.value

    sql = "SELECT total(if(number = 1, NULL, number)) FROM numbers({})"
    assert db.execute(sql.format(4)).scalar() == 5
    assert db.execute(sql.format(0)).scalar() is None
    assert db.execute(
        "SELECT totalArray([1, 2]), totalIf(number, number > 1) FROM numbers(3)"
    ).rows() == [(9, 2)]
    with pytest.raises(minidb.DataError, match=r"total\.update raised KeyError"):
        db.execute("SELECT total(number) FROM numbers(8)")
    assert (
        db.execute("SELECT description FROM system.functions WHERE name = 'total'").scalar()
        == "Adds up."
    )


def test_a_class_without_merge_is_no_aggregate(db):
    class Half:
        def update(self, x: int) -> None: ...
        def evaluate(self) -> int: ...

    with pytest.raises(ExtensionError, match="needs a class with update, merge, evaluate"):
        db.aggregate(Half)
