"""Grouping against a dictionary, on every type, in one batch and in several."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import Column, NumericColumn, StringColumn, column_from_values
from minidb.columns import grouping as grouping_module
from minidb.columns.grouping import first_equal_rows_exact
from minidb.columns.hashing import hash_rows, rows_equal
from minidb.columns.keys import GroupTable, factorize
from minidb.columns.words import key_words
from minidb.errors import InternalError
from minidb.types import FloatType, IntType, StringType, TupleType
from tests.strategies.key_columns import identity, key_columns


def model_codes(columns: list[Column]) -> tuple[list[int], list[int]]:
    seen: dict[object, int] = {}
    codes, firsts = [], []
    for row, values in enumerate(zip(*(c.to_pylist() for c in columns), strict=True)):
        key = identity(values)
        if key not in seen:
            seen[key] = len(seen)
            firsts.append(row)
        codes.append(seen[key])
    return codes, firsts


@given(key_columns())
def test_groups_are_those_of_a_dictionary(sides):
    (columns,) = sides
    found = factorize(columns)
    codes, firsts = model_codes(columns)
    assert found.codes.tolist() == codes
    assert found.first_rows.tolist() == firsts
    assert found.n_groups == len(firsts)
    assert found.codes.dtype == found.first_rows.dtype == np.intp


@given(key_columns())
def test_the_exact_way_gives_the_same_first_rows(sides):
    (columns,) = sides
    if not len(columns[0]):
        return
    codes, firsts = model_codes(columns)
    for packs in (False, True):
        words = key_words(columns, packs_short_text=packs)
        first = first_equal_rows_exact(words)
        assert first.tolist() == [firsts[code] for code in codes]
        hashes = hash_rows(words)
        assert (hashes == hashes[first]).all()
        rows = np.arange(words.n_rows)
        assert rows_equal(words, rows, words, first).all()


@given(key_columns(), st.lists(st.integers(0, 30), max_size=4))
def test_groups_do_not_depend_on_the_cut_into_batches(sides, cuts):
    (columns,) = sides
    n_rows = len(columns[0])
    edges = [0, *sorted(min(cut, n_rows) for cut in cuts), n_rows]
    table = GroupTable()
    codes: list[int] = []
    for start, stop in itertools.pairwise(edges):
        codes.extend(table.add([c.slice(start, stop) for c in columns]).tolist())
    expected, firsts = model_codes(columns)
    assert codes == expected
    assert table.n_groups == len(firsts)
    kept = [c.take(np.array(firsts, np.intp)).to_pylist() for c in columns]
    found = table.keys()
    assert identity([c.to_pylist() for c in found]) == identity(kept)
    assert table.nbytes >= 0


def test_unequal_rows_that_share_a_hash_are_told_apart(monkeypatch):
    monkeypatch.setattr(grouping_module, "hash_rows", lambda keys: np.zeros(keys.n_rows, np.uint64))
    texts = [f"a customer with a rather long name and number {i % 7}" for i in range(50)]
    found = factorize([column_from_values(StringType(), texts)])
    assert found.codes.tolist() == [i % 7 for i in range(50)]


@pytest.mark.parametrize("n_values", [3, 50_000, 2**62])
@pytest.mark.parametrize("arrangement", ["shuffled", "sorted", "clustered", "falling"])
def test_large_batches_match_numpy(n_values, arrangement):
    rng = np.random.default_rng(7)
    values = rng.integers(-(n_values // 2), n_values, 20_000)
    values = np.concatenate([values, values])
    if arrangement != "shuffled":
        values = np.sort(values)
    if arrangement == "falling":
        values = values[::-1]
    if arrangement == "clustered":
        values = np.repeat(values[rng.permutation(2_000)], 10)
    found = factorize([NumericColumn(IntType(64, True), values)])
    _, firsts, inverse = np.unique(values, return_index=True, return_inverse=True)
    assert found.first_rows.tolist() == sorted(firsts.tolist())
    assert (values[found.first_rows][found.codes] == values).all()
    assert (np.argsort(np.argsort(firsts))[inverse] == found.codes).all()


def test_a_table_of_crowded_buckets_ends_in_a_sort(monkeypatch):
    monkeypatch.setattr(grouping_module, "MAX_TABLE_BITS", 1)
    values = np.random.default_rng(1).integers(0, 2**60, 500)
    found = factorize([NumericColumn(IntType(64, True), np.tile(values, 2))])
    assert found.codes.tolist() == [*range(500), *range(500)]


def test_nan_is_one_key_and_the_zeros_are_two():
    raw = np.array([0x7FF8000000000001, 0xFFF8000000000000, 0, 1 << 63], np.uint64)
    found = factorize([NumericColumn(FloatType(64), raw.view(np.float64))])
    assert found.codes.tolist() == [0, 0, 1, 2]


def test_a_constant_key_is_one_group():
    column = NumericColumn(IntType(8, False), np.broadcast_to(np.uint8(3), 5))
    assert factorize([column, column]).codes.tolist() == [0] * 5


def test_empty_tuples_are_all_equal():
    column = column_from_values(TupleType(()), [(), (), ()])
    assert factorize([column]).codes.tolist() == [0, 0, 0]


def test_sliced_text_groups_like_whole_text():
    column = StringColumn.from_bytes([b"x", b"long enough text", b"y", b"long enough text", b"y"])
    assert factorize([column.slice(1, 5)]).codes.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("longest", [0, 7, 8, 15, 16, 31, 32, 40])
def test_texts_of_every_length_are_told_apart(longest):
    texts = [b"x" * n + b"\0" * (longest - n - 1) for n in range(longest)] + [b"", b"x" * longest]
    texts += [text[:-1] for text in texts]
    column = StringColumn.from_bytes(texts)
    found = factorize([column])
    assert found.n_groups == len(set(texts))
    assert [texts[row] for row in found.first_rows[found.codes]] == texts


def test_no_key_columns_is_refused():
    with pytest.raises(InternalError):
        factorize([])
