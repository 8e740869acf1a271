"""Every call to the operating system fails once while models are made and dropped."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minidb.database import Database, Session, build_registry
from minidb.errors import StorageError
from minidb.storage.disk import UNCERTAIN, DiskStore
from minidb.storage.vfs import CHANGING, Vfs
from nn_ops.model_file import dump_network, write_network
from nn_ops.register import NeuralOperators
from nn_ops.store.load import load_model
from nn_ops.store.read import all_models
from nn_ops.store.schema import TABLES
from tests.faults.faulty_vfs import SYNCS, CountingVfs, FailingVfs, Fault, FullDiskVfs
from tests.strategies.model_families import model_family

BASE, TUNED, _, OTHER = model_family(1)
STATEMENTS = (
    "CREATE MODEL tuned EXTENDS base FROM '{tuned}'",
    "CREATE OR REPLACE MODEL tuned FROM '{other}'",
    "DROP MODEL tuned",
)
# Most calls are like their neighbours; the nightly run takes all of them.
STRIDES = (127, pytest.param(1, marks=pytest.mark.nightly))
WRITING = frozenset({"create", "write", "make folder"})
LASTING = CHANGING | SYNCS


def open_database(root: Path, vfs: Vfs) -> Database:
    return Database(DiskStore(str(root), vfs), build_registry([NeuralOperators()]), str(root))


def contents(session: Session) -> dict[str, Any]:
    """Return all models, whole, and the number of rows of each table."""
    tables = session.database.store.snapshot().tables
    found: dict[str, Any] = {
        model.name: (model.base, dump_network(load_model(tables, model.name)))
        for model in all_models(tables)
    }
    return found | {table.name: tables[table.key].n_rows for table in TABLES}


def prepare(root: Path) -> list[str]:
    """Make a database with one model, and return the statements to try on it."""
    files = {}
    for name, network in (("base", BASE), ("tuned", TUNED), ("other", OTHER)):
        files[name] = root / f"{name}.safetensors"
        write_network(network, files[name])
    with open_database(root / "db", CountingVfs()) as database:
        database.session().execute(f"CREATE MODEL base FROM '{files['base']}'")
    return [statement.format(**files) for statement in STATEMENTS]


def states(root: Path, statements: list[str]) -> list[dict[str, Any]]:
    """Return what is in the database before the first statement and after each."""
    with open_database(root, CountingVfs()) as database:
        session = database.session()
        found = [contents(session)]
        for statement in statements:
            session.execute(statement)
            found.append(contents(session))
    return found


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a database with one model, and the statements to try on it."""
    root = tmp_path_factory.mktemp("prepared")
    return root / "db", prepare(root)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize(
    "make_vfs",
    [
        lambda at: FailingVfs(Fault(at, OSError(errno.EIO, "broken"), actions=LASTING)),
        lambda at: FailingVfs(
            Fault(at, OSError(errno.EIO, "broken"), is_after=True, actions=LASTING)
        ),
        lambda at: FullDiskVfs(Fault(at, OSError(errno.ENOSPC, "full"), actions=WRITING)),
    ],
    ids=["fails", "fails after it is done", "disk is full"],
)
def test_a_model_is_there_whole_or_not_at_all(
    tmp_path: Path,
    prepared: tuple[Path, list[str]],
    make_vfs: Callable[[int], FailingVfs],
    stride: int,
) -> None:
    before, statements = prepared
    shutil.copytree(before, tmp_path / "expected")
    expected = states(tmp_path / "expected", statements)
    n_failures = 0
    for at in range(1, 100_000, stride):
        root = tmp_path / str(at)
        shutil.copytree(before, root)
        vfs = make_vfs(at)
        fault, vfs.fault = vfs.fault, None
        with open_database(root, vfs) as database:
            vfs.fault = fault
            n_failures += run_with_fault(database.session(), vfs, statements, expected)
            vfs.heal()
            assert contents(database.session()) == expected[-1]
        shutil.rmtree(root)
        if not vfs.has_failed:
            break
    assert n_failures >= 4


def run_with_fault(
    session: Session, vfs: FailingVfs, statements: list[str], expected: list[dict[str, Any]]
) -> int:
    """Run the statements; one that failed is run again if it changed nothing."""
    n_failures = done = 0
    while done < len(statements):
        error = error_of(session, statements[done])
        if error is None:
            done += 1
            continue
        n_failures += 1
        vfs.heal()
        seen = contents(session)
        is_done = seen == expected[done + 1]
        assert is_done or seen == expected[done]
        assert not is_done or error.hint == UNCERTAIN
        done += is_done
    return n_failures


def error_of(session: Session, sql: str) -> StorageError | None:
    try:
        session.execute(sql)
    except StorageError as error:
        return error
    return None
