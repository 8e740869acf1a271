"""SQL functions that pool the cells of a window, over packed signs and over reals."""

from __future__ import annotations

import numpy as np

from minidb.extension import ArrayType, FloatType
from nn_ops import pooling
from nn_ops.sql_bits import PACKED, SHAPE, flat, images_of, values_of
from nn_ops.sql_given import Given
from nn_ops.sql_layers import IMAGE, KERNEL, STEPS
from nn_ops.sql_tensors import Constant, Data, Run, optional, tensor_function
from nn_ops.sql_values import NUMBERS, SIZES, Tensor, reals_of

REALS = ArrayType(FloatType(64))
POOL = (SHAPE, KERNEL, *STEPS)
AVERAGE = (SHAPE, KERNEL, *optional(Constant("stride", SIZES)))
POLARITY = optional(Constant("polarity", NUMBERS))


def _max_signs(given: Given) -> Run:
    shape = given.shape()
    window = given.window(shape, is_pool=True)
    polarity = np.ones(shape.channels, np.int64)
    if given.has("polarity"):
        polarity = given.integers("polarity", 1)
        if polarity.shape != (shape.channels,) or np.any(np.abs(polarity) != 1):
            hint = "one number per channel: 1 for OR, -1 for AND"
            raise given.refused("the polarity does not fit the channels", hint)
    return lambda image: flat(
        pooling.pool_decided(images_of(image, shape), window, shape, polarity)
    )


def _max_reals(given: Given) -> Run:
    shape = given.shape()
    window = given.window(shape, is_pool=True)

    def run(values: Tensor) -> Tensor:
        reals = reals_of(values_of(values, shape), "values")
        return flat(pooling.max_pool_reals(reals, window, shape))

    return run


def _average_reals(given: Given) -> Run:
    shape = given.shape()
    window = given.window(shape, is_pool=True)

    def run(values: Tensor) -> Tensor:
        reals = reals_of(values_of(values, shape), "values")
        return flat(pooling.average_pool(reals, window, shape))

    return run


def _average_signs(given: Given) -> Run:
    shape = given.shape()
    window = given.window(shape, is_pool=True)
    return lambda image: flat(pooling.average_pool_signs(images_of(image, shape), window, shape))


FUNCTIONS = (
    tensor_function(
        "nnMaxPoolSigns",
        (IMAGE,),
        (*POOL, *POLARITY),
        PACKED,
        _max_signs,
        text="The OR of each window of a packed image, or the AND where the channel's polarity is -1.",
        example="SELECT nnMaxPoolSigns([1, 0, 0, 0], [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnMaxPool",
        (Data("values", NUMBERS),),
        POOL,
        REALS,
        _max_reals,
        text="The greatest value of each window, channel by channel; a border does not take part.",
        example="SELECT nnMaxPool([1, 2, 3, 4], [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnAveragePool",
        (Data("values", NUMBERS),),
        AVERAGE,
        REALS,
        _average_reals,
        text="The mean of each window, channel by channel.",
        example="SELECT nnAveragePool([1, 2, 3, 4], [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnAveragePoolSigns",
        (IMAGE,),
        AVERAGE,
        REALS,
        _average_signs,
        text="The mean sign of each window of a packed image, from the number of its bits.",
        example="SELECT nnAveragePoolSigns([1, 0, 1, 1], [2, 2, 1], 2)",
    ),
)
