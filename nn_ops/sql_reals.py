"""SQL functions over columns of reals: first layers, batch norms, residual sums, the last layer."""

from __future__ import annotations

import numpy as np

from minidb.extension import ArrayType, FloatType, Kind
from nn_ops import first_layer, residual
from nn_ops.errors import (
    NN_NOT_FINITE,
    NN_PIXEL_OUT_OF_RANGE,
    NN_SHAPE_MISMATCH,
    ExtensionError,
)
from nn_ops.graph import Normalize
from nn_ops.program import RealProductStage
from nn_ops.sql_bits import PACKED, SHAPE, UINT32, flat, values_of
from nn_ops.sql_given import Given
from nn_ops.sql_layers import GROUPS, KERNEL, MASKS, STEPS, WEIGHTS, conv_of
from nn_ops.sql_tensors import Constant, Data, Run, optional, tensor_function
from nn_ops.sql_values import (
    NUMBERS,
    REAL,
    WHOLE,
    Tensor,
    is_array_of,
    is_number,
    reals_of,
)

REALS = ArrayType(FloatType(64))
PIXELS = Kind(
    "an Array of integers",
    lambda t: is_array_of(t, lambda e: is_number(e) and not isinstance(e, FloatType)),
)
VALUES = (Data("values", NUMBERS),)
LOGITS = (Data("logits", NUMBERS),)
BIAS = optional(Constant("bias", NUMBERS))
GREATEST_PIXEL = 65_535


def _stage(given: Given, normalize: Normalize | None, max_pixel: int) -> RealProductStage:
    """Return the layer that the arguments describe."""
    product = conv_of(given)
    filters = product.output.channels
    bias = given.floats("bias", filters) if given.has("bias") else np.zeros(filters)
    return RealProductStage(
        name="conv",
        inputs=("values",),
        output=product.output,
        kind="reals",
        nodes=("conv",),
        product=product,
        bias=bias,
        normalize=normalize,
        max_pixel=max_pixel,
    )


def _pixel_conv(given: Given) -> Run:
    channels = given.shape().channels
    max_pixel = given.integer("max_pixel", 255, least=1, most=GREATEST_PIXEL)
    mean, std = given.floats("mean", channels), given.floats("std", channels)
    if np.any(std <= 0):
        raise given.refused("a std is not above 0", "divide by the spread of the pixels")
    normalize = Normalize("normalize", "pixels", tuple(mean.tolist()), tuple(std.tolist()))
    stage = _stage(given, normalize, max_pixel)

    def run(pixels: Tensor) -> Tensor:
        if pixels.size and (pixels.min() < 0 or pixels.max() > max_pixel):
            raise ExtensionError(
                NN_PIXEL_OUT_OF_RANGE,
                f"pixels from {pixels.min()} to {pixels.max()}, not from 0 to {max_pixel}",
                hint="max_pixel is the third argument",
            )
        return flat(first_layer.real_product(values_of(pixels, stage.product.input), stage))

    return run


def _real_conv(given: Given) -> Run:
    stage = _stage(given, None, 1)

    def run(values: Tensor) -> Tensor:
        reals = reals_of(values_of(values, stage.product.input), "values")
        return _numbers(flat(first_layer.real_product(reals, stage)))

    return run


def _numbers(found: Tensor) -> Tensor:
    """Refuse what came out of infinities that cancel."""
    if np.isnan(found).any():
        raise ExtensionError(
            NN_NOT_FINITE, "infinite values cancel", hint="look at the values that come in"
        )
    return found


def _affine(given: Given) -> Run:
    channels = len(given.numbers("scale"))
    scale, offset = given.floats("scale", channels), given.floats("offset", channels)
    if not channels:
        raise given.refused("the scale is empty", "one number per channel")

    def run(values: Tensor) -> Tensor:
        if values.shape[1] % channels:
            raise given.refused(
                f"{values.shape[1]} values do not split into {channels} channels",
                "the channel is the fastest axis",
            )
        reals = reals_of(values, "values").reshape(len(values), -1, channels)
        return _numbers(flat(residual.affine(reals, scale, offset)))

    return run


def _clamp(given: Given) -> Run:
    low, high = given.real("low"), given.real("high")
    if low > high:
        raise given.refused(f"low is {low} and high is {high}", "low is the smaller one")
    return lambda values: residual.clamp(reals_of(values, "values"), low, high)


