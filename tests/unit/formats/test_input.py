"""Reading TSV, CSV and JSONEachRow: what is accepted, and where errors point."""

import pytest

from minidb.errors import MiniDBError
from minidb.formats.format import Target
from minidb.formats.registry import find_format, find_input_format
from minidb.types.names import parse_type


def read(name, text, structure="a UInt8, b String"):
    parts = [part.split(" ", 1) for part in structure.split(", ")]
    target = Target(tuple(n for n, _ in parts), tuple(parse_type(t) for _, t in parts))
    columns = find_format(name).read(text, target)
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def refused(name, text, structure="a UInt8, b String"):
    with pytest.raises(MiniDBError) as caught:
        read(name, text, structure)
    return caught.value.code.number, caught.value.message


def test_tsv_null_and_empty():
    assert read("TSV", b"\t\\N\n\\N\tx") == [(0, ""), (0, "x")]
    assert read("TSV", b"\t\\N\n\\N\tx\n", "a Nullable(UInt8), b Nullable(String)") == [
        (0, None),
        (None, "x"),
    ]
    assert read("TSV", b"") == []


def test_csv_null_and_empty():
    structure = "a Nullable(String), b Nullable(UInt8), c UInt8"
    text = b',,\n\\N,\\N,\\N\n"",1,1\n'
    assert read("CSV", text, structure) == [(None, None, 0), (None, None, 0), ("", 1, 1)]


def test_csv_quotes_blanks_and_line_ends():
    text = b' 1 , "x ""y"", z" \r\n2,"a\nb"\r\n3,\'q\'\r\n'
    assert read("CSV", text) == [(1, 'x "y", z'), (2, "a\nb"), (3, "'q'")]


def test_a_quote_inside_a_field_is_a_byte():
    assert read("CSV", b'1,a"b\n2,"c,d"\n3,x"\n') == [(1, 'a"b'), (2, "c,d"), (3, 'x"')]


def test_names_choose_columns():
    text = b'"b","zz","a"\n"x",9,1\n'
    assert read("CSVWithNames", text, "a UInt8, b String, c String") == [(1, "x", "")]
    assert read("TSVWithNames", b"b\ta\nx\t1\n") == [(1, "x")]
    assert read("TSVWithNames", b"") == []


def test_json_rows():
    text = b'{"b":"x","zz":{"q":1},"a":1}\n\n {"a":"7","b":null} {"b":5},{"a":true,"b":[1,2]}'
    assert read("JSONEachRow", text) == [(1, "x"), (7, ""), (0, "5"), (1, "[1, 2]")]
    assert read("JSONEachRow", b'[{"a":1},\n{"a":2}]', "a Int64") == [(1,), (2,)]
    assert read("JSONEachRow", b'{"a":1.50}', "a String") == [("1.50",)]


def test_json_nested_values():
    structure = "a Array(Nullable(UInt8)), b Tuple(x UInt8; y String)".replace(";", ",")
    target_types = ["Array(Nullable(UInt8))", "Tuple(x UInt8, y String)"]
    target = Target(("a", "b"), tuple(map(parse_type, target_types)))
    text = b'{"a":[1,null],"b":{"y":"q","x":2}}{"b":[3,"z"]}'
    columns = find_format("JSONEachRow").read(text, target)
    assert structure.startswith("a Array")
    assert [column.to_pylist() for column in columns] == [[[1, None], []], [(2, "q"), (3, "z")]]


