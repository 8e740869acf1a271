"""Stages and nodes of two models are never taken for one another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nn_ops import binary_conv
from nn_ops.conventions import pack_signs, unpack_signs
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Linear, Weights
from nn_ops.limits import Limits, terms_of
from nn_ops.program import Product, SignProductStage


def stage(limit: int) -> SignProductStage:
    """Return a linear layer of one weight, +1."""
    shape, window = ImageShape(1, 1, 1), Window((1, 1))
    weights = Weights(pack_signs(np.ones((1, 1))))
    classes, terms = terms_of(weights, shape, window, 1, 1, 0)
    product = Product(window, shape, shape, 1, 0, weights, classes, terms)
    limits = Limits(np.full((1, 1), limit, np.int32), np.ones(1, np.int8))
    return SignProductStage("sign", ("pixels",), shape, "signs", ("l",), product, limits, None)


def test_stages_of_the_same_name_decide_by_their_own_limits() -> None:
    minus = pack_signs(np.full((1, 1, 1, 1), -1))
    one, other = stage(0), stage(1)
    assert unpack_signs(binary_conv.sign_conv(minus, one), 1).item() == -1
    assert unpack_signs(binary_conv.sign_conv(minus, other), 1).item() == 1
    assert one != other


def test_layers_of_the_same_name_are_not_equal() -> None:
    layer = Linear("l", "pixels", 1, Weights(np.zeros((1, 1), np.uint64)))
    assert layer != replace(layer, weights=Weights(np.ones((1, 1), np.uint64)))
