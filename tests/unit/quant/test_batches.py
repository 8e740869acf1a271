"""Batches: every image once, the same for every number of threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")


from quant.datasets import load_dataset  # noqa: E402 - torch is looked for first
from quant.trainer.batches import evaluation_order, read_batches, training_order  # noqa: E402 - as above
from tests.support.training_runs import (  # noqa: E402 - torch is looked for first
    assert_same,
)

pytestmark = pytest.mark.torch


def test_every_image_is_in_one_batch_of_an_epoch() -> None:
    first, again, later = (training_order(898, 60, 5, epoch).batches for epoch in (1, 1, 2))
    assert np.array_equal(np.sort(np.concatenate(first)), np.arange(898))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], later[0])


def test_a_last_batch_of_few_images_is_left_out() -> None:
    sizes = {
        n: [len(one) for one in training_order(n, 8, 0, 1).batches]
        for n in (0, 1, 3, 8, 11, 12, 17)
    }
    assert sizes == {0: [], 1: [], 3: [3], 8: [8], 11: [8], 12: [8, 4], 17: [8, 8]}


def test_workers_change_nothing_in_the_batches() -> None:
    split = load_dataset("digits", Path()).training
    order = training_order(len(split), 100, 1, 2)
    plain, ahead = (list(read_batches(split, order, 3, workers)) for workers in (0, 3))
    assert_same(plain, ahead)
    assert [number for number, *_ in plain] == [3, 4, 5, 6, 7, 8]


def test_the_evaluation_transform_repeats_and_the_training_transform_follows_the_seed() -> None:
    split = load_dataset("digits", Path()).training
    order = evaluation_order(6, 4)
    once, twice = (list(read_batches(split, order, 0, 0)) for _ in range(2))
    assert_same(once, twice)
    assert once[0][1].shape == (4, 1, 8, 8)
    trained_once = next(read_batches(split, training_order(20, 4, 1, 1), 0, 0))
    other_seed = next(read_batches(split, training_order(20, 4, 2, 1), 0, 0))
    assert not torch.equal(trained_once[1], other_seed[1])


@pytest.mark.parametrize("name", ["digits", "digits-final"])
def test_the_shipped_digits_are_split_as_documented(name: str) -> None:
    data = load_dataset(name, Path())
    sizes = {"digits": (898, 300), "digits-final": (1198, 599)}
    assert (len(data.training), len(data.validation)) == sizes[name]
