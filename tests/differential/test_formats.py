"""Every output format against ClickHouse, byte by byte."""

import datetime

import pytest

from minidb.columns import Batch, column_from_values
from minidb.formats.format import DEFAULT_OPTIONS, Table, Target, format_options
from minidb.formats.registry import find_format
from minidb.settings import default_settings
from minidb.types.names import parse_type

chdb = pytest.importorskip("chdb")

DAY = datetime.date(2020, 1, 2)
SECOND = datetime.datetime(2020, 1, 2, 3, 4, 5)
NASTY = "x\ty\n\\'\"\0\b\f\r\a\v/<>&é日\u2028"

# A name, a type, values for minidb, and the same values for ClickHouse.
CORPUS = {
    "numbers": [
        ("a", "UInt8", [1, 255], "[1, 255]"),
        ("b", "Int64", [-5, 9223372036854775807], "[-5, 9223372036854775807]"),
        ("c", "UInt64", [18446744073709551615, 0], "[18446744073709551615, 0]"),
        ("d", "Int128", [-7, 1 << 100], "['-7', '1267650600228229401496703205376']"),
        ("e", "UInt256", [7, 1 << 200], f"['7', '{1 << 200}']"),
        ("f", "Bool", [True, False], "[true, false]"),
    ],
    "floats": [
        ("a", "Float32", [1.5, 0.1, -0.0, 1e10], "[1.5, 0.1, -0.0, 1e10]"),
        ("b", "Float64", [1e300, 1e16, 1e21, 1e-7], "[1e300, 1e16, 1e21, 1e-7]"),
        ("c", "Float64", [float("nan"), float("inf"), float("-inf"), 0.1], "[nan, inf, -inf, 0.1]"),
        (
            "d",
            "Float64",
            [0.0001, 1e-6, 123456789012345680000.0, 2 / 3],
            "[0.0001, 1e-6, 123456789012345680000., 0.6666666666666666]",
        ),
    ],
    "texts": [
        ("a", "String", ["", "a,b", 'q"q', "a'b", NASTY], None),
        ("b", "String", [b"\xff\x00\xfe", b"\xe6\x97ab", "é", " x ", "a|b"], None),
        ("c", "FixedString(4)", ["ab", "abcd", "", "é", "a\nb"], None),
        ("d", "Nullable(String)", [None, "x", "a;b", "NULL", "\\N"], None),
    ],
    "one tab": [("d", "Nullable(String)", [None, "a\tb"], None)],
    "dates": [
        ("a", "Date", [DAY, datetime.date(1970, 1, 1)], "['2020-01-02', '1970-01-01']"),
        ("b", "DateTime", [SECOND, SECOND], "['2020-01-02 03:04:05', '2020-01-02 03:04:05']"),
        ("c", "Nullable(Date)", [None, DAY], "[NULL, '2020-01-02']"),
    ],
    "nulls": [
        ("a", "Nullable(UInt8)", [None, 1, 2], "[NULL, 1, 2]"),
        ("b", "Nullable(Float64)", [1.5, None, float("nan")], "[1.5, NULL, nan]"),
        ("c", "Nullable(Nothing)", [None, None, None], "[NULL, NULL, NULL]"),
        ("d", "Nullable(Bool)", [None, True, False], "[NULL, true, false]"),
    ],
    "arrays": [
        ("a", "Array(UInt8)", [[], [1], [1, 2, 3]], "[[], [1], [1, 2, 3]]"),
        (
            "b",
            "Array(String)",
            [["a'b", "c\td\\", ""], [], ["x"]],
            r"[['a\'b', 'c\td\\', ''], [], ['x']]",
        ),
        ("c", "Array(Array(UInt8))", [[[1], []], [], [[]]], "[[[1], []], [], [[]]]"),
        ("d", "Array(Nullable(UInt8))", [[None, 1], [], [None]], "[[NULL, 1], [], [NULL]]"),
        (
            "e",
            "Array(Tuple(UInt8, Array(UInt8)))",
            [[(1, [2, 3])], [], [(4, []), (5, [6])]],
            "[[(1, [2, 3])], [], [(4, []), (5, [6])]]",
        ),
        ("f", "Array(Bool)", [[True], [False, True], []], "[[true], [false, true], []]"),
        (
            "g",
            "Array(Date)",
            [[DAY], [], [DAY, DAY]],
            "[['2020-01-02'], [], ['2020-01-02', '2020-01-02']]",
        ),
    ],
    "tuples": [
        ("a", "Tuple(UInt8, String)", [(1, "x'y"), (2, "")], r"[(1, 'x\'y'), (2, '')]"),
        ("b", "Tuple(x UInt8, y String)", [(1, "b"), (2, "c\nd")], r"[(1, 'b'), (2, 'c\nd')]"),
        (
            "c",
            "Tuple(Tuple(UInt8, UInt8), Array(UInt8))",
            [((1, 2), [3]), ((4, 5), [])],
            "[((1, 2), [3]), ((4, 5), [])]",
        ),
        ("d", "Tuple(String)", [("x",), ("y",)], "[tuple('x'), tuple('y')]"),
        ("e", "Array(Tuple(a UInt8, b String))", [[(1, "x")], []], "[[(1, 'x')], []]"),
        (
            "f",
            "Tuple(a Tuple(b UInt8, c Array(UInt8)), d Nullable(UInt8))",
            [((1, []), None), ((2, [3]), 4)],
            "[((1, []), NULL), ((2, [3]), 4)]",
        ),
    ],
    "names": [
        ("n\t\"a\nb'/é", "UInt8", [1], "[1]"),
        ("toString(x)", "String", ["z"], "['z']"),
    ],
    "one text": [("x", "String", ["a\nbc\nd", "ab\n", "日本", "", "tab\tx"], None)],
    "one number": [
        (
            "x",
            "Float64",
            [1234567.25, 1e6, 2e10, -1.5e12, 5.0],
            "[1234567.25, 1e6, 2e10, -1.5e12, 5]",
        )
    ],
    "one named tuple": [
        ("t", "Tuple(a UInt8, b String)", [(1, "x"), (2, "y")], "[(1, 'x'), (2, 'y')]")
    ],
    "many rows": [
        ("n", "UInt32", list(range(60)), str(list(range(60)))),
        ("t", "String", [str(i * i) for i in range(60)], str([str(i * i) for i in range(60)])),
    ],
    "wide": [(f"c{i}", "String", ["x" * 60], f"['{'x' * 60}']") for i in range(6)],
    "wide but long": [(f"c{i}", "String", ["x" * 60] * 11, str(["x" * 60] * 11)) for i in range(6)],
    "lines in five columns": [
        *((f"c{i}", "UInt8", [1, 2], "[1, 2]") for i in range(4)),
        ("e", "String", ["a\nb", "c"], r"['a\nb', 'c']"),
    ],
}

