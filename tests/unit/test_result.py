import datetime
import subprocess
import sys

import numpy as np
import pytest

import minidb
from minidb.columns import Batch, Field, column_from_values
from minidb.execution.outcome import Outcome
from minidb.result import Result
from minidb.types.names import parse_type

DAY = datetime.date(2020, 1, 2)
SECOND = datetime.datetime(2020, 1, 2, 3, 4, 5)

SAMPLES = {
    "Int8": [-1, 5],
    "UInt64": [0, 18446744073709551615],
    "UInt256": [0, 1 << 200],
    "Float32": [1.5, -0.0],
    "Bool": [True, False],
    "String": ["a", b"\xff"],
    "FixedString(2)": ["ab", "c\0"],
    "Date": [DAY, DAY],
    "DateTime": [SECOND, SECOND],
    "Bits(70)": ["01" * 35, "1" * 70],
    "Array(UInt8)": [[1, 2], []],
    "Tuple(UInt8, String)": [(1, "a"), (2, "b")],
}


def result_of(*columns, cut=2):
    types = [parse_type(data_type) for _, data_type, _ in columns]
    made = [column_from_values(t, v) for t, (_, _, v) in zip(types, columns, strict=True)]
    schema = tuple(
        Field(i, n, t) for i, (t, (n, _, _)) in enumerate(zip(types, columns, strict=True))
    )
    whole = Batch(tuple(made), len(columns[0][2]))
    return Result(Outcome(schema, iter([whole.slice(0, cut), whole.slice(cut, whole.n_rows)])))


def test_rows_names_and_types():
    result = result_of(("a", "UInt8", [1, 2, 3]), ("b", "Nullable(String)", ["x", None, ""]))
    assert result.rows() == list(result) == [(1, "x"), (2, None), (3, "")]
    assert (result.names, result.n_rows, len(result)) == (("a", "b"), 3, 3)
    assert [t.name for t in result.types] == ["UInt8", "Nullable(String)"]
    assert repr(result) == "<Result: 3 rows of (a UInt8, b Nullable(String))>"


@pytest.mark.parametrize("type_name", SAMPLES)
def test_rows_give_back_the_values(type_name):
    values = SAMPLES[type_name]
    assert [value for (value,) in result_of(("x", type_name, values))] == values


@pytest.mark.parametrize(
    ("type_name", "dtype"),
    [
        *(("Int8", "i1"), ("UInt64", "u8"), ("Float32", "f4"), ("Bool", "?"), ("Date", "M8[D]")),
        *(("DateTime", "M8[s]"), ("String", "O"), ("UInt256", "O"), ("FixedString(2)", "O")),
        *(("Array(UInt8)", "O"), ("Tuple(UInt8, String)", "O"), ("Bits(70)", "u8")),
    ],
)
def test_arrays_have_the_documented_dtype(type_name, dtype):
    values = SAMPLES[type_name]
    array = result_of(("x", type_name, values)).numpy()["x"]
    assert array.dtype == np.dtype(dtype)
    assert len(array) == 2
    if dtype != "u8" and not type_name.startswith("Array"):
        assert array.tolist() == values


def test_arrays_of_bits_and_arrays():
    bits = result_of(("x", "Bits(70)", ["1" + "0" * 69, "0" * 69 + "1"])).numpy()["x"]
    assert bits.tolist() == [[1, 0], [0, 1 << 5]]
    lists = result_of(("x", "Array(Nullable(Int8))", [[1, None], []])).numpy()["x"]
    assert lists[0].tolist() == [1, None]
    assert lists[0].dtype == np.int8


def test_nulls_are_masked():
    array = result_of(("x", "Nullable(Int16)", [1, None, 3])).numpy()["x"]
    assert isinstance(array, np.ma.MaskedArray)
    assert array.mask.tolist() == [False, True, False]
    assert array.sum() == 4


def test_arrays_are_copies():
    result = result_of(("x", "UInt8", [1, 2]))
    result.numpy()["x"][0] = 9
    assert result.rows() == [(1,), (2,)]


def test_data_frame():
    pandas = pytest.importorskip("pandas")
    frame = result_of(
        ("i", "Nullable(Int16)", [1, None, 3]),
        ("f", "Nullable(Float64)", [1.5, None, 2.0]),
        ("s", "Nullable(String)", ["a", None, "c"]),
        ("d", "Nullable(Date)", [DAY, None, DAY]),
        ("b", "Nullable(Bool)", [True, None, False]),
        ("a", "Array(UInt8)", [[1], [], [2]]),
        ("bits", "Bits(2)", ["01", "10", "11"]),
    ).df()
    assert frame.shape == (3, 7)
    assert str(frame["i"].dtype) == "Int16"
    assert [frame[name].isna().tolist() for name in "ifsdb"] == [[False, True, False]] * 5
    assert frame["bits"].tolist() == ["01", "10", "11"]
    assert pandas.api.types.is_datetime64_dtype(frame["d"])


def test_data_frame_of_no_rows_and_equal_names():
    pytest.importorskip("pandas")
    frame = result_of(("a", "UInt8", []), ("a", "String", [])).df()
    assert list(frame.columns) == ["a", "a"]
    assert len(frame) == 0


def test_without_pandas_there_is_a_clear_error(monkeypatch):
    monkeypatch.setattr("minidb.result.find_spec", lambda name: None)
    with pytest.raises(minidb.InterfaceError, match="pandas"):
        result_of(("a", "UInt8", [1])).df()


def test_text_is_a_table():
    result = result_of(("a", "UInt8", [1, 2]), ("b", "String", ["x", "<y>"]))
    assert str(result) == "   ┌─a─┬─b───┐\n1. │ 1 │ x   │\n2. │ 2 │ <y> │\n   └───┴─────┘"
    assert result.text("CSV") == '1,"x"\n2,"<y>"\n'
    assert str(result_of(("a", "UInt8", []))) == "no rows of a"


def test_text_of_bytes_that_are_no_text():
    assert "\ufffd" in str(result_of(("a", "String", [b"\xff"])))


def test_html_is_escaped_and_says_what_it_leaves_out():
    result = result_of(("<a>", "String", ["<script>" + "x" * 500] * 150), cut=70)
    html = result._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;a&gt;" in html
    assert "100 of 150 rows" in html
    assert "…" in html
    assert html.count("<tr>") == 101


def test_scalar():
    assert result_of(("a", "UInt8", [7])).scalar() == 7
    with pytest.raises(minidb.InterfaceError):
        result_of(("a", "UInt8", [7, 8])).scalar()


def test_a_statement_without_rows():
    result = Result(Outcome(n_written=3))
    assert (result.rows(), result.names, result.n_rows, str(result)) == (
        [],
        (),
        0,
        "3 rows written",
    )
    assert result.numpy() == {}
    assert not result.has_rows


def test_importing_minidb_loads_nothing_heavy():
    code = """
import sys, minidb
heavy = {"lark", "pandas", "rich", "numpy", "prompt_toolkit", "pygments", "torch"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
minidb.connect().execute("SELECT 1").rows()
assert not {"pandas", "rich", "prompt_toolkit", "pygments", "torch"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
