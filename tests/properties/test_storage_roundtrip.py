"""Whatever is written comes back, from memory, from disk, and after opening again."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import Batch, Column, concat_columns, split_nulls
from minidb.storage import ColumnDef, MemoryStore, Part, Store, TableDef
from minidb.storage.disk import DiskStore
from minidb.storage.encoding import Piece, decode_column, encode_column
from minidb.storage.statistics import GranuleStatistics, granule_starts, granule_statistics
from minidb.types.names import parse_type
from tests.faults.faulty_vfs import CountingVfs
from tests.strategies.columns import batches, columns, data_types, same_batches, same_values

KEY = ("default", "t")


def table_for(batch: Batch) -> TableDef:
    named = enumerate(batch.columns)
    return TableDef(*KEY, tuple(ColumnDef(f"c{i}", column.type) for i, column in named))


def write(store: Store, batch: Batch, granule_rows: int) -> None:
    with store.begin() as transaction:
        transaction.create_table(table_for(batch))
        transaction.append(*KEY, batch, granule_rows)
        transaction.commit()


def check_part(part: Part, batch: Batch) -> None:
    names = [f"c{i}" for i in range(len(batch.columns))]
    assert same_batches(part.read(names), batch)
    backwards = part.read(names[::-1])
    assert same_batches(Batch(backwards.columns[::-1], backwards.n_rows), batch)
    assert part.read([]).n_rows == batch.n_rows
    for granule in range(part.n_granules):
        start = granule * part.granule_rows
        expected = batch.slice(start, start + part.granule_rows)
        assert same_batches(part.read(names, [range(granule, granule + 1)]), expected)
    last_first = [range(i, i + 1) for i in reversed(range(part.n_granules))]
    found = part.read(names, last_first)
    for i, column in enumerate(batch.columns):
        pieces = [
            column.slice(r.start * part.granule_rows, r.stop * part.granule_rows)
            for r in last_first
        ]
        assert same_values(found.columns[i], concat_columns(column.type, pieces))


@given(data_types())
def test_a_type_is_read_back_from_its_name(data_type):
    assert parse_type(data_type.name) == data_type


@given(columns(), st.integers(1, 5))
def test_a_column_comes_back_from_its_streams(column, granule_rows):
    starts = granule_starts(len(column), granule_rows)
    streams = encode_column(column, starts)
    pieces = iter([Piece(stream.item_bytes, stream.data.tobytes()) for stream in streams])
    assert same_values(decode_column(column.type, pieces, len(column)), column)


@given(batches(min_rows=1), st.integers(1, 6))
def test_a_part_in_memory_gives_back_its_rows(batch, granule_rows):
    store = MemoryStore()
    write(store, batch, granule_rows)
    with store.snapshot() as snapshot:
        check_part(snapshot.tables[KEY].parts[0], batch)


@given(batches(min_rows=1), st.integers(1, 6))
def test_a_part_on_disk_gives_back_its_rows_also_after_a_restart(batch, granule_rows):
    # Without waiting for the disk: that it keeps what it synced is not the question here.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        for _ in range(2):
            store = DiskStore(str(path), CountingVfs())
            if not store.snapshot().tables:
                write(store, batch, granule_rows)
            with store.snapshot() as snapshot:
                table = snapshot.tables[KEY]
                assert table.definition == table_for(batch)
                check_part(table.parts[0], batch)
                check_statistics(table.parts[0], batch)
            store.close()


def check_statistics(part: Part, batch: Batch) -> None:
    for i, column in enumerate(batch.columns):
        expected = granule_statistics(column, part.granule_rows)
        found = part.statistics(f"c{i}")
        assert (found is None) == (expected is None)
        if found is not None and expected is not None:
            assert same_values(found.minimum, expected.minimum)
            assert same_values(found.maximum, expected.maximum)
            for flag in ("has_null", "has_nan", "has_bounds"):
                np.testing.assert_array_equal(getattr(found, flag), getattr(expected, flag))


@given(columns(min_rows=1), st.integers(1, 6))
def test_bounds_hold_every_value_of_their_granule(column, granule_rows):
    statistics = granule_statistics(column, granule_rows)
    if statistics is None:
        return
    values, is_null = split_nulls(column)
    numbers = comparable(values)
    low, high = comparable(statistics.minimum), comparable(statistics.maximum)
    for row, value in enumerate(numbers):
        granule = row // granule_rows
        if is_null is not None and is_null[row]:
            assert statistics.has_null[granule]
        elif value != value:
            assert statistics.has_nan[granule]
        else:
            assert statistics.has_bounds[granule]
            assert low[granule] <= value <= high[granule]
    check_flags(statistics, values, is_null, granule_rows)


def check_flags(
    statistics: GranuleStatistics, values: Column, is_null: object, granule_rows: int
) -> None:
    numbers = comparable(values)
    marks = [False] * len(numbers) if is_null is None else list(is_null)
    for granule in range(len(statistics)):
        rows = range(granule * granule_rows, min((granule + 1) * granule_rows, len(numbers)))
        assert statistics.has_null[granule] == any(marks[row] for row in rows)
        real = [numbers[r] for r in rows if not marks[r] and numbers[r] == numbers[r]]
        assert statistics.has_bounds[granule] == bool(real)


def comparable(column: Column) -> list:
    found = column.to_pylist()
    return [v.encode("utf-8", "surrogatepass") if isinstance(v, str) else v for v in found]
