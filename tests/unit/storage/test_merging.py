"""Many small INSERTs leave few parts, in the order in which they came."""

from __future__ import annotations

import math
import os

import pytest

import minidb
from minidb.storage.merging import LARGEST_MERGED_ROWS, parts_to_merge


def after(sizes: list[int], n_inserts: int, n_new: int = 1) -> list[int]:
    """Return the parts after some INSERTs of equal size."""
    sizes = list(sizes)
    for _ in range(n_inserts):
        merged = parts_to_merge(sizes, n_new)
        whole = n_new + sum(sizes[len(sizes) - merged :])
        sizes = [*sizes[: len(sizes) - merged], whole]
    return sizes


def test_ten_equal_parts_become_one():
    assert after([], 9) == [1] * 9
    assert after([], 10) == [10]
    assert after([], 100) == [100]
    assert after([], 99) == [10] * 9 + [1] * 9


@pytest.mark.parametrize("n_inserts", [1_000, 2_000, 5_555])
def test_the_number_of_parts_grows_with_the_logarithm(n_inserts):
    sizes = after([], n_inserts)
    assert sum(sizes) == n_inserts
    assert len(sizes) <= 9 * math.ceil(math.log10(n_inserts) + 1)


def test_large_parts_are_left_alone():
    large = [LARGEST_MERGED_ROWS] * 20
    assert parts_to_merge(large, LARGEST_MERGED_ROWS) == 0
    assert parts_to_merge([*large, *[1] * 9], 1) == 9
    assert parts_to_merge([5_000_000, 3, 2], 4) == 0


@pytest.mark.parametrize("key", ["", "ORDER BY a"])
def test_single_rows_keep_their_order(tmp_path, key):
    n_rows = 120
    with minidb.connect(tmp_path / "db") as connection:
        connection.execute(f"CREATE TABLE t (a UInt32, b String) {key}")
        for number in range(n_rows):
            connection.execute("INSERT INTO t VALUES (?, 'x')", (n_rows - number,))
        found = [a for (a,) in connection.execute("SELECT a FROM t").rows()]
        assert sorted(found) == list(range(1, n_rows + 1))
        if not key:
            assert found == list(range(n_rows, 0, -1))
        n_parts = connection.execute("SELECT count() FROM system.parts").rows()[0][0]
        assert n_parts <= 12
        manifests = [name for name in os.listdir(tmp_path / "db") if name.startswith("manifest")]
        assert all(os.path.getsize(tmp_path / "db" / name) < 4_000 for name in manifests)
