"""The digits network run by the demo's SQL: every stage equals the packed columns, image by image."""

from __future__ import annotations

import numpy as np
import pytest

from minidb.dbapi import connect
from nn_ops.conventions import unpack_bits
from nn_ops.demo import NAMES, demo_statements
from nn_ops.digits import load_digits
from nn_ops.executor import trace
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen.form_tables import smartlite_tables
from nn_ops.sqlgen.load import create_images, create_tables

LOGIT_TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def program():
    return lower(load_shipped_model())


@pytest.fixture(scope="module")
def digits():
    return load_digits()


@pytest.fixture(scope="module")
def traced(program, digits):
    return trace(program, digits.pixels)


@pytest.fixture(scope="module")
def answered(program, digits):
    """A database in which all 1,797 images have been classified."""
    connection = connect(":memory:")
    create_tables(connection, NAMES, smartlite_tables(program))
    create_images(connection, NAMES, digits.pixels)
    for statement in demo_statements():
        connection.execute(statement.sql)
    yield connection
    connection.close()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_bits_of_a_stage_equal_the_packed_columns(answered, program, traced, number):
    stage = program.stages[number - 1]
    table = NAMES.stage(number, stage.name)
    found = answered.execute(f"SELECT bit FROM {table} ORDER BY id, cell, channel").numpy()["bit"]
    expected = unpack_bits(traced[stage.name], stage.output.channels)
    assert np.array_equal(found, expected.ravel())


def test_sums_and_logits_equal_the_packed_columns(answered, program, traced):
    for number, stage in enumerate(program.stages[3:], start=4):
        table = NAMES.stage(number, stage.name)
        sql = f"SELECT value FROM {table} ORDER BY id, cell, channel"
        found = answered.execute(sql).numpy()["value"]
        assert np.abs(found - traced[stage.name].ravel()).max() <= LOGIT_TOLERANCE


def test_answers_are_the_largest_logits(answered, digits, traced):
    rows = answered.execute(f"SELECT id, class FROM {NAMES.of('answers')} ORDER BY id").rows()
    logits = traced["norm3"].reshape(len(digits), -1)
    assert rows == list(enumerate(logits.argmax(axis=1).tolist()))
    held_out = list(zip(rows, digits.labels, strict=True))[-599:]
    assert sum(said == label for (_, said), label in held_out) == 583


def test_shuffled_tables_and_small_batches_change_nothing(program, digits):
    """Row order and batch size are no part of the answer."""
    few = digits[-12:]
    answers = []
    for shuffles, batch_rows in ((False, 65_536), (True, 65_536), (True, 1_000)):
        connection = connect(":memory:")
        connection.execute(f"SET max_block_size = {batch_rows}")
        tables = smartlite_tables(program)
        create_tables(connection, NAMES, tables)
        create_images(connection, NAMES, few.pixels)
        if shuffles:
            for name in (NAMES.images, *(NAMES.of(table.name) for table in tables)):
                connection.execute(
                    f"CREATE OR REPLACE TABLE mixed ENGINE = Memory AS SELECT * FROM {name} "
                    "ORDER BY rand()"
                )
                connection.execute(
                    f"CREATE OR REPLACE TABLE {name} ENGINE = Memory AS SELECT * FROM mixed"
                )
        for statement in demo_statements():
            connection.execute(statement.sql)
        sql = f"SELECT id, class, logits FROM {NAMES.of('answers')} ORDER BY id"
        answers.append(connection.execute(sql).rows())
        connection.close()
    assert answers[0] == answers[1] == answers[2]
