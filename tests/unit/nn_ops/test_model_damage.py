"""Files that are wrong and rows that were changed: found out, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from minidb.columns import Batch, column_from_values
from minidb.database import Database, Session
from minidb.errors import ExtensionError
from minidb.storage.definition import TableDef
from nn_ops.model_file import write_network
from nn_ops.register import NeuralOperators
from nn_ops.store.load import load_model
from nn_ops.store.schema import TABLES
from tests.strategies.model_families import model_family
from tests.support.models import DIGITS, contents, error_of, rows


@pytest.fixture
def session() -> Iterator[Session]:
    with Database.open(":memory:", extensions=[NeuralOperators()]) as database:
        yield database.session()


UNCHECKED = {"models": ("name", "base", "file")}


def other_value(value: Any) -> Any:
    """Return a value of the same type that is not the same."""
    match value:
        case bool():
            return not value
        case int():
            return value - 1 if value > 0 else value + 1
        case float():
            return np.nextafter(value, np.inf)
        case str():
            return f"{value} "
        case _:
            return [*value, "one more"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_value_that_was_changed_is_found_out(
    session: Session, tmp_path: Path, table: TableDef
) -> None:
    path = tmp_path / "pruned.safetensors"
    write_network(model_family(1)[0], path)
    session.execute("CREATE MODEL pruned FROM ?", [str(path)])
    with session.database.store.begin() as transaction:
        (part,) = transaction.tables[table.key].parts
        whole = part.read(table.column_names)
        places = [
            (place, row)
            for place, name in enumerate(table.column_names)
            for row in (0, whole.n_rows - 1)
            if name not in UNCHECKED.get(table.name, ())
        ]
        for place, row in places:
            values = whole.columns[place].to_pylist()
            values[row] = other_value(values[row])
            columns = list(whole.columns)
            columns[place] = column_from_values(table.columns[place].type, values)
            (now,) = transaction.tables[table.key].parts
            changed = Batch(tuple(columns), whole.n_rows)
            transaction.replace_parts(*table.key, [now], [changed])
            with pytest.raises(ExtensionError) as caught:
                load_model(transaction.tables, "pruned")
            assert caught.value.code.name == "NN_MODEL_DAMAGED", table.column_names[place]


def test_rows_that_are_gone_or_too_many_are_found_out(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    for table in TABLES[1:]:
        with session.database.store.begin() as transaction:
            (part,) = transaction.tables[table.key].parts
            whole = part.read(table.column_names)
            for kept in (np.arange(1, whole.n_rows), np.arange(whole.n_rows + 1) // 2):
                (now,) = transaction.tables[table.key].parts
                transaction.replace_parts(*table.key, [now], [whole.take(kept)])
                with pytest.raises(ExtensionError) as caught:
                    load_model(transaction.tables, "digits")
                assert caught.value.code.name == "NN_MODEL_DAMAGED", table.name


def test_a_damaged_model_can_be_dropped(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    with session.database.store.begin() as transaction:
        key = ("models", "words")
        (part,) = transaction.tables[key].parts
        rest = part.read(["block", "channel", "word_no", "word", "mask"]).slice(0, 100)
        transaction.replace_parts(*key, [part], [rest])
        transaction.commit()
    sql = "SELECT predict('digits', arrayResize([0], 64))"
    assert error_of(session, sql).code.name == "NN_MODEL_DAMAGED"
    session.execute("DROP MODEL digits")
    assert all(not found for found in contents(session).values())
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    assert len(rows(session, sql)) == 1


def test_a_byte_that_was_flipped_on_disk_is_found_out(tmp_path: Path) -> None:
    def opened() -> Database:
        return Database.open(tmp_path / "db", extensions=[NeuralOperators()])

    with opened() as database:
        database.session().execute("CREATE MODEL digits FROM ?", [DIGITS])
        (part,) = database.store.snapshot().tables["models", "words"].parts
    file = tmp_path / "db" / "parts" / part.name / "000003.seg"
    content = bytearray(file.read_bytes())
    content[-100] ^= 1
    file.write_bytes(content)
    with opened() as database:
        session = database.session()
        error = error_of(session, "SELECT predict('digits', arrayResize([0], 64))")
        assert error.code.name == "NN_MODEL_DAMAGED"
        assert "checksum" in str(error)
        session.execute("DROP MODEL digits")
        session.execute("CREATE MODEL digits FROM ?", [DIGITS])
        assert len(rows(session, "SELECT predict('digits', arrayResize([0], 64))")) == 1


def manifest_of(data: bytes) -> str:
    """Return a model file's manifest without its checksum."""
    size = int.from_bytes(data[:8], "little")
    manifest = json.loads(json.loads(data[8 : 8 + size])["__metadata__"]["manifest"])
    del manifest["sha256"]
    return json.dumps(manifest, separators=(",", ":"))


