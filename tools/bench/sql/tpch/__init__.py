"""TPC-H: 22 questions of a trader's database, with the validation parameters of its specification.

The data come from ``tpchgen-cli`` (a generator on the package index, Apache-2.0). Dates are written
as texts, years by EXTRACT, so that one text serves every engine; ORDER BY has a last key more where
the specification leaves the order of equal rows open.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.bench.sql.question import Columns, Question, Table

MONEY = "Decimal(15, 2)"
_WORDS = {"i": "Int32", "s": "String", "d": "Date", "m": MONEY}

# Each column with the letter of its type; a star marks the primary key.
_TABLES = {
    "region": "r_regionkey:i* r_name:s r_comment:s",
    "nation": "n_nationkey:i* n_name:s n_regionkey:i n_comment:s",
    "supplier": "s_suppkey:i* s_name:s s_address:s s_nationkey:i s_phone:s s_acctbal:m s_comment:s",
    "customer": "c_custkey:i* c_name:s c_address:s c_nationkey:i c_phone:s c_acctbal:m "
    "c_mktsegment:s c_comment:s",
    "part": "p_partkey:i* p_name:s p_mfgr:s p_brand:s p_type:s p_size:i p_container:s "
    "p_retailprice:m p_comment:s",
    "partsupp": "ps_partkey:i* ps_suppkey:i** ps_availqty:i ps_supplycost:m ps_comment:s",
    "orders": "o_orderkey:i* o_custkey:i o_orderstatus:s o_totalprice:m o_orderdate:d "
    "o_orderpriority:s o_clerk:s o_shippriority:i o_comment:s",
    "lineitem": "l_orderkey:i* l_partkey:i l_suppkey:i l_linenumber:i* l_quantity:m "
    "l_extendedprice:m l_discount:m l_tax:m l_returnflag:s l_linestatus:s l_shipdate:d "
    "l_commitdate:d l_receiptdate:d l_shipinstruct:s l_shipmode:s l_comment:s",
}


def questions() -> tuple[Question, ...]:
    """Return the 22 questions."""
    files = sorted(Path(__file__).parent.glob("q*.sql"))
    return tuple(Question(f.stem, f.read_text(encoding="utf-8").strip()) for f in files)


def columns(table: str) -> Columns:
    """Return the columns of a table."""
    pairs = (word.rstrip("*").split(":") for word in _TABLES[table].split())
    return [(name, _WORDS[letter]) for name, letter in pairs]


def primary_key(table: str) -> tuple[str, ...]:
    """Return the columns of a table's primary key."""
    return tuple(word.split(":")[0] for word in _TABLES[table].split() if word.endswith("*"))


def tables(scale: float, folder: Path) -> Iterator[Table]:
    """Generate all tables as CSV and yield them.

    Raises
    ------
    SystemExit
        When the generator is not installed.
    """
    beside = Path(sys.executable).with_name("tpchgen-cli")
    program = str(beside) if beside.exists() else shutil.which("tpchgen-cli")
    if program is None:
        raise SystemExit("TPC-H needs its data generator: pip install tpchgen-cli")
    command = [program, "csv", "-s", str(scale), "--output-dir", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name in _TABLES:
        yield Table(name, columns(name), folder / f"{name}.csv", primary_key(name))
