"""How much memory hungry statements take under a limit, each in a process of its own (Linux)."""

from __future__ import annotations

import subprocess
import sys

from tools.bench.measure import Row

LIMIT_BYTES = 1 << 30
N_ROWS = 10_000_000
TIMEOUT_S = 300
MEBIBYTE = 1 << 20

STATEMENTS: dict[str, str] = {
    "GROUP BY of 1e7 numbers": "SELECT count() FROM "
    "(SELECT number, count() FROM numbers({n}) GROUP BY number)",
    "GROUP BY of 1e7 texts": "SELECT count() FROM "
    "(SELECT toString(number) AS k, count() FROM numbers({n}) GROUP BY k)",
    "DISTINCT of 1e7 texts": "SELECT count() FROM "
    "(SELECT DISTINCT toString(number) FROM numbers({n}))",
    "ORDER BY of 1e7 numbers": "SELECT max(n) FROM "
    "(SELECT number AS n FROM numbers({n}) ORDER BY cityHash64(number))",
}

# Prints the seconds, the growth of the largest resident size in bytes, and the outcome. Linux
# tells both sizes of the process itself; its `ru_maxrss` begins with that of the parent.
PROGRAM = """
import sys, time
import minidb

def size_bytes(name):
    with open("/proc/self/status") as lines:
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

limit, sql = int(sys.argv[1]), sys.argv[2]
with minidb.connect(settings={"max_memory_usage": limit}) as connection:
    connection.execute("SELECT toString(number) AS k, count() FROM numbers(9) GROUP BY k")
    with open("/proc/self/clear_refs", "w") as control:
        control.write("5")
    before = size_bytes("VmRSS")
    start = time.perf_counter()
    try:
        connection.execute(sql)
        outcome = "0"
    except minidb.Error as error:
        outcome = str(error.code.number)
    print(time.perf_counter() - start, size_bytes("VmHWM") - before, outcome)
"""


def measured(sql: str, limit: int) -> tuple[float, int, int]:
    """Run a statement in a process of its own.

    Returns
    -------
    seconds : float
        How long it ran.
    grown_bytes : int
        How much the largest resident size of the process grew.
    code : int
        The number of its error, 0 when it worked.

    Raises
    ------
    subprocess.CalledProcessError
        When the process ended in any other way, such as by the system.
    """
    command = [sys.executable, "-c", PROGRAM, str(limit), sql]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT_S)
    seconds, grown, code = done.stdout.split()
    return float(seconds), int(grown), int(code)


def run() -> list[Row]:
    """Run the statements under one GiB; the names of the rows tell peak and outcome."""
    rows = []
    for name, sql in STATEMENTS.items():
        seconds, grown, code = measured(sql.format(n=N_ROWS), LIMIT_BYTES)
        outcome = f"error {code}" if code else "works"
        rows.append(Row(f"{name}: {grown // MEBIBYTE} MiB, {outcome}", seconds))
    return rows
