"""The batches of an epoch: their order and random transforms follow from the seed alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from quant.datasets import Rows, Split

N_AHEAD = 2
"""Batches that each thread may be ahead."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which images each batch of a pass has.

    Attributes
    ----------
    batches : tuple of ndarray of int64
        The rows of each batch.
    seed, epoch : int
        The random transforms of batch k follow from these and k; with epoch 0 there are none.
    """

    batches: tuple[Rows, ...]
    seed: int
    epoch: int


def training_order(n_images: int, batch_size: int, seed: int, epoch: int) -> Order:
    """Return the shuffled batches of an epoch.

    A last batch that is not half full is left out, unless it is the only one: the statistics of a
    few images spoil a step and the running statistics. One image alone has no deviation at all.

    Parameters
    ----------
    n_images, batch_size, seed : int
    epoch : int
        From 1.
    """
    rows = np.random.default_rng((seed, epoch)).permutation(n_images).astype(np.int64)
    batches = _cut(rows, batch_size)
    n_last = len(batches[-1]) if batches else 0
    if n_last == 1 or (len(batches) > 1 and 2 * n_last < batch_size):
        batches = batches[:-1]
    return Order(batches, seed, epoch)


def evaluation_order(n_images: int, batch_size: int) -> Order:
    """Return all images in their own order, without random transforms."""
    return Order(_cut(np.arange(n_images, dtype=np.int64), batch_size), 0, 0)


def read_batches(
    split: Split, order: Order, first: int, workers: int
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Yield number, pixels and labels of each batch from number `first` on.

    Parameters
    ----------
    split : Split
    order : Order
    first : int
    workers : int
        Threads that prepare batches ahead.
    """
    numbers = range(first, len(order.batches))
    if workers == 0:
        for number in numbers:
            yield number, *_batch(split, order, number)
        return
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[int, Future[tuple[Tensor, Tensor]]]] = deque()
        try:
            for number in numbers:
                waiting.append((number, pool.submit(_batch, split, order, number)))
                if len(waiting) > N_AHEAD * workers:
                    done, future = waiting.popleft()
                    yield done, *future.result()
            while waiting:
                done, future = waiting.popleft()
                yield done, *future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def _batch(split: Split, order: Order, number: int) -> tuple[Tensor, Tensor]:
    """Return one batch; its random transforms depend on nothing that ran before."""
    generator = None
    if order.epoch:
        entropy = np.random.SeedSequence((order.seed, order.epoch, number))
        seed = int(entropy.generate_state(1, np.uint64)[0] >> np.uint64(1))
        generator = torch.Generator().manual_seed(seed)
    return split.batch(order.batches[number], generator)


def _cut(rows: Rows, size: int) -> tuple[Rows, ...]:
    starts: Sequence[int] = range(0, len(rows), size)
    return tuple(rows[start : start + size] for start in starts)
