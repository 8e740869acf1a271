"""Starting the command, and parsing a long statement."""

from __future__ import annotations

import os
import subprocess
import sys

from minidb.sql.parser import parse_statement
from tools.bench.measure import Row, best_of

START_LIMIT_S = 0.4
PARSE_LIMIT_S = 0.025
N_TERMS = 128


def long_statement() -> str:
    """Return a statement of about 4 KB: a sum of 128 lookups over subscripts."""
    terms = " + ".join(f"lookup(kv1[{i}], lv1[{i}])" for i in range(1, N_TERMS + 1))
    return f"SELECT ln_id1, {terms} > 16384 ? 1 : 0 AS bit FROM words, kernels"


def run() -> list[Row]:
    """Measure both."""
    command = [sys.executable, "-m", "minidb", "-c", "SELECT 1"]
    # An installed package has its bytecode; the warm-up round writes it for a source checkout.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def start_command() -> object:
        return subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)

    start = best_of({"minidb": start_command}, rounds=20)
    text = long_statement()
    parse = best_of({"minidb": lambda: parse_statement(text)}, rounds=20)
    size_kb = len(text) / 1000
    return [
        Row("minidb -c 'SELECT 1'", start["minidb"], limit_s=START_LIMIT_S),
        Row(f"parse {size_kb:.1f} KB, {N_TERMS} lookups", parse["minidb"], limit_s=PARSE_LIMIT_S),
    ]
