import pytest

import minidb
from minidb.errors import MiniDBError


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        yield opened


def test_types_and_names_are_found(connection, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1,a\n2,\n")
    result = connection.execute(f"SELECT * FROM file('{path}') ORDER BY id")
    assert result.names == ("id", "name")
    assert result.rows() == [(1, "a"), (2, None)]


def test_a_structure_may_be_given(connection, tmp_path):
    path = tmp_path / "rows"
    path.write_bytes(b"1\t[1,2]\n")
    result = connection.execute(f"SELECT b FROM file('{path}', 'TSV', 'a UInt8, b Array(UInt8)')")
    assert [t.name for t in result.types] == ["Array(UInt8)"]
    assert result.rows() == [([1, 2],)]


def test_an_empty_file_with_structure_has_no_rows(connection, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"")
    assert connection.execute(f"SELECT * FROM file('{path}', 'auto', 'a UInt8')").rows() == []


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        ("'{}/none.csv'", 107),
        ("'{}'", 73),
        ("'{}/a.csv', 'Pretty'", 48),
        ("'{}/a.csv', 'CSVV'", 73),
        ("'{}/a.csv', 'CSV', 'a'", 50),
        ("'{}/a.csv', 'CSV', 'UInt8'", 36),
        ("'{}/a.csv', 'CSV', 'a UInt8'", 117),
        ("'{}/empty.csv'", 636),
        ("'', 'CSV'", 36),
        ("'a\\0b', 'CSV'", 36),
        ("'{}', 'CSV'", 10004),
    ],
)
def test_bad_arguments_are_named(connection, tmp_path, arguments, number):
    (tmp_path / "a.csv").write_bytes(b"x,y\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(MiniDBError) as caught:
        connection.execute(f"SELECT * FROM file({arguments.format(tmp_path)})")
    assert caught.value.code.number == number
