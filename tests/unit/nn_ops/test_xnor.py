"""The packed product, dense and sparse, at the edges of its tiles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nn_ops import sparse_product, xnor
from nn_ops.conventions import n_words, pack_bits
from nn_ops.errors import InternalError
from nn_ops.scratch import ALIGNMENT_BYTES, Scratch, aligned
from nn_ops.sparse_product import sparse_distances, sparse_filters
from nn_ops.xnor import Operand, counter_dtype, distances

SIZES = [(1, 1, 1), (3, 5, 64), (7, 40, 65), (20, 17, 200), (2, 100, 1000), (33, 33, 577)]


@pytest.fixture(params=[(1 << 16, 8192), (64, 16), (10, 10), (200, 7)], ids=str)
def tiles(request, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes of the tiles, and ones so small that a product takes many."""
    for module in (xnor, sparse_product):
        monkeypatch.setattr(module, "TILE_WORDS", request.param[0])
        monkeypatch.setattr(module, "RUN", request.param[1])


def random_bits(rows: int, n_bits: int, seed: int, share: float = 0.5) -> np.ndarray:
    return np.random.default_rng(seed).random((rows, n_bits)) < share


def columns_of(bits: np.ndarray) -> np.ndarray:
    """The bits of each row packed, words first."""
    return np.ascontiguousarray(pack_bits(bits).T)


@pytest.mark.usefixtures("tiles")
@pytest.mark.parametrize(("n_left", "n_right", "n_bits"), SIZES)
@pytest.mark.parametrize("masked", ["none", "left", "right"])
def test_distances_count_differing_bits(n_left: int, n_right: int, n_bits: int, masked: str):
    left, right = random_bits(n_left, n_bits, 1), random_bits(n_right, n_bits, 2)
    counts = left[:, None] ^ right[None]
    sides = {"left": None, "right": None}
    if masked != "none":
        mask = random_bits(n_left if masked == "left" else n_right, n_bits, 3)
        counts &= mask[:, None] if masked == "left" else mask[None]
        sides[masked] = columns_of(mask)
    for dtype in (np.uint16, np.int32):
        out = np.full((n_left, n_right), 7, dtype=dtype)
        distances(
            Operand(columns_of(left), sides["left"]),
            Operand(columns_of(right), sides["right"]),
            out,
        )
        assert np.array_equal(out, counts.sum(axis=2))


def test_all_bits_differ():
    """Three words of 64 differing bits fit the uint8 in which they are added."""
    for n_bits in (64 * 3, 64 * 9, 65_535, 70_000):
        ones = columns_of(np.ones((2, n_bits), dtype=np.bool_))
        out = np.empty((2, 2), dtype=counter_dtype(n_bits))
        distances(Operand(ones), Operand(np.zeros_like(ones)), out)
        assert np.all(out == n_bits)


def test_the_counter_holds_the_fan_in_and_one_more():
    assert counter_dtype(65_534) is np.uint16
    assert counter_dtype(65_535) is np.int32


def test_no_words_and_no_rows():
    out = np.full((2, 3), 9, dtype=np.uint16)
    distances(Operand(np.zeros((0, 2), np.uint64)), Operand(np.zeros((0, 3), np.uint64)), out)
    assert not out.any()
    for rows in ((0, 3), (2, 0)):
        left, right = (np.zeros((4, n), dtype=np.uint64) for n in rows)
        distances(Operand(left), Operand(right), np.empty(rows, dtype=np.uint16))


def kept_runs(filters: int, n_bits: int, share: float) -> np.ndarray:
    """Masks in which whole words are pruned, and some kept words in part."""
    words = random_bits(filters, n_words(n_bits), 5, share)
    return np.repeat(words, 64, axis=1)[:, :n_bits] & random_bits(filters, n_bits, 6, 0.99)


