"""How far each part of a network may go, and the first step beyond."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nn_ops.errors import (
    NN_MODEL_INVALID,
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    ErrorCode,
    ExtensionError,
)
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Input,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Thermometer,
)
from nn_ops.validate import MAX_PIXEL, MAX_SIZE, check_network
from tests.unit.nn_ops.test_lower import plus_ones

GREY = ImageShape(3, 2, 1)


def network(*nodes: Node, shape: ImageShape = GREY, max_pixel: int = 9) -> Network:
    """Return pixels, the nodes, and one logit from an average over the whole image."""
    return Network("made", (Input("pixels", shape, max_pixel), *nodes), ("a",), {})


def from_signs(*nodes: Node, threshold: int = 1) -> Network:
    """Return a network whose nodes read a thermometer of one threshold."""
    return network(Thermometer("encode", "pixels", (threshold,)), *nodes)


def code_of(made: Network) -> ErrorCode | None:
    """Return the code with which a network is refused."""
    try:
        check_network(made)
    except ExtensionError as error:
        return error.code
    return None


def mean(before: str, height: int = 3, width: int = 2) -> AveragePool:
    """Return the average of a whole image."""
    return AveragePool("mean", before, Window((height, width)))


def test_names_of_nodes_are_letters_digits_and_dots() -> None:
    for name, code in [
        ("_a.B.9", None),
        ("a" * 100, None),
        ("a" * 101, NN_MODEL_INVALID),
        ("9a", NN_MODEL_INVALID),
        ("", NN_MODEL_INVALID),
        ("a b", NN_MODEL_INVALID),
        ("a\n", NN_MODEL_INVALID),
    ]:
        assert code_of(from_signs(replace(mean("encode"), name=name))) == code


@pytest.mark.parametrize(
    ("window", "code"),
    [
        (Window((2, 2), padding=(1, 1)), None),
        (Window((2, 2), (1, 1), (1, 0), (4, 1)), NN_SHAPE_MISMATCH),  # rows -1 and 3
        (Window((2, 2), (9, 1), (0, 1), (1, 3)), NN_SHAPE_MISMATCH),  # columns -1 and 2
        (Window((2, 2), (2, 1), (1, 0), (3, 1)), None),  # rows -1 and 2, then 1 and 4
        (Window((2, 1), padding=(1, 1)), NN_MODEL_INVALID),
        (Window((1, 1), (MAX_SIZE, 1)), None),
        (Window((1, 1), (MAX_SIZE + 1, 1)), NN_MODEL_INVALID),
    ],
)
def test_a_pool_reaches_the_image_everywhere(window: Window, code: ErrorCode | None) -> None:
    pool = MaxPool("pool", "encode", window)
    size = window.output_size(GREY.height, GREY.width)
    assert code_of(from_signs(pool, mean("pool", *size))) == code


@pytest.mark.parametrize(("padding", "code"), [(MAX_SIZE, None), (MAX_SIZE + 1, NN_MODEL_INVALID)])
def test_a_convolution_may_be_padded_as_far(padding: int, code: ErrorCode | None) -> None:
    window = Window((1, 1), (MAX_SIZE, 2), (padding, 0))
    conv = Conv("conv", "encode", window, 1, plus_ones(1, 1))
    assert code_of(from_signs(conv, mean("conv", 3, 1))) == code


@pytest.mark.parametrize(("side", "code"), [(4096, None), (4097, NN_MODEL_INVALID)])
def test_an_image_has_so_many_values(side: int, code: ErrorCode | None) -> None:
    shape = ImageShape(side, 4096, 1)
    encode = Thermometer("encode", "pixels", (1,))
    assert code_of(network(encode, mean("encode", side, 4096), shape=shape)) == code


def test_images_of_one_shape_are_added() -> None:
    low = MaxPool("low", "encode", Window((1, 2)))
    for names, code in ((("encode", "encode"), None), (("encode", "low"), NN_SHAPE_MISMATCH)):
        total = (Add("sum", *names), mean("sum"), Add("end", "mean", "aside"))
        aside = AveragePool("aside", "low", Window((3, 1)))
        assert code_of(from_signs(low, aside, *total)) == code


def test_pixels_and_thresholds_end_somewhere() -> None:
    encode = Thermometer("encode", "pixels", (1,))
    for greatest, code in ((1, None), (MAX_PIXEL, None), (MAX_PIXEL + 1, NN_MODEL_INVALID)):
        assert code_of(network(encode, mean("encode"), max_pixel=greatest)) == code
    for threshold, code in ((0, None), (MAX_PIXEL - 1, None), (MAX_PIXEL, NN_MODEL_INVALID)):
        assert code_of(from_signs(mean("encode"), threshold=threshold)) == code
    assert code_of(from_signs(mean("encode"), threshold=-1)) == NN_MODEL_INVALID


@pytest.mark.parametrize(
    ("means", "stds", "code"),
    [
        ((0.5,), (1e-300,), None),
        ((0.5,), (0.0,), NN_MODEL_INVALID),
        ((0.5,), (-1.0,), NN_MODEL_INVALID),
        ((0.5, 0.5), (1.0, 1.0), NN_SHAPE_MISMATCH),
        ((0.5,), (1.0, 1.0), NN_SHAPE_MISMATCH),
        ((float("nan"),), (1.0,), NN_NOT_FINITE),
        ((0.5,), (float("inf"),), NN_NOT_FINITE),
        ((1e300,), (1e-300,), NN_NOT_FINITE),
    ],
)
def test_pixels_are_normalized_by_numbers(
    means: tuple[float, ...], stds: tuple[float, ...], code: ErrorCode | None
) -> None:
    assert code_of(network(Normalize("n", "pixels", means, stds), mean("n"))) == code


def norm(**changes: object) -> BatchNorm:
    """Return a batch norm of the two channels of a convolution."""
    zeros, ones = np.zeros(2), np.ones(2)
    return replace(BatchNorm("norm", "conv", ones, zeros, zeros, ones, 1e-5), **changes)  # type: ignore[arg-type]  # fields of several types


@pytest.mark.parametrize(
    ("changes", "code", "part"),
    [
        ({"variance": np.zeros(2)}, None, ""),
        ({"variance": np.array([1.0, -1e-9])}, NN_MODEL_INVALID, "variance"),
        ({"eps": 0.0}, NN_MODEL_INVALID, "eps"),
        ({"eps": float("nan")}, NN_NOT_FINITE, "eps"),
        ({"gamma": np.array([1.0, np.nan])}, NN_NOT_FINITE, "gamma of"),
        ({"beta": np.array([np.inf, 0.0])}, NN_NOT_FINITE, "beta of"),
        ({"mean": np.array([0.0, -np.inf])}, NN_NOT_FINITE, "mean of"),
        ({"gamma": np.array([1e308, 1.0]), "variance": np.zeros(2)}, NN_NOT_FINITE, "overflow"),
        ({"gamma": np.ones(3)}, NN_SHAPE_MISMATCH, "gamma"),
        ({"gamma": np.ones(2, np.float32)}, NN_SHAPE_MISMATCH, "gamma"),
    ],
)
def test_a_batch_norm_holds_numbers(
    changes: dict[str, object], code: ErrorCode | None, part: str
) -> None:
    conv = Conv("conv", "encode", Window((3, 2)), 2, plus_ones(2, 6))
    last = Linear("last", "norm", 1, plus_ones(1, 2))
    made = from_signs(conv, norm(**changes), last)
    if code is None:
        check_network(made)
        return
    with pytest.raises(ExtensionError, match=part) as caught:
        check_network(made)
    assert caught.value.code == code


def test_a_border_of_minus_1_is_for_signs_alone() -> None:
    window = Window((3, 2), padding=(1, 1))
    conv = Conv("conv", "encode", window, 1, plus_ones(1, 6), padding_value=-1)
    assert code_of(from_signs(conv, mean("conv", 3, 3))) is None
    real = replace(conv, input="relu")
    assert code_of(from_signs(Relu("relu", "encode"), real, mean("conv", 3, 3))) == NN_MODEL_INVALID
