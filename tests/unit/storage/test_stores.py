"""What both stores do alike: transactions, snapshots, parts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minidb.columns import Batch, column_from_values
from minidb.errors import (
    CONNECTION_IS_CLOSED,
    TABLE_ALREADY_EXISTS,
    UNKNOWN_TABLE,
    InternalError,
    StorageError,
)
from minidb.storage import ColumnDef, MemoryStore, TableDef, open_store
from minidb.storage.definition import IndexDef
from minidb.types import IntType, LambdaType, StringType

INT, TEXT = IntType(32, True), StringType()
KEY = ("default", "t")
TABLE = TableDef(*KEY, (ColumnDef("a", INT), ColumnDef("s", TEXT)))


def rows(*numbers: int) -> Batch:
    texts = column_from_values(TEXT, [str(n) for n in numbers])
    return Batch((column_from_values(INT, numbers), texts), len(numbers))


@pytest.fixture(params=["memory", "disk"])
def store(request, tmp_path):
    opened = MemoryStore() if request.param == "memory" else open_store(tmp_path / "db")
    with opened.begin() as transaction:
        transaction.create_table(TABLE)
        transaction.append(*KEY, rows(1, 2, 3), 2)
        transaction.append(*KEY, rows(4))
        transaction.commit()
    yield opened
    opened.close()


def numbers_of(source) -> list[object]:
    found = [part.read(["a"]).columns[0].to_pylist() for part in source.tables[KEY].parts]
    return [value for values in found for value in values]


def test_a_part_knows_its_size(store):
    with store.snapshot() as snapshot:
        table = snapshot.tables[KEY]
        first, second = table.parts
        assert (first.n_rows, first.granule_rows, first.n_granules) == (3, 2, 2)
        assert (second.n_rows, second.n_granules) == (1, 1)
        assert table.n_rows == 4
        assert table.n_bytes == first.n_bytes + second.n_bytes > 0
        assert first.name != second.name


def test_columns_come_in_the_order_asked(store):
    with store.snapshot() as snapshot:
        part = snapshot.tables[KEY].parts[0]
        assert [c.type for c in part.read(["s", "a"]).columns] == [TEXT, INT]
        assert part.read([]).n_rows == 3
        assert part.read([], [range(1, 2)]).n_rows == 1
        assert part.read(["a"], []).n_rows == 0
        assert part.read(["a"], [range(1, 2), range(1), range(0)]).columns[0].to_pylist() == [
            3,
            1,
            2,
        ]


@pytest.mark.parametrize("run", [range(3), range(-1, 1), range(0, 2, 2), range(5, 6)])
def test_granules_outside_the_part_are_a_bug(store, run):
    with store.snapshot() as snapshot, pytest.raises(InternalError):
        snapshot.tables[KEY].parts[0].read(["a"], [run])


def test_an_unknown_column_is_a_bug(store):
    with store.snapshot() as snapshot:
        part = snapshot.tables[KEY].parts[0]
        with pytest.raises(InternalError):
            part.read(["nope"])
        with pytest.raises(InternalError):
            part.statistics("nope")


def test_an_empty_batch_writes_no_part(store):
    with store.begin() as transaction:
        assert transaction.append(*KEY, rows()) is None
        transaction.commit()
    with store.snapshot() as snapshot:
        assert len(snapshot.tables[KEY].parts) == 2


def test_a_batch_of_other_types_is_a_bug(store):
    with store.begin() as transaction, pytest.raises(InternalError):
        transaction.append(*KEY, Batch((column_from_values(INT, [1]),), 1))


def test_without_commit_nothing_changes(store):
    with store.begin() as transaction:
        transaction.append(*KEY, rows(9))
        transaction.put_object("function", "f", "x -> x")
        assert numbers_of(transaction) == [1, 2, 3, 4, 9]
        assert transaction.objects == {("function", "f"): "x -> x"}
    with store.snapshot() as snapshot:
        assert numbers_of(snapshot) == [1, 2, 3, 4]
        assert snapshot.objects == {}


def test_an_error_rolls_back_and_passes(store):
    def drop_and_fail() -> None:
        with store.begin() as transaction:
            transaction.drop_table(*KEY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drop_and_fail()
    with store.snapshot() as snapshot:
        assert KEY in snapshot.tables


def test_a_snapshot_stays_as_it_was(store):
    before = store.snapshot()
    with store.begin() as transaction:
        parts = transaction.tables[KEY].parts
        transaction.replace_parts(*KEY, parts, [])
        transaction.append(*KEY, rows(7))
        transaction.commit()
    after = store.snapshot()
    with store.begin() as transaction:
        transaction.drop_table(*KEY)
        transaction.commit()
    assert numbers_of(before) == [1, 2, 3, 4]
    assert numbers_of(after) == [7]
    assert before.version < after.version < store.snapshot().version
    before.release()
    before.release()
    after.release()


def test_replaced_parts_keep_their_place(store):
    with store.begin() as transaction:
        first = transaction.tables[KEY].parts[0]
        transaction.replace_parts(*KEY, [first], [rows(8), rows(), rows(9)])
        transaction.replace_parts(*KEY, [], [rows(5)])
        assert numbers_of(transaction) == [8, 9, 4, 5]
        with pytest.raises(InternalError):
            transaction.replace_parts(*KEY, [first], [])
        transaction.commit()
    with store.snapshot() as snapshot:
        assert numbers_of(snapshot) == [8, 9, 4, 5]


def test_a_renamed_table_keeps_its_rows(store):
    with store.begin() as transaction:
        transaction.rename_table(*KEY, "other", "u")
        transaction.commit()
    with store.snapshot() as snapshot:
        table = snapshot.tables["other", "u"]
        assert KEY not in snapshot.tables
        assert (table.definition.database, table.definition.name) == ("other", "u")
        assert table.n_rows == 4


def test_names_are_checked(store):
    with store.begin() as transaction:
        with pytest.raises(StorageError) as caught:
            transaction.create_table(TABLE)
        assert caught.value.code == TABLE_ALREADY_EXISTS
        with pytest.raises(StorageError) as caught:
            transaction.rename_table(*KEY, *KEY)
        assert caught.value.code == TABLE_ALREADY_EXISTS
        for change in (
            lambda: transaction.drop_table("default", "nope"),
            lambda: transaction.append("default", "nope", rows(1)),
            lambda: transaction.replace_parts("default", "nope", [], []),
            lambda: transaction.rename_table("default", "nope", "default", "new"),
        ):
            with pytest.raises(StorageError) as caught:
                change()
            assert caught.value.code == UNKNOWN_TABLE


def test_objects_are_put_and_dropped(store):
    with store.begin() as transaction:
        transaction.put_object("function", "f", "1")
        transaction.put_object("function", "f", "2")
        transaction.put_object("model", "f", "3")
        transaction.drop_object("model", "f")
        transaction.drop_object("model", "nope")
        transaction.commit()
    with store.snapshot() as snapshot:
        assert snapshot.objects == {("function", "f"): "2"}


def test_an_ended_transaction_is_a_bug_to_use(store):
    transaction = store.begin()
    transaction.commit()
    transaction.rollback()
    for use in (transaction.commit, lambda: transaction.append(*KEY, rows(1))):
        with pytest.raises(InternalError):
            use()
    store.begin().rollback()


def test_a_closed_store_says_so(store):
    store.close()
    store.close()
    for use in (store.snapshot, store.begin):
        with pytest.raises(StorageError) as caught:
            use()
        assert caught.value.code == CONNECTION_IS_CLOSED


@pytest.mark.parametrize(
    "definition",
    [
        TableDef("default", "u", (ColumnDef("a", LambdaType((TEXT,), TEXT)),)),
        TableDef("default", "u", (ColumnDef("a", TEXT),), "Cloud"),
    ],
)
def test_a_table_that_could_not_be_read_back_is_a_bug(store, definition):
    with store.begin() as transaction, pytest.raises(InternalError, match="cannot be stored"):
        transaction.create_table(definition)


def test_a_table_is_redefined_with_its_rows_or_with_rewritten_ones(store):
    commented = replace(TABLE, comment="other", indexes=(IndexDef("i", "a", "minmax"),))
    with store.begin() as transaction:
        transaction.redefine_table(commented)
        transaction.commit()
    with store.snapshot() as snapshot:
        assert snapshot.tables[KEY].definition == commented
        assert numbers_of(snapshot) == [1, 2, 3, 4]
    narrow = replace(TABLE, columns=TABLE.columns[:1])
    with store.begin() as transaction:
        with pytest.raises(InternalError):
            transaction.redefine_table(narrow)
        pieces = [Batch(rows(*found).columns[:1], len(found)) for found in ([7], [], [8, 9])]
        transaction.redefine_table(narrow, pieces)
        transaction.commit()
    with store.snapshot() as snapshot:
        assert len(snapshot.tables[KEY].parts) == 2
        assert numbers_of(snapshot) == [7, 8, 9]
