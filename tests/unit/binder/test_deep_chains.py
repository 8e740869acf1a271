"""The longest chains need no more of the C stack than short ones: threads have little of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHAIN = "'+'.join(['number'] * 5_000)"

RUN = """
import threading, minidb

def run():
    connection = minidb.connect()
    connection.execute("CREATE FUNCTION f AS number -> " + {chain})
    sql = {sql}.replace("CHAIN", {chain})
    print(len(connection.execute(sql).rows()))

threading.stack_size(512 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


@pytest.mark.parametrize(
    ("sql", "n_rows"),
    [
        ("SELECT CHAIN AS k, count() FROM numbers(3) GROUP BY k ORDER BY CHAIN", 3),
        ("SELECT (CHAIN) AS a, (CHAIN) AS a FROM numbers(3) WHERE a > 1", 2),
        ("SELECT f(number), arrayMap(number -> CHAIN, [1]) FROM numbers(3)", 3),
        ("EXPLAIN QUERY TREE SELECT sum(CHAIN) FROM numbers(3)", 3),
    ],
)
def test_a_thread_with_a_small_stack_runs_them(sql, n_rows):
    script = RUN.format(sql=repr(sql), chain=CHAIN)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{n_rows}\n")