FORMATS = [
    *("TabSeparated", "TSVRaw", "TSVWithNames", "TSVWithNamesAndTypes", "CSV", "CSVWithNames"),
    *("CSVWithNamesAndTypes", "JSONEachRow", "JSONCompactEachRow", "JSON", "JSONCompact"),
    *("Pretty", "PrettyCompact", "PrettySpace", "PrettySpaceNoEscapesMonoBlock"),
    *("Vertical", "Values", "Markdown", "Null", "TSVRawWithNames", "LineAsString", "TSKV"),
    *("JSONStrings", "JSONCompactStrings", "JSONColumns", "JSONCompactColumns"),
    *("JSONColumnsWithMetadata", "JSONStringsEachRow", "JSONCompactStringsEachRow", "JSONL"),
    *("JSONCompactEachRowWithNames", "JSONCompactStringsEachRowWithNamesAndTypes"),
    *("JSONCompactEachRowWithNamesAndTypes", "JSONObjectEachRow", "PrettyJSONEachRow"),
    *("RowBinary", "RowBinaryWithNames", "RowBinaryWithNamesAndTypes", "Native"),
]

NO_STATISTICS = " SETTINGS output_format_write_statistics = 0"


def hex_list(values):
    """Return texts as a ClickHouse list that keeps every byte."""
    raw = [v if v is None or isinstance(v, bytes) else v.encode() for v in values]
    return "[" + ", ".join("NULL" if v is None else f"unhex('{v.hex()}')" for v in raw) + "]"


def quoted(name):
    escaped = name.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return "`" + escaped.replace("`", "\\`") + "`"


def clickhouse(columns, name, limit="", settings=""):
    """Return ClickHouse's output for the columns of the corpus."""
    lists = [
        f"CAST({literal or hex_list(values)}, 'Array({data_type})') AS {quoted(column)}"
        for column, data_type, values, literal in columns
    ]
    arrays = ", ".join(quoted(column) for column, *_ in columns)
    text = f"SELECT {arrays} FROM (SELECT {', '.join(lists)}) ARRAY JOIN {arrays}{limit}"
    return chdb.query(text + NO_STATISTICS + settings, name).bytes()


def minidb(columns, name, batch_rows=1_000_000, options=DEFAULT_OPTIONS):
    names = tuple(column for column, *_ in columns)
    types = tuple(parse_type(data_type) for _, data_type, *_ in columns)
    made = [
        column_from_values(t, values) for t, (_, _, values, _) in zip(types, columns, strict=True)
    ]
    whole = Batch(tuple(made), len(made[0]))
    batches = [whole.slice(at, at + batch_rows) for at in range(0, whole.n_rows, batch_rows)]
    return b"".join(find_format(name).write(Table(names, types, batches, options=options)))


