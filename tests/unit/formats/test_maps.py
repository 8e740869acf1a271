"""Maps in the formats: objects of JSON, maps of Arrow."""

from __future__ import annotations

from pathlib import Path

import pytest

import minidb
from minidb.columns import Batch
from minidb.errors import MiniDBError
from minidb.formats.format import Table
from minidb.formats.registry import find_format

COLUMNS = "m Map(String, UInt64), n Map(UInt64, Array(String)), o Map(String, Nullable(UInt8))"
QUERY = (
    "SELECT map('a', number, 'b', 1) AS m, map(number, [toString(number)]) AS n, "
    "map('x', if(number = 1, NULL, toUInt8(number))) AS o FROM numbers(3)"
)
FORMATS = [
    "JSONEachRow",
    "JSON",
    "JSONCompact",
    "JSONCompactEachRow",
    "JSONStringsEachRow",
    "JSONColumns",
    "JSONCompactColumns",
    "JSONObjectEachRow",
    "Native",
    "RowBinary",
    "TSV",
    "CSV",
    "Values",
]


@pytest.mark.parametrize("name", [*FORMATS, "Arrow", "ArrowStream", "Parquet"])
def test_maps_come_back_from_files(tmp_path: Path, name: str) -> None:
    if name in {"Arrow", "ArrowStream", "Parquet"}:
        pytest.importorskip("pyarrow")
    database = minidb.connect()
    found = database.execute(QUERY)
    table = Table(found.names, found.types, [Batch(found.columns, found.n_rows)])
    path = tmp_path / "maps"
    path.write_bytes(b"".join(find_format(name).write(table)))
    read = f"SELECT * FROM file('{path}', '{name}', '{COLUMNS}')"
    assert database.execute(read).rows() == found.rows()


def test_a_map_of_json_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"m": {"1": 2}}\n{"m": null}\n{}\n')
    database = minidb.connect()
    read = f"SELECT m FROM file('{path}', 'JSONEachRow', 'm Map(UInt8, UInt8)')"
    assert database.execute(read).rows() == [({1: 2},), ({},), ({},)]
    path.write_text('{"m": {"1": 2}}\n{"m": [1]}\n')
    with pytest.raises(MiniDBError, match=r"Map\(UInt8, UInt8\)"):
        database.execute(read).rows()
