"""Flipped bits and cut files: an error that names the file, or the right answer; nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from minidb.columns import Batch
from minidb.errors import CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA, StorageError
from minidb.storage import ColumnDef, TableDef
from minidb.storage.disk import DiskStore
from minidb.storage.manifest import Manifest, encode_manifest
from minidb.storage.vfs import Vfs
from minidb.types import ArrayType, FloatType, IntType, NullableType, StringType
from tests.faults.faulty_vfs import CountingVfs
from tests.strategies.columns import EVERY_TYPE, sample_column

DAMAGE = (CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA)
SMALL = (NullableType(FloatType(32)), StringType(), ArrayType(IntType(256, True)))


def make_database(root: Path, types: tuple) -> DiskStore:
    store = DiskStore(str(root), CountingVfs())
    with store.begin() as transaction:
        columns = tuple(ColumnDef(f"c{i}", t, "1 + 1") for i, t in enumerate(types))
        transaction.create_table(TableDef("default", "t", columns, order_by=("c0",)))
        transaction.append("default", "t", Batch(tuple(sample_column(t, 5) for t in types), 5), 2)
        transaction.put_object("function", "f", "x -> x")
        transaction.commit()
    return store


def read_all(root: Path) -> str:
    store = DiskStore(str(root), Vfs())
    try:
        with store.snapshot() as snapshot:
            found = [sorted(snapshot.objects.items())]
            for table in snapshot.tables.values():
                found.append(table.definition)
                for part in table.parts:
                    names = table.definition.column_names
                    for granules in (None, [range(2, 3), range(1)]):
                        batch = part.read(names, granules)
                        found.append([c.to_pylist() for c in batch.columns])
                    found.append([repr(part.statistics(name)) for name in names])
        return repr(found)
    finally:
        store.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("damage") / "db"
    make_database(root, SMALL).close()
    return root


def all_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def check_damaged(root: Path, path: Path, damaged: bytes, expected: str) -> bool:
    """Read with a damaged file; return whether it was noticed."""
    whole = path.read_bytes()
    path.write_bytes(damaged)
    problem: StorageError | None = None
    try:
        found = read_all(root)
    except StorageError as error:
        problem = error
    finally:
        path.write_bytes(whole)
    if problem is None:
        assert found == expected
        return False
    assert problem.code in DAMAGE
    assert str(path) in problem.message
    return True


@pytest.mark.parametrize(
    "step", [1, pytest.param(0, marks=pytest.mark.nightly)], ids=["one", "all"]
)
def test_a_flipped_bit_is_found_or_holds_nothing(database, step):
    expected = read_all(database)
    for path in all_files(database):
        whole = path.read_bytes()
        n_harmless = 0
        for place in range(len(whole)):
            for bit in [place % 8] if step else range(8):
                damaged = bytearray(whole)
                damaged[place] ^= 1 << bit
                n_harmless += not check_damaged(database, path, bytes(damaged), expected)
        # Only the bytes that fill a file up to whole words may change without anybody noticing.
        assert n_harmless <= (28 if step else 28 * 8)


def test_a_cut_file_is_found(database):
    expected = read_all(database)
    for path in all_files(database):
        whole = path.read_bytes()
        for length in range(0, len(whole), 5):
            # The filling of the last stream holds nothing.
            assert (
                check_damaged(database, path, whole[:length], expected) or length > len(whole) - 8
            )


def test_a_missing_file_is_found(database):
    for path in all_files(database):
        if path.suffix == ".seg":
            hidden = path.rename(path.with_suffix(".away"))
            with pytest.raises(StorageError, match=path.name) as caught:
                read_all(database)
            assert caught.value.code == CORRUPTED_DATA
            hidden.rename(path)


def test_exchanged_files_are_found(database):
    first, second = (path for path in all_files(database) if path.name < "000002.seg")
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    with pytest.raises(StorageError) as caught:
        read_all(database)
    assert caught.value.code in DAMAGE
    first.write_bytes(contents[0])
    second.write_bytes(contents[1])


def test_a_damaged_newest_manifest_is_never_replaced_by_an_older_one(tmp_path):
    store = make_database(tmp_path / "db", SMALL)
    with store.snapshot(), store.begin() as transaction:
        transaction.drop_table("default", "t")
        transaction.commit()
        older, newest = sorted((tmp_path / "db").glob("manifest-*"))
        newest.write_bytes(newest.read_bytes()[:-1])
        with pytest.raises(StorageError, match=newest.name):
            DiskStore(str(tmp_path / "db"), Vfs())
    store.close()
    assert older.name < newest.name


def test_a_lost_manifest_is_an_error_and_no_empty_database(tmp_path):
    root = tmp_path / "db"
    make_database(root, SMALL).close()
    next(root.glob("manifest-*")).unlink()
    with pytest.raises(StorageError) as caught:
        DiskStore(str(root), Vfs())
    assert caught.value.code == CORRUPTED_DATA


def test_every_type_is_protected(tmp_path):
    root = tmp_path / "db"
    make_database(root, EVERY_TYPE).close()
    expected = read_all(root)
    for path in all_files(root / "parts"):
        whole = path.read_bytes()
        for place in (40, len(whole) - 9):
            damaged = bytearray(whole)
            damaged[place] ^= 16
            check_damaged(root, path, bytes(damaged), expected)


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"{",
        b"\xff",
        b"null",
        b'{"version":1,"next_part":1,"tables":[{}],"objects":[]}',
        b'{"version":1,"next_part":"x","tables":[],"objects":[]}',
        b'{"version":1,"next_part":1,"tables":[],"objects":[1]}',
        b"[" * 100_000,
    ],
)
def test_a_manifest_with_the_right_checksum_and_nonsense_in_it(tmp_path, text, monkeypatch):
    root = tmp_path / "db"
    root.mkdir()
    monkeypatch.setattr(
        "minidb.storage.manifest.json.dumps", lambda *_, **__: text.decode("latin1")
    )
    whole = encode_manifest(Manifest(1, 1))
    (root / "manifest-000000000001").write_bytes(whole)
    with pytest.raises(StorageError) as caught:
        DiskStore(str(root), Vfs())
    assert caught.value.code == CORRUPTED_DATA
    shutil.rmtree(root)