@pytest.mark.parametrize(
    ("name", "text", "number", "place"),
    [
        ("CSV", b"1,a\n2\n3,c\n", 27, "line 2: expected 2 values, found 1"),
        ("CSV", b"1,a\n2,b,c\n", 117, "line 2: expected 2 values, found 3"),
        ("CSV", b'1,"a\nb"\nx,c\n', 27, "line 3, column 'a': cannot read 'x' as UInt8"),
        ("CSV", b"300,a\n", 27, "line 1, column 'a': cannot read '300' as UInt8"),
        ("CSV", b'1,"a\n', 27, "line 1"),
        ("TSV", b"1\ta\n2\n", 27, "line 2: expected 2 values, found 1"),
        ("TSV", b"1\ta\tb\n", 27, "line 1: expected 2 values, found 3"),
        ("TSV", b"1\ta\n1x\tb\n", 27, "line 2, column 'a': cannot read '1x' as UInt8"),
        ("TSV", b"1\ta\r\n", 117, "line 1: a carriage return"),
        ("TSVWithNames", b"a\tb\n1\tx\n\\N\ty\nz\tz\n", 27, "line 4, column 'a'"),
        ("JSONEachRow", b'{"a":1}\n{"a":"q"}', 27, "line 2, column 'a': cannot read 'q' as UInt8"),
        ("JSONEachRow", b'{"a":1}\n{"a":', 27, "line 2: not JSON"),
        ("JSONEachRow", b'{"a":1}\n5', 27, "line 2: a row has to be an object"),
        ("JSONEachRow", b'{"a":[1]}', 27, "line 1, column 'a'"),
    ],
)
def test_errors_name_line_and_column(name, text, number, place):
    code, message = refused(name, text)
    assert code == number
    assert message.startswith(place)


def test_errors_inside_json_arrays_name_the_row():
    text = b'{"a":[1]}\n{"a":[2,"x"]}'
    assert refused("JSONEachRow", text, "a Array(UInt8)")[1].startswith("line 2, column 'a'")
    assert refused("JSONEachRow", b'{"a":5}', "a Array(UInt8)")[0] == 27


def test_deep_json_is_refused():
    assert refused("JSONEachRow", b'{"a":' + b"[" * 200_000)[0] == 27


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("CSV", b'1,a,2.5,2020-01-02,true,"[1,2]",2020-01-02 03:04:05\n-2,"b", 3 ,\\N,false,[],\n',
         "c1 Nullable(Int64), c2 Nullable(String), c3 Nullable(Float64), c4 Nullable(Date), "
         "c5 Nullable(Bool), c6 Array(Nullable(Int64)), c7 Nullable(DateTime)"),
        ("CSV", b"id,name\n1,a\n", "id Nullable(Int64), name Nullable(String)"),
        ("CSV", b"id,name\na,b\n", "c1 Nullable(String), c2 Nullable(String)"),
        ("CSV", b'"1",18446744073709551615,\n', "c1 Nullable(String), c2 Nullable(UInt64), c3 Nullable(String)"),
        ("CSV", b"1\n2.5\n", "c1 Nullable(Float64)"),
        ("CSV", b"1\nx\n", "c1 Nullable(String)"),
        ("CSV", b"\"[['a'],[]]\"\n", "c1 Array(Array(Nullable(String)))"),
        ("TSV", b"\\N\t1\n5\t\\N\n", "c1 Nullable(Int64), c2 Nullable(Int64)"),
        ("JSONEachRow", b'{"a":1,"b":null,"c":[1.5,2]}{"a":2,"k":true,"b":{"x":1}}',
         "a Nullable(Int64), b Nullable(String), c Array(Nullable(Float64)), k Nullable(Bool)"),
    ],
)  # fmt: skip
def test_types_are_inferred(name, text, expected):
    target = find_format(name).infer(text)
    found = ", ".join(f"{n} {t.name}" for n, t in zip(target.names, target.types, strict=True))
    assert found == expected


@pytest.mark.parametrize("name", ["CSV", "TSV", "JSONEachRow"])
def test_inferred_rows_are_read(name):
    texts = {
        "CSV": b"id,name\n1,a\n",
        "TSV": b"id\tname\n1\ta\n",
        "JSONEachRow": b'{"id":1,"name":"a"}',
    }
    chosen = find_format(name)
    target = chosen.infer(texts[name])
    assert [c.to_pylist() for c in chosen.read(texts[name], target)] == [[1], ["a"]]


def test_unknown_formats_are_refused():
    assert find_format("jsoneachrow").name == "JSONEachRow"
    for name, number in [("TVS", 73), ("Pretty", 48)]:
        with pytest.raises(MiniDBError) as caught:
            find_input_format(name)
        assert caught.value.code.number == number
        assert caught.value.hint
