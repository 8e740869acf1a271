"""The MODEL statements and the tables behind them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from minidb.database import Database, Session
from minidb.errors import MiniDBError
from minidb.sql.parser import parse_statements
from nn_ops.digits import load_digits
from nn_ops.executor import run
from nn_ops.lower import lower
from nn_ops.model_file import dump_network, load_shipped_model
from nn_ops.register import NeuralOperators
from nn_ops.store.load import load_model
from tests.support.models import DIGITS, contents, error_of, rows


@pytest.fixture
def session() -> Iterator[Session]:
    with Database.open(":memory:", extensions=[NeuralOperators()]) as database:
        yield database.session()


def test_a_model_is_made_from_a_file_and_given_back_whole(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    assert rows(session, "SHOW MODELS") == ["digits"]
    tables = session.database.store.snapshot().tables
    assert dump_network(load_model(tables, "digits")) == Path(DIGITS).read_bytes()


def test_the_rows_of_a_shared_network_are_kept_once(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    before = contents(session)
    session.execute("CREATE MODEL tuned EXTENDS digits FROM ?", [DIGITS])
    after = contents(session)
    for table in ("blocks", "words", "parameters", "limits", "terms"):
        assert after[table] == before[table]
    assert len(after["layers"]) == 2 * len(before["layers"])
    assert rows(session, "SELECT own_bytes FROM system.models") == [0, 0]


def test_words_and_masks_are_ordinary_rows(session: Session) -> None:
    network = load_shipped_model()
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    found = rows(
        session,
        "SELECT word FROM models.weights WHERE model = 'digits' AND layer = 'conv2' "
        "ORDER BY channel, word_no",
    )
    conv = next(node for node in network.nodes if node.name == "conv2")
    assert found == conv.weights.words.reshape(-1).tolist()
    masks = rows(session, "SELECT DISTINCT mask FROM models.weights WHERE layer = 'conv1'")
    assert masks == [(1 << 45) - 1]


def test_predictions_are_those_of_the_program(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    session.execute("CREATE TABLE images (id UInt32, pixels Array(UInt8)) ENGINE = Memory")
    pixels = load_digits().held_out.pixels[:50]
    session.insert_rows(
        "INSERT INTO images VALUES (?, ?)", list(enumerate(pixels.reshape(50, -1).tolist()))
    )
    logits = run(lower(load_shipped_model()), pixels.reshape(50, -1))
    found = rows(session, "SELECT predictLogits('digits', pixels) FROM images ORDER BY id")
    assert np.array_equal(np.array(found), logits)
    expected = logits.argmax(axis=1).tolist()
    assert rows(session, "SELECT predict('digits', pixels) FROM images ORDER BY id") == expected
    names = rows(session, "SELECT predictClass('digits', pixels) FROM images ORDER BY id")
    assert names == [str(number) for number in expected]
    threes = rows(session, "SELECT id FROM images WHERE predict('digits', pixels) = 3")
    assert threes == [number for number, label in enumerate(expected) if label == 3]
    table = rows(session, "SELECT id, class FROM model_processing('images', 'digits')")
    assert table == list(enumerate(expected))


def test_model_processing_answers_for_the_image_that_is_there(session: Session) -> None:
    session.execute("CREATE MODEL a FROM ?", [DIGITS])
    session.execute("CREATE MODEL b FROM ?", [DIGITS])
    session.execute("CREATE TABLE image (pixels Array(UInt8)) ENGINE = Memory")
    digits = load_digits().held_out
    answers = set()
    for pixels in digits.pixels[:5].reshape(5, -1).tolist():
        session.execute("TRUNCATE TABLE image")
        session.insert_rows("INSERT INTO image VALUES (?)", [(pixels,)])
        (wanted,) = rows(session, "SELECT predict('a', pixels) FROM image")
        answers.add(wanted)
        assert rows(session, "SELECT model_processing('image', 'a')") == [wanted]
        assert rows(session, "SELECT multi_model('image', 2)") == [[wanted, wanted]]
        many = rows(session, "SELECT * FROM multi_model('image', ['b', 'a'])")
        assert many == [("b", wanted), ("a", wanted)]
    assert len(answers) > 1


def test_dropping_removes_all_rows_and_the_program(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    rows(session, "SELECT predict('digits', arrayResize([0], 64))")
    assert rows(session, "SELECT program_bytes > 10000 FROM system.models") == [1]
    session.execute("DROP MODEL digits")
    assert all(not found for found in contents(session).values())
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    assert rows(session, "SELECT program_bytes FROM system.models") == [0]


def test_a_base_in_use_stays(session: Session) -> None:
    session.execute("CREATE MODEL base FROM ?", [DIGITS])
    session.execute("CREATE MODEL tuned EXTENDS base FROM ?", [DIGITS])
    before = contents(session)
    for sql in ("DROP MODEL base", f"CREATE OR REPLACE MODEL base FROM '{DIGITS}'"):
        error = error_of(session, sql)
        assert error.code.name == "NN_MODEL_IN_USE"
        assert "tuned" in str(error)
    assert contents(session) == before
    session.execute("DROP MODEL base, tuned")
    assert rows(session, "SHOW MODELS") == []


@pytest.mark.parametrize(
    ("sql", "code", "part"),
    [
        ("CREATE MODEL digits FROM '{digits}'", "NN_MODEL_EXISTS", "already there"),
        ("CREATE MODEL m FROM 'nowhere'", "NN_FILE_UNREADABLE", "nowhere"),
        ("CREATE MODEL m FROM '{python}'", "NN_FILE_DAMAGED", "safetensors"),
        ("CREATE MODEL m FROM 5", "BAD_ARGUMENTS", "text"),
        ("CREATE MODEL m EXTENDS digit FROM '{digits}'", "NN_UNKNOWN_MODEL", "'digits'?"),
        ("DROP MODEL digit", "NN_UNKNOWN_MODEL", "did you mean 'digits'?"),
        ("DROP MODEL default.digits", "BAD_ARGUMENTS", "no database"),
        ("SHOW CREATE MODEL digit", "NN_UNKNOWN_MODEL", "did you mean 'digits'?"),
        ("EXPLAIN MODEL digit", "NN_UNKNOWN_MODEL", "did you mean 'digits'?"),
        ("EXPLAIN MODEL digits FORM smartlit", "NN_UNKNOWN_FORM", "'smartlite'?"),
        ("SELECT predict('digit', [1])", "NN_UNKNOWN_MODEL", "did you mean 'digits'?"),
        ("SELECT predict('digits', [1])", "NN_SHAPE_MISMATCH", "64 values, found 1"),
        ("SELECT predict('digits', range(64))", "NN_PIXEL_OUT_OF_RANGE", "0 to 16"),
        ("SELECT predict('digits', arrayResize([-1], 64))", "NN_PIXEL_OUT_OF_RANGE", "-1"),
        ("SELECT predict('digits', [0.5])", "ILLEGAL_TYPE_OF_ARGUMENT", "integers"),
        ("SELECT predict(toString(number), [1]) FROM numbers(2)", "ILLEGAL_COLUMN", "constant"),
        ("SELECT model_processing('system.one', 'digits')", "NN_NO_IMAGES", "no images"),
        ("SELECT model_processing('nothing', 'digits')", "UNKNOWN_TABLE", "nothing"),
        ("SELECT * FROM model_processing('system.one', 'digits')", "NN_NO_IMAGES", "no images"),
        ("SELECT multi_model('system.one', 2)", "NN_UNKNOWN_MODEL", "first 2 of 1"),
        ("INSERT INTO models.models (name) VALUES ('x')", "READONLY", "CREATE MODEL"),
        ("CREATE DATABASE models", "READONLY", "CREATE MODEL"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    session: Session, sql: str, code: str, part: str
) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    before = contents(session)
    error = error_of(session, sql.format(digits=DIGITS, python=__file__))
    assert error.code.name == code
    assert part in error.report()
    assert contents(session) == before


def test_if_exists_and_if_not_exists(session: Session) -> None:
    session.execute("DROP MODEL IF EXISTS digits")
    session.execute("CREATE MODEL IF NOT EXISTS digits FROM ?", [DIGITS])
    session.execute("CREATE MODEL IF NOT EXISTS digits FROM 'not even read'")
    assert rows(session, "EXISTS MODEL digits") == [1]
    session.execute("DROP MODEL IF EXISTS digits, other")
    assert rows(session, "EXISTS MODEL digits") == [0]


def test_show_create_gives_the_statement(session: Session) -> None:
    session.execute("CREATE MODEL `the base` FROM ?", [DIGITS])
    session.execute("CREATE MODEL tuned EXTENDS `the base` FROM ?", [DIGITS])
    (statement,) = rows(session, "SHOW CREATE MODEL tuned")
    assert statement == f"CREATE MODEL tuned EXTENDS `the base` FROM '{DIGITS}'"
    session.execute("DROP MODEL tuned")
    session.execute(statement)
    assert rows(session, "SHOW MODELS LIKE 'tu%'") == ["tuned"]


def test_another_session_sees_a_model_when_it_is_there(session: Session) -> None:
    other = session.database.session()
    assert rows(other, "SHOW MODELS") == []
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    sql = "SELECT predict('digits', arrayResize([number], 64)) FROM numbers(3)"
    running = other.execute(sql).batches
    session.execute("DROP MODEL digits")
    assert sum(batch.n_rows for batch in running) == 3
    assert error_of(other, sql).code.name == "NN_UNKNOWN_MODEL"


def test_models_outlive_the_process(tmp_path: Path) -> None:
    for number in range(2):
        with Database.open(tmp_path / "db", extensions=[NeuralOperators()]) as database:
            session = database.session()
            if not number:
                session.execute("CREATE MODEL digits FROM ?", [DIGITS])
            (found,) = rows(session, "SELECT predict('digits', arrayResize([0], 64))")
            assert 0 <= found < 10


@pytest.mark.parametrize("form", ["smartlite", "DL2SQL"])
def test_a_form_is_printed_as_a_script(session: Session, form: str) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    lines = rows(session, f"EXPLAIN MODEL digits FORM {form}")
    assert lines[-1] == "SELECT id, class, logits FROM digits_answers ORDER BY id;"
    assert len(parse_statements("\n".join(lines))) > 5


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("jsn = 1", "UNKNOWN_SETTING"),
        ("json = 2", "BAD_ARGUMENTS"),
        ("header = 1", "UNKNOWN_SETTING"),
        ("json = 1, mermaid = 1", "BAD_ARGUMENTS"),
    ],
)
def test_explain_takes_its_settings_alone(session: Session, settings: str, code: str) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    assert error_of(session, f"EXPLAIN MODEL {settings} digits").code.name == code


def test_running_a_model_counts_as_memory_of_the_statement(session: Session) -> None:
    session.execute("CREATE MODEL digits FROM ?", [DIGITS])
    sql = "SELECT predict('digits', arrayResize([number % 17], 64)) FROM numbers(3) SETTINGS "
    assert error_of(session, f"{sql} max_memory_usage = 1500").code.name == "MEMORY_LIMIT_EXCEEDED"
    assert len(rows(session, f"{sql} max_memory_usage = 100000")) == 3


def test_models_come_and_go_while_others_run(tmp_path: Path) -> None:
    """Each reader sees a model whole or none, whatever another connection commits meanwhile."""
    with Database.open(tmp_path / "db", extensions=[NeuralOperators()]) as database:
        sql = "SELECT predictClass('m', arrayMap(i -> i % 17, range(64)))"
        writer = database.session()
        writer.execute("CREATE MODEL m FROM ?", [DIGITS])
        expected = {"NN_UNKNOWN_MODEL", *rows(writer, sql)}
        writer.execute("DROP MODEL m")
        found: list[str] = []
        is_over = threading.Event()

        def read() -> None:
            reader = database.session()
            while not is_over.wait(0.01):
                try:
                    found.append(rows(reader, sql)[0])
                except MiniDBError as error:
                    found.append(error.code.name)

        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            writer.execute("CREATE MODEL m FROM ?", [DIGITS])
            writer.execute("CREATE MODEL other EXTENDS m FROM ?", [DIGITS])
            writer.execute("DROP MODEL other, m")
        is_over.set()
        for thread in threads:
            thread.join()
    assert set(found) <= expected
    assert found
