"""Whole networks, stage by stage through the SQL functions: image in, class out, in one query."""

from __future__ import annotations

import numpy as np
import pytest

import minidb
from nn_ops import executor
from nn_ops.digits import load_digits
from nn_ops.families import build
from nn_ops.geometry import ImageShape, Window
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.program import (
    AddStage,
    AffineStage,
    AnyStage,
    AverageStage,
    ClampStage,
    EncodeStage,
    PoolStage,
    Product,
    Program,
    RealProductStage,
    SignProductStage,
    SignStage,
    SumProductStage,
)
from tests.support.sample_networks import VARIANTS, every_node

Call = tuple[str, list[object]]
"""A call with its parameters in the order of its marks."""


def call(name: str, data: Call, *constants: object) -> Call:
    """Return a call of a function of one column."""
    marks = "".join(", ?" for _ in constants)
    found = [c.tolist() if isinstance(c, np.ndarray) else c for c in constants]
    return f"{name}({data[0]}{marks})", [*data[1], *found]


def sides(shape: ImageShape) -> list[int]:
    return [shape.height, shape.width, shape.channels]


def geometry(window: Window) -> list[object]:
    return [window.kernel, window.stride, window.padding, window.dilation]


def masks(product: Product) -> list[object]:
    return [] if product.weights.mask is None else [product.weights.mask]


def layer(product: Product) -> list[object]:
    """Return what stands behind the weights and limits."""
    own = [sides(product.input), *geometry(product.window), product.groups]
    return [*own, product.padding_value, *masks(product)]


def call_of(stage: AnyStage, program: Program, kinds: dict[str, str]) -> Call:
    """Return the stage as a call over the columns that it reads."""
    value: Call = (f"`{stage.inputs[0]}`", [])
    is_signs = kinds[stage.inputs[0]] == "signs"
    match stage:
        case EncodeStage(thresholds=thresholds):
            assert (thresholds == thresholds[0]).all()
            return call("nnThermometer", value, sides(program.image), thresholds[0])
        case SignProductStage(product=product, limits=limits, pool=pool):
            decided = (limits.limit.tolist(), limits.polarity.tolist())
            found = call("nnSignConv2d", value, product.weights.words, decided, *layer(product))
            if pool is None:
                return found
            shape = sides(product.output)
            return call("nnMaxPoolSigns", found, shape, *geometry(pool), limits.polarity)
        case SumProductStage(product=product, bias=bias):
            found = call("nnBinaryConv2d", value, product.weights.words, *layer(product))
            return call("nnAffine", found, np.ones(len(bias)), bias)
        case RealProductStage(product=product, bias=bias, normalize=normalize):
            own = [sides(product.input), *geometry(product.window), product.groups, bias]
            weights = product.weights.words
            if normalize is None:
                return call("nnRealConv2d", value, weights, *own, *masks(product))
            pixels = [stage.max_pixel, list(normalize.mean), list(normalize.std)]
            return call("nnPixelConv2d", value, weights, *pixels, *own, *masks(product))
        case PoolStage(kind=kind, window=window, input=shape):
            name = "nnMaxPoolSigns" if kind == "signs" else "nnMaxPool"
            return call(name, value, sides(shape), *geometry(window))
        case AverageStage(window=window, input=shape):
            name = "nnAveragePoolSigns" if is_signs else "nnAveragePool"
            return call(name, value, sides(shape), window.kernel, window.stride)
        case SignStage(output=shape, zero=zero):
            return call("nnSigns", value, sides(shape), zero)
        case AffineStage() | ClampStage() | AddStage():
            return over_reals(stage, kinds)


def over_reals(stage: AffineStage | ClampStage | AddStage, kinds: dict[str, str]) -> Call:
    """Return a stage that takes signs as +1 and -1 too."""
    values: list[Call] = [
        call("nnUnpackImage", (f"`{name}`", []), sides(stage.output))
        if kinds[name] == "signs"
        else (f"`{name}`", [])
        for name in stage.inputs
    ]
    match stage:
        case AffineStage(scale=scale, offset=offset):
            return call("nnAffine", values[0], scale, offset)
        case ClampStage(low=low, high=high):
            return call("nnClamp", values[0], low, np.inf if high is None else high)
        case AddStage():
            (left, first), (right, second) = values
            return f"nnAdd({left}, {right})", [*first, *second]


def answers(program: Program, pixels: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Return the logits and classes that one query over all images gives."""
    rows = pixels.reshape(len(pixels), -1).tolist()
    sql, parameters = "SELECT arrayJoin(?) AS pixels", [rows]
    kinds = {"pixels": "pixels"}
    for stage in program.stages:
        shown, own = call_of(stage, program, kinds)
        # The outer query's marks come first in the text.
        sql, parameters = f"SELECT *, {shown} AS `{stage.name}` FROM ({sql})", [*own, *parameters]
        kinds[stage.name] = stage.kind
    last = program.stages[-1].name
    sql = f"SELECT `{last}`, nnArgMax(nnLogSoftmax(`{last}`)) FROM ({sql})"
    with minidb.connect() as connection:
        found = connection.execute(sql, parameters).rows()
    return np.array([row[0] for row in found]), [row[1] for row in found]


def check(program: Program, pixels: np.ndarray) -> None:
    logits, classes = answers(program, pixels)
    expected = executor.run(program, pixels)
    assert np.array_equal(logits, expected)
    assert classes == expected.argmax(axis=1).tolist()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kind_of_node(variant):
    program = lower(every_node(**VARIANTS[variant]))
    generator = np.random.default_rng(1)
    shape = program.image
    size = (3, shape.height, shape.width, shape.channels)
    check(program, generator.integers(0, program.max_pixel + 1, size))


@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("mnist", {"image": 28, "width": 0.25}),
        ("resnet_cifar", {"image": 32, "depth": 14, "widths": (4, 6, 8)}),
    ],
)
def test_networks_of_the_seed(family, options):
    program = lower(build(family, **options))
    shape = program.image
    size = (2, shape.height, shape.width, shape.channels)
    check(program, np.random.default_rng(2).integers(0, 256, size))


def test_the_shipped_network_on_digits():
    check(lower(load_shipped_model()), load_digits().pixels[:20])
