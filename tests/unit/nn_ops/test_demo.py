"""The demo from images to accuracy, and a second run in the same database."""

from __future__ import annotations

import pytest

from minidb.dbapi import connect
from minidb.errors import TABLE_ALREADY_EXISTS, MiniDBError
from nn_ops.demo import run_demo


def test_the_demo_runs_refuses_and_replaces(capsys: pytest.CaptureFixture[str]) -> None:
    connection = connect(":memory:")
    run_demo(connection)
    shown = capsys.readouterr().out
    assert shown.startswith("599 digits of 8x8 pixels")
    assert shown.endswith("accuracy 97.33 % (583 of 599)\n")
    assert "CREATE TABLE digits_3_sign2" in shown
    with pytest.raises(MiniDBError) as caught:
        run_demo(connection)
    assert caught.value.code == TABLE_ALREADY_EXISTS
    assert "minidb demo --replace" in str(caught.value.hint)
    run_demo(connection, replace=True)
    rows = connection.execute(
        "SELECT countIf(label = class), count(), min(id) FROM digits_answers AS a "
        "INNER JOIN digits_images AS i ON a.id = i.id"
    ).rows()
    assert rows == [(583, 599, 1198)]
    connection.close()