@pytest.mark.usefixtures("tiles")
@pytest.mark.parametrize(("n_filters", "n_patches", "n_bits"), SIZES)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_sparse_filters_count_what_their_masks_keep(
    n_filters: int, n_patches: int, n_bits: int, share: float
):
    mask = kept_runs(n_filters, n_bits, share)
    filters, patches = random_bits(n_filters, n_bits, 1) & mask, random_bits(n_patches, n_bits, 2)
    sparse = sparse_filters(pack_bits(filters), pack_bits(mask), n_bits)
    out = np.full((n_filters, n_patches), 7, dtype=np.uint16)
    sparse_distances(sparse, columns_of(patches), out)
    assert np.array_equal(out, ((filters[:, None] ^ patches[None]) & mask[:, None]).sum(axis=2))
    by_patch = np.full((n_patches, n_filters), 7, dtype=np.int32)
    sparse_distances(sparse, columns_of(patches), by_patch.T)
    assert np.array_equal(by_patch.T, out)


def test_pruned_words_are_not_stored():
    mask = kept_runs(6, 640, 0.4)
    words = pack_bits(mask)
    sparse = sparse_filters(words, words, 640)
    assert len(sparse.words) == len(sparse.numbers) == np.count_nonzero(words)
    assert sparse.starts[-1] == len(sparse.words)
    assert sparse.n_ranks == np.count_nonzero(words, axis=1).max()


def test_a_word_that_all_filters_keep_is_read_in_place():
    words = np.zeros((3, 4), dtype=np.uint64)
    masks = np.zeros_like(words)
    masks[:, 1], masks[0, 2] = ~np.uint64(0), 6
    sparse = sparse_filters(words, masks, 256)
    assert sparse.shared == (1, 2)
    assert sparse.is_whole == (True, False)
    assert sparse.starts == (0, 3, 4)
    assert sparse.order[0] == 0


def test_a_last_word_that_is_full_up_to_the_fan_in_needs_no_mask():
    masks = np.array([[0, 0b111], [0, 0b111]], dtype=np.uint64)
    assert sparse_filters(masks, masks, 67).masks is None
    assert sparse_filters(masks, masks, 68).masks is not None


def test_the_size_of_numpys_buffer_is_restored():
    before = np.getbufsize()
    words = np.zeros((1, 2), dtype=np.uint64)
    distances(Operand(words), Operand(words), np.empty((2, 2), dtype=np.uint16))
    assert np.getbufsize() == before
    locked = np.empty((2, 2), dtype=np.uint16)
    locked.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        distances(Operand(words), Operand(words), locked)
    assert np.getbufsize() == before


def test_operands_that_do_not_fit_are_a_mistake_of_the_caller():
    two, three = Operand(np.zeros((1, 2), np.uint64)), Operand(np.zeros((1, 3), np.uint64))
    for left, right, shape in (
        (two, three, (3, 2)),
        (two, two, (2, 3)),
        (two, Operand(np.zeros((2, 2), np.uint64)), (2, 2)),
    ):
        with pytest.raises(InternalError):
            distances(left, right, np.empty(shape, dtype=np.uint16))
    sparse = sparse_filters(np.zeros((2, 3), np.uint64), np.zeros((2, 3), np.uint64), 192)
    with pytest.raises(InternalError):
        sparse_distances(sparse, np.zeros((3, 5), np.uint64), np.empty((5, 2), dtype=np.uint16))


def test_threads_have_scratch_of_their_own():
    scratch = Scratch()
    mine = scratch.get("tile", 100, np.uint64)
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(scratch.get, "tile", 100, np.uint64).result()
    assert not np.shares_memory(mine, theirs)
    assert np.shares_memory(mine, scratch.get("tile", 50, np.uint16))
    assert mine.ctypes.data % ALIGNMENT_BYTES == 0


def test_an_aligned_copy_is_equal():
    values = np.arange(12, dtype=np.uint64).reshape(3, 4).T
    copy = aligned(values)
    assert np.array_equal(copy, values)
    assert copy.flags.c_contiguous
    assert copy.ctypes.data % ALIGNMENT_BYTES == 0
