import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import StringColumn
from minidb.formats.assemble import (
    CSV_QUOTED,
    ESCAPED,
    JSON_QUOTED,
    ListMarks,
    concat_rows,
    constant_where,
    join_lists,
    replace_rows,
)
from minidb.formats.unescape import undouble_quotes, unescape

texts = st.lists(
    st.binary(max_size=6) | st.sampled_from([b"\\", b"\\\\", b"'", b'"', b"\t", b"\0"])
)
pairs = st.lists(st.tuples(st.binary(max_size=5), st.binary(max_size=5)))


def column(values):
    return StringColumn.from_bytes(values)


@given(pairs)
def test_rows_are_concatenated_piece_by_piece(rows):
    left, right = column([a for a, _ in rows]), column([b for _, b in rows])
    joined = concat_rows([b"<", b"", left, b",", b" ", right, b">"], len(rows))
    assert joined.to_bytes() == [b"<" + a + b", " + b + b">" for a, b in rows]


@given(texts)
def test_slices_are_concatenated_without_what_lies_outside(values):
    whole = column([b"xx", *values, b"yy"]).slice(1, len(values) + 1)
    assert concat_rows([whole, b"!"], len(values)).data.tobytes() == b"".join(
        value + b"!" for value in values
    )


def test_no_pieces_and_no_rows():
    assert concat_rows([], 3).to_bytes() == [b"", b"", b""]
    assert concat_rows([b"a"], 0).to_bytes() == []


@given(texts, st.data())
def test_rows_are_replaced_where_the_mask_says_so(values, data):
    mask = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values))), bool
    )
    replaced = replace_rows(column(values), mask, b"NULL").to_bytes()
    assert replaced == [b"NULL" if m else v for v, m in zip(values, mask, strict=True)]
    assert constant_where(b"ab", mask).to_bytes() == [b"ab" if m else b"" for m in mask]


@given(st.lists(st.lists(st.binary(max_size=3), max_size=4)))
def test_lists_are_joined(lists):
    flat = [element for items in lists for element in items]
    offsets = np.cumsum([0, *map(len, lists)])
    joined = join_lists(column(flat), offsets, ListMarks(b"[", b", ", b"]", b"none"))
    expected = [b"[" + b", ".join(items) + b"]" if items else b"none" for items in lists]
    assert joined.to_bytes() == expected


@given(texts)
def test_escapes_are_read_back(values):
    assert unescape(ESCAPED.escape(column(values))).to_bytes() == values
    assert undouble_quotes(CSV_QUOTED.escape(column(values))).to_bytes() == values


def test_json_escapes():
    made = JSON_QUOTED.escape(column([b'a"b\\c/d\n\x01\x7f']))
    assert made.to_bytes() == [b'a\\"b\\\\c\\/d\\n\\u0001\x7f']


def test_unusual_escapes_are_read_as_clickhouse_reads_them():
    given_texts = [
        rb"\x41\xfF",
        rb"\e\a\v\0",
        rb"\q\?",
        rb"a\Nb",
        "\\x4",
        rb"\\x41",
        "\\",
        rb"\'\"",
    ]
    raw = [t if isinstance(t, bytes) else t.encode() for t in given_texts]
    assert unescape(column(raw)).to_bytes() == [
        b"A\xff",
        b"\x1b\a\v\0",
        rb"\q\?",
        b"ab",
        rb"\x4",
        rb"\x41",
        b"\\",
        b"'\"",
    ]