def changed_manifest(data: bytes, old: str, new: str) -> bytes:
    """Return a model file with another manifest."""
    manifest = manifest_of(data)
    assert old in manifest
    metadata = {"manifest": manifest.replace(old, new)}
    return bytes(safetensors.numpy.save(safetensors.numpy.load(data), metadata))


def with_nan(data: bytes) -> bytes:
    """Return a model file with a parameter that is no number."""
    tensors = {name: array.copy() for name, array in safetensors.numpy.load(data).items()}
    tensors["norm2.mean"][3] = np.nan
    return bytes(safetensors.numpy.save(tensors, {"manifest": manifest_of(data)}))


WRONG_FILES = {
    "NN_FILE_DAMAGED": lambda data: data[:-500] + bytes([data[-500] ^ 4]) + data[-499:],
    "NN_FILE_FOREIGN": lambda data: safetensors.numpy.save({"a": np.zeros(3)}),
    "NN_FILE_IS_NEWER": lambda data: changed_manifest(data, '"version":2', '"version":99'),
    "NN_UNKNOWN_NODE": lambda data: changed_manifest(data, '"max_pool"', '"soft_pool"'),
    "NN_SHAPE_MISMATCH": lambda data: changed_manifest(data, '"filters":128', '"filters":64'),
    "NN_NOT_FINITE": with_nan,
}


@pytest.mark.parametrize("code", WRONG_FILES)
def test_nothing_is_stored_of_a_file_that_is_wrong(
    session: Session, tmp_path: Path, code: str
) -> None:
    path = tmp_path / "wrong.safetensors"
    path.write_bytes(WRONG_FILES[code](Path(DIGITS).read_bytes()))
    for sql in ("CREATE MODEL m FROM ?", "CREATE OR REPLACE MODEL m FROM ?"):
        error = error_of(session, sql, [str(path)])
        assert error.code.name == code
        assert error.code.number >= 11_000
        assert error.span is not None
    assert contents(session) == {}
    session.execute("CREATE MODEL m FROM ?", [DIGITS])
    before = contents(session)
    assert error_of(session, "CREATE OR REPLACE MODEL m FROM ?", [str(path)]).code.name == code
    assert contents(session) == before


@pytest.mark.parametrize("name", ["models", "words"])
def test_a_database_of_that_name_that_was_there_before_is_left_alone(
    tmp_path: Path, name: str
) -> None:
    with Database.open(tmp_path / "db", extensions=[]) as database:
        session = database.session()
        session.execute("CREATE DATABASE models")
        session.execute(f"CREATE TABLE models.{name} (a UInt8) ENGINE = MergeTree ORDER BY a")
        session.execute(f"INSERT INTO models.{name} VALUES (7)")
    with Database.open(tmp_path / "db", extensions=[NeuralOperators()]) as database:
        session = database.session()
        error = error_of(session, "CREATE MODEL digits FROM ?", [DIGITS])
        assert error.code.name == "NN_TABLES_FOREIGN"
        assert rows(session, f"SELECT a FROM models.{name}") == [7]
