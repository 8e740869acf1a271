"""Programs run on images: batches, bounded memory, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.digits import load_digits
from nn_ops.errors import (
    NN_PIXEL_OUT_OF_RANGE,
    NN_SHAPE_MISMATCH,
    NN_SIGN_OF_ZERO,
    ErrorCode,
    ExtensionError,
)
from nn_ops.executor import bytes_per_image, run, trace
from nn_ops.families import build
from nn_ops.geometry import ImageShape
from nn_ops.graph import Input, Linear, MaxPool, Network, Sign
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from tests.strategies.graphs import graph_images, graphs
from tests.unit.nn_ops.test_lower import PAIR, conv, network_of, plus_ones

DIGITS = lower(load_shipped_model())


def test_583_of_599_digits_are_read_right() -> None:
    held_out = load_digits().held_out
    answers = run(DIGITS, held_out.pixels).argmax(axis=1)
    assert np.count_nonzero(answers == held_out.labels) == 583


def test_flat_images_and_images_of_rows_are_the_same() -> None:
    pixels = load_digits().pixels[:3]
    assert np.array_equal(run(DIGITS, pixels), run(DIGITS, pixels.reshape(3, 8, 8, 1)))
    assert np.array_equal(run(DIGITS, pixels), run(DIGITS, pixels.astype(np.int64)))


@given(st.data())
def test_images_one_by_one_or_together_give_the_same_logits(data: st.DataObject) -> None:
    network = data.draw(graphs())
    program, pixels = lower(network), data.draw(graph_images(network))
    try:
        whole = run(program, pixels)
    except ExtensionError as error:
        if error.code != NN_SIGN_OF_ZERO:
            raise
        return
    singly = run(program, pixels, batch_bytes=1)
    assert whole.shape == (len(pixels), len(network.classes))
    # A product of reals may add in another order in a matrix of another size.
    assert np.allclose(singly, whole, rtol=1e-12, atol=1e-12)
    last = trace(program, pixels)[program.stages[-1].name]
    assert np.array_equal(last.reshape(whole.shape), whole)


def test_an_image_needs_what_still_has_a_reader_and_the_next_column_twice() -> None:
    # Pixels and the encoded image are 64 words each; the encoded one is made with a copy.
    assert bytes_per_image(DIGITS) == 3 * 64 * 8
    pools = (MaxPool("p", "c", PAIR), MaxPool("q", "p", PAIR))
    program = lower(network_of(conv("c", "encode"), *pools, Sign("s", "q"), features=2))
    # The convolution reads 16 words and makes 32 reals, with a copy, from counts of 4 + 8 bytes.
    assert bytes_per_image(program) == 16 * 8 + 2 * 32 * 8 + 32 * (4 + 8)


def test_no_images_give_no_logits() -> None:
    assert run(DIGITS, np.zeros((0, 64), dtype=np.uint8)).shape == (0, 10)
    assert trace(DIGITS, np.zeros((0, 64), dtype=np.uint8))["norm3"].shape == (0, 1, 1, 10)


@pytest.mark.parametrize(
    ("pixels", "code"),
    [
        (np.zeros((1, 63), np.uint8), NN_SHAPE_MISMATCH),
        (np.zeros(64, np.uint8), NN_SHAPE_MISMATCH),
        (np.zeros((1, 8, 8), np.uint8), NN_SHAPE_MISMATCH),
        (np.zeros((1, 8, 8, 3), np.uint8), NN_SHAPE_MISMATCH),
        (np.full((1, 64), 17, np.uint8), NN_PIXEL_OUT_OF_RANGE),
        (np.full((1, 64), -1, np.int8), NN_PIXEL_OUT_OF_RANGE),
        (np.zeros((1, 64)), NN_PIXEL_OUT_OF_RANGE),
        (np.zeros((1, 64), np.bool_), NN_PIXEL_OUT_OF_RANGE),
    ],
)
def test_other_pixels_are_refused(pixels: np.ndarray, code: ErrorCode) -> None:
    with pytest.raises(ExtensionError) as caught:
        run(DIGITS, pixels)
    assert caught.value.code == code


def test_a_zero_that_occurs_is_refused() -> None:
    nodes = (
        Input("pixels", ImageShape(1, 1, 1), 1),
        Linear("sum", "pixels", 1, plus_ones(1, 1)),
        Sign("decided", "sum"),
        Linear("logits", "decided", 1, plus_ones(1, 1)),
    )
    program = lower(Network("made", nodes, ("a",), {}))
    assert run(program, np.ones((2, 1), np.uint8)).tolist() == [[1.0], [1.0]]
    with pytest.raises(ExtensionError) as caught:
        run(program, np.zeros((1, 1), np.uint8))
    assert caught.value.code == NN_SIGN_OF_ZERO


@pytest.mark.parametrize("name", ["cnn3", "mnist"])
@pytest.mark.parametrize("batch", [1, 7])
def test_an_image_has_the_same_bits_in_any_batch(name: str, batch: int) -> None:
    """Their last layer adds reals, which round in the order of the additions."""
    network = build(name, width=0.5)
    program, shape = lower(network), network.image.shape
    size = (64, shape.height, shape.width, shape.channels)
    pixels = np.random.default_rng(2).integers(0, 256, size)
    apart = [run(program, pixels[start : start + batch]) for start in range(0, 64, batch)]
    np.testing.assert_array_equal(np.concatenate(apart), run(program, pixels))
