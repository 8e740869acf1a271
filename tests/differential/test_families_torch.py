"""The seed's six families at small widths: the fused form and PyTorch find the same."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from nn_ops.conventions import unpack_signs  # noqa: E402 - after the check that torch is there
from nn_ops.executor import run, trace  # noqa: E402 - torch is looked for first
from nn_ops.families import FAMILIES, build  # noqa: E402 - torch is looked for first
from nn_ops.graph import Network  # noqa: E402 - torch is looked for first
from nn_ops.lower import lower  # noqa: E402 - torch is looked for first
from nn_ops.parameters import RandomParameters  # noqa: E402 - torch is looked for first
from nn_ops.validate import check_network  # noqa: E402 - torch is looked for first
from quant.rebuild import rebuild_network  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
"""Of reals, relative to 1 or the greatest: PyTorch adds in another order. Signs are equal."""

SIZES: Mapping[str, dict[str, Any]] = {
    "mnist": {"widths": (8, 10, 12, 20)},
    "cnn3": {"widths": (8, 10, 12, 20)},
    "alexnet": {"widths": (6, 10, 12, 70, 10, 40, 30), "image": 64, "classes": 10},
    "vgg": {"widths": (6, 8, 10, 70, 16, 12, 40, 30)},
    "resnet_cifar": {"widths": (4, 6, 66)},
    "resnet_imagenet": {"widths": (4, 6, 8, 66), "image": 32, "classes": 10},
}
BOTTLENECK = {"widths": (3, 4, 5, 6), "image": 64, "classes": 10, "depth": 50}
HALF = {"vgg": {"image": 16}, "resnet_cifar": {"image": 16}}
"""A side of 16 pixels for the suite's thousand; the nightly run has the whole side."""
BATCH = 250


def random_images(network: Network, count: int) -> NDArray[np.uint8]:
    """Return images whose pixels are anything."""
    shape = network.image.shape
    size = (count, shape.height, shape.width, shape.channels)
    return np.random.default_rng(7).integers(0, 256, size).astype(np.uint8)


def find_differences(network: Network, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Compare every stage with PyTorch's node, and return the logits of the fused form."""
    check_network(network)
    program = lower(network)
    found = trace(program, pixels)
    expected = rebuild_network(network).trace(torch.tensor(pixels, dtype=torch.float64))
    for stage in program.stages:
        values = expected[stage.name].numpy()
        if stage.kind == "signs":
            signs = unpack_signs(found[stage.name], stage.output.channels)
            assert np.array_equal(signs, values), stage.name
        else:
            size = 1 + np.abs(values).max()
            assert np.abs(found[stage.name] - values).max() <= TOLERANCE * size, stage.name
    logits = found[program.stages[-1].name].reshape(len(pixels), -1)
    answers = expected[network.nodes[-1].name].numpy().reshape(len(pixels), -1)
    assert np.array_equal(logits.argmax(axis=1), answers.argmax(axis=1))
    return logits


def classes_of_a_thousand(name: str, **options: Any) -> set[int]:
    """Compare a thousand images, and return the classes that were answered."""
    network = build(name, parameters=1, **{**SIZES[name], **options})
    pixels = random_images(network, 4 * BATCH)
    return {
        int(place)
        for start in range(0, len(pixels), BATCH)
        for place in find_differences(network, pixels[start : start + BATCH]).argmax(axis=1)
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_a_thousand_images_have_the_same_signs_and_logits(name: str) -> None:
    assert len(classes_of_a_thousand(name, **HALF.get(name, {}))) > 1


@pytest.mark.nightly
@pytest.mark.parametrize("name", FAMILIES)
def test_a_thousand_images_of_the_whole_side(name: str) -> None:
    assert len(classes_of_a_thousand(name)) > 1


@pytest.mark.parametrize("name", FAMILIES)
def test_a_thousand_images_of_pruned_networks(name: str) -> None:
    for seed, pruned_words, pruned_bits in ((2, 0.3, 0.0), (3, 0.2, 0.2)):
        parameters = RandomParameters(seed, pruned_words, pruned_bits)
        network = build(name, parameters=parameters, **{**SIZES[name], **HALF.get(name, {})})
        pixels = random_images(network, 2 * BATCH)
        for start in range(0, len(pixels), BATCH):
            find_differences(network, pixels[start : start + BATCH])


def test_bottlenecks_have_the_same_signs_and_logits() -> None:
    network = build("resnet_imagenet", parameters=1, **BOTTLENECK)
    find_differences(network, random_images(network, 20))


@pytest.mark.parametrize("name", FAMILIES)
def test_any_batch_and_two_threads_give_the_same_logits(name: str) -> None:
    network = build(name, parameters=5, **SIZES[name])
    program, pixels = lower(network), random_images(network, 64)
    whole = run(program, pixels)
    for size in (1, 2):
        parts = [run(program, pixels[start : start + size]) for start in range(0, 16, size)]
        assert np.abs(np.concatenate(parts) - whole[:16]).max() <= TOLERANCE
    assert np.abs(run(program, pixels, batch_bytes=1 << 20) - whole).max() <= TOLERANCE
    with ThreadPoolExecutor(2) as threads:
        halves = list(threads.map(lambda rows: run(program, rows), (pixels[:32], pixels[32:])))
    assert np.abs(np.concatenate(halves) - whole).max() <= TOLERANCE
