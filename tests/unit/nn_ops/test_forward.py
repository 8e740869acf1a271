"""The packed forward pass equals the plain loops of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops import forward
from nn_ops import reference_digits as reference
from nn_ops.digits import load_digits
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.model_file import load_shipped_model
from nn_ops.network import Network, as_layers
from tests.strategies.networks import images, networks


@given(st.data())
def test_packed_words_give_what_plain_loops_give(data: st.DataObject) -> None:
    network = data.draw(networks())
    pixels = data.draw(images(network))
    trace = forward.run(network, pixels)
    assert trace.logits.shape == (len(pixels), len(network.classes))
    for row, image in enumerate(pixels.tolist()):
        check_row(network, trace, row, image)


def check_row(network: Network, trace: forward.Trace, row: int, image: list[int]) -> None:
    """Compare one image's sums and logits with the reference, exactly."""
    sums, logits = reference.run(network, image)
    for found, expected in zip(trace.sums, sums, strict=True):
        assert found[row].ravel().tolist() == expected
    assert trace.logits[row].tolist() == logits


def test_the_shipped_model_gives_what_plain_loops_give() -> None:
    network, digits = as_layers(load_shipped_model()), load_digits().held_out[:5]
    trace = forward.run(network, digits.pixels)
    for row, image in enumerate(digits.pixels.tolist()):
        check_row(network, trace, row, image)


def test_images_of_another_size_are_refused() -> None:
    with pytest.raises(ExtensionError) as caught:
        forward.run(as_layers(load_shipped_model()), np.zeros((1, 63), dtype=np.uint8))
    assert caught.value.code == NN_SHAPE_MISMATCH


def test_no_images_give_no_logits() -> None:
    trace = forward.run(as_layers(load_shipped_model()), np.zeros((0, 64), dtype=np.uint8))
    assert trace.logits.shape == (0, 10)