def _add(given: Given) -> Run:
    def run(left: Tensor, right: Tensor) -> Tensor:
        if left.shape != right.shape:
            raise ExtensionError(
                NN_SHAPE_MISMATCH,
                f"{left.shape[1]} values cannot be added to {right.shape[1]}",
                hint="a shortcut brings both to the same shape first",
            )
        return _numbers(residual.add(reals_of(left, "left"), reals_of(right, "right")))

    return run


def _signs(given: Given) -> Run:
    shape = given.shape()
    zero = given.integer("zero", 0, least=0, most=1)

    def run(values: Tensor) -> Tensor:
        reals = reals_of(values_of(values, shape), "values")
        return flat(residual.signs_of(reals, zero))

    return run


def _log_softmax(given: Given) -> Run:
    return lambda logits: _numbers(residual.log_softmax(reals_of(logits, "logits")))


def _arg_max(given: Given) -> Run:
    def run(logits: Tensor) -> Tensor:
        if not logits.shape[1]:
            raise ExtensionError(
                NN_SHAPE_MISMATCH, "no class has a logit", hint="the array is empty"
            )
        return residual.argmax(reals_of(logits, "logits"))

    return run


FUNCTIONS = (
    tensor_function(
        "nnPixelConv2d",
        (Data("pixels", PIXELS),),
        (
            WEIGHTS,
            Constant("max_pixel", WHOLE),
            Constant("mean", NUMBERS),
            Constant("std", NUMBERS),
            SHAPE,
            KERNEL,
            *STEPS,
            *GROUPS,
            *BIAS,
            *MASKS,
        ),
        REALS,
        _pixel_conv,
        text="A first layer: signs by pixels normalized as (pixel / max_pixel - mean[c]) / std[c], by integer sums.",
        example="SELECT nnPixelConv2d([0, 128, 255, 64], [[13]], 255, [0.5], [0.5], [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnRealConv2d",
        VALUES,
        (WEIGHTS, SHAPE, KERNEL, *STEPS, *GROUPS, *BIAS, *MASKS),
        REALS,
        _real_conv,
        text="The sums of a convolution of reals by signs, by row, column, filter.",
        example="SELECT nnRealConv2d([0.5, -1, 2, 0.25], [[13]], [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnAffine",
        VALUES,
        (Constant("scale", NUMBERS), Constant("offset", NUMBERS)),
        REALS,
        _affine,
        text="value * scale[c] + offset[c], the channel fastest: a batch norm over reals.",
        example="SELECT nnAffine([1, 2, 3, 4], [2, 0.5], [0, 1])",
    ),
    tensor_function(
        "nnClamp",
        VALUES,
        (Constant("low", REAL), Constant("high", REAL)),
        REALS,
        _clamp,
        text="min(max(value, low), high): Hardtanh from -1 to 1, ReLU from 0 to inf.",
        example="SELECT nnClamp([-3, 0.5, 2], -1, 1)",
    ),
    tensor_function(
        "nnAdd",
        (Data("left", NUMBERS), Data("right", NUMBERS)),
        (),
        REALS,
        _add,
        text="A residual sum: two arrays of equal length, value by value.",
        example="SELECT nnAdd([1, 2], [0.5, -2])",
    ),
    tensor_function(
        "nnSigns",
        VALUES,
        (SHAPE, *optional(Constant("zero", WHOLE))),
        PACKED,
        _signs,
        text="The signs of an image of reals, packed; an exact 0 is refused, or +1 where `zero` is 1.",
        example="SELECT nnSigns([0.5, -2, 3, -0.1], [2, 2, 1])",
    ),
    tensor_function(
        "nnLogSoftmax",
        LOGITS,
        (),
        REALS,
        _log_softmax,
        text="The logarithms of the shares of the classes: x - log(sum(exp(x))).",
        example="SELECT nnLogSoftmax([1, 1])",
    ),
    tensor_function(
        "nnArgMax",
        LOGITS,
        (),
        UINT32,
        _arg_max,
        text="The number of the greatest logit, from 0 on; of equal ones, the first.",
        example="SELECT nnArgMax([0.5, 2, 2])",
    ),
)
