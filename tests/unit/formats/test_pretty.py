from minidb.columns import Batch, column_from_values
from minidb.formats.format import FormatOptions, Table
from minidb.formats.registry import find_format
from minidb.formats.shown_rows import large_number_tip
from minidb.formats.text_width import text_width
from minidb.types import IntType, StringType

INT64 = IntType(64, True)


def drawn(values, name="PrettyCompact", max_rows=1000, batch_rows=100, data_type=INT64):
    batches = [
        Batch(
            (column_from_values(data_type, values[at : at + batch_rows]),),
            len(values[at : at + batch_rows]),
        )
        for at in range(0, len(values), batch_rows)
    ]
    options = FormatOptions(pretty_max_rows=max_rows)
    table = Table(("n",), (data_type,), batches, options=options)
    return b"".join(find_format(name).write(table)).decode()


def test_the_middle_of_many_rows_is_left_out():
    expected = """\
     ┌───n─┐
  1. │   0 │
  2. │   1 │
     ─ ─ ─ ─
120. │ 119 │
     └───n─┘
Showed 3 out of 120 rows.
"""
    for batch_rows in (1, 7, 1000):
        assert (
            drawn(list(range(120)), max_rows=3, batch_rows=batch_rows).replace("─ \n", "─\n")
            == expected
        )


def test_vertical_says_how_many_rows_it_shows():
    text = drawn([1, 2, 3], "Vertical", max_rows=2)
    assert text.endswith("n: 2\n\nShowed first 2.\n")


def test_widths_of_texts():
    assert [text_width(t) for t in ("abc", "日本", "é", "e\u0301", "a\x1b[31mb", "\udcff", "")] == [
        *(3, 4, 1, 1, 2, 0, 0)
    ]
    assert text_width("a\tb", 5) == 4


def test_tips_for_large_numbers():
    assert large_number_tip("1000001") == " -- 1.00 million"
    assert large_number_tip("-12345678901") == " -- -12.35 billion"
    assert [large_number_tip(t) for t in ("1000000", "nan", "inf", "5e18", "x", "ᴺᵁᴸᴸ")] == [""] * 6


def test_long_texts_are_cut_with_a_mark():
    text = drawn(["x" * 20_000], data_type=StringType())
    assert "x" * 10_000 + "⋯" in text
    assert "x" * 10_001 not in text