# These draw every value as another format does: a few tables are enough.
RELATED = {
    *("PrettySpaceNoEscapesMonoBlock", "JSONCompactStrings", "JSONCompactColumns", "JSONL"),
    *("JSONCompactStringsEachRow", "JSONCompactEachRowWithNames", "RowBinaryWithNames"),
    *("JSONCompactStringsEachRowWithNamesAndTypes", "JSONCompactEachRowWithNamesAndTypes"),
    *("TSVRawWithNames", "LineAsString", "JSONColumnsWithMetadata", "TSVWithNames"),
    *("CSVWithNames", "JSONCompact", "RowBinaryWithNamesAndTypes", "JSONStringsEachRow"),
}
CASES = [
    (corpus, name)
    for name in FORMATS
    for corpus in CORPUS
    if name not in RELATED or corpus in {"names", "nulls", "tuples"}
]


@pytest.mark.parametrize(("corpus", "name"), CASES)
def test_output_is_that_of_clickhouse(corpus, name):
    expected = clickhouse(CORPUS[corpus], name)
    if name == "Markdown":
        # The listed difference: a bar would end the cell.
        expected = expected.replace(b"a|b", rb"a\|b")
    assert minidb(CORPUS[corpus], name) == expected


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("corpus", ["arrays", "many rows"])
def test_output_does_not_depend_on_batches(corpus, name):
    if name == "Native":
        pytest.skip("every batch is a block of its own")
    assert minidb(CORPUS[corpus], name, batch_rows=2) == minidb(CORPUS[corpus], name)


@pytest.mark.parametrize("name", FORMATS)
def test_output_of_no_rows(name):
    columns = CORPUS["tuples"]
    empty = [(column, data_type, [], None) for column, data_type, *_ in columns]
    names = tuple(column for column, *_ in empty)
    types = tuple(parse_type(data_type) for _, data_type, *_ in empty)
    made = b"".join(find_format(name).write(Table(names, types, [])))
    assert made == clickhouse(columns, name, " WHERE 0")


ONE_COLUMN = ["numbers", "floats", "one text", "one number", "arrays"]


@pytest.mark.parametrize("corpus", ONE_COLUMN)
def test_npy_is_that_of_clickhouse(corpus):
    for column in CORPUS[corpus]:
        if column[1] in {"UInt8", "Int64", "UInt64", "Bool", "Float32", "Float64", "String"}:
            assert minidb([column], "Npy") == clickhouse([column], "Npy")


@pytest.mark.parametrize(
    ("setting", "value", "name", "corpus"),
    [
        ("output_format_json_quote_64bit_integers", 1, "JSONEachRow", "numbers"),
        ("output_format_json_quote_64bit_floats", 1, "JSON", "floats"),
        ("output_format_json_quote_denormals", 1, "JSONEachRow", "floats"),
        ("output_format_json_escape_forward_slashes", 0, "JSONEachRow", "texts"),
        ("output_format_json_named_tuples_as_objects", 0, "JSONEachRow", "tuples"),
        ("output_format_json_array_of_rows", 1, "JSONEachRow", "nulls"),
        ("format_csv_delimiter", ";", "CSVWithNames", "nulls"),
        ("format_csv_null_representation", "nil", "CSV", "nulls"),
        ("format_tsv_null_representation", "nil", "TSV", "nulls"),
        ("output_format_csv_crlf_end_of_line", 1, "CSVWithNames", "nulls"),
        ("output_format_tsv_crlf_end_of_line", 1, "TSVWithNames", "nulls"),
        ("output_format_pretty_max_rows", 7, "PrettySpace", "many rows"),
        ("output_format_pretty_row_numbers", 0, "Pretty", "many rows"),
    ],
)
def test_settings_change_output_as_in_clickhouse(setting, value, name, corpus):
    settings = default_settings()
    settings.set(setting, value)
    shown = repr(value) if isinstance(value, str) else value
    expected = clickhouse(CORPUS[corpus], name, "", f", {setting} = {shown}")
    assert minidb(CORPUS[corpus], name, options=format_options(settings)) == expected


READ = [name for name in FORMATS if find_format(name).read is not None]


@pytest.mark.parametrize("name", sorted(set(READ)))
def test_what_clickhouse_writes_is_read(name):
    if name in {"TSVRaw", "TSVRawWithNames", "LineAsString"}:
        pytest.skip("has no escapes")
    for corpus in ("numbers", "texts", "dates", "nulls", "arrays", "tuples"):
        columns = CORPUS[corpus]
        if name.startswith("JSON") and corpus == "texts":
            columns = columns[3:]  # JSON cannot hold bytes that are not UTF-8
        if name.startswith("CSVWith") and corpus == "tuples":
            continue  # names of a tuple's fields in CSV are none of the columns
        names = tuple(column for column, *_ in columns)
        types = tuple(parse_type(data_type) for _, data_type, *_ in columns)
        found = find_format(name).read(clickhouse(columns, name), Target(names, types))
        made = [column_from_values(t, c[2]) for t, c in zip(types, columns, strict=True)]
        for a, b in zip(found, made, strict=True):
            assert str(a.to_pylist()) == str(b.to_pylist()) or "nan" in str(b.to_pylist())
