"""SQL functions of layers over packed signs: patches, convolutions, linear layers, decisions."""

from __future__ import annotations

import numpy as np

from minidb.extension import ArrayType
from nn_ops import binary_conv, reshape
from nn_ops.conventions import Words
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Weights
from nn_ops.limits import Limits, terms_of
from nn_ops.program import Product, SignProductStage
from nn_ops.sql_bits import INT32, PACKED, SHAPE, flat, images_of, vectors_of
from nn_ops.sql_given import Given
from nn_ops.sql_tensors import Constant, Data, Run, optional, tensor_function
from nn_ops.sql_values import LIMITS as LIMITS_OF_LAYER
from nn_ops.sql_values import SIZES, WHOLE, WORD_ROWS, WORDS, Tensor, words_of

PATCHES = ArrayType(PACKED)
SUMS = ArrayType(INT32)

IMAGE = Data("image", WORDS)
WEIGHTS = Constant("weights", WORD_ROWS)
LIMITS = Constant("limits", LIMITS_OF_LAYER)
KERNEL = Constant("kernel", SIZES)
STEPS = optional(Constant("stride", SIZES), Constant("padding", SIZES), Constant("dilation", SIZES))
GROUPS = optional(Constant("groups", WHOLE))
BORDER = optional(Constant("padding_value", WHOLE))
MASKS = optional(Constant("masks", WORD_ROWS))
GEOMETRY = (SHAPE, KERNEL, *STEPS, *GROUPS)
LAYER = (*GEOMETRY, *BORDER, *MASKS)
FAN_IN = Constant("fan_in", WHOLE)


def groups_of(given: Given, shape: ImageShape) -> int:
    """Return the groups, which divide the channels."""
    groups = given.integer("groups", 1, least=1)
    reshape.channels_per_group(shape, groups)
    return groups


def weights_of(given: Given, fan_in: int) -> Weights:
    """Return the weights of a layer; those that are masked out are 0."""
    words = given.words("weights", fan_in)
    if not given.has("masks"):
        return Weights(words)
    masks = given.words("masks", fan_in)
    if masks.shape != words.shape:
        hint = "there is one mask per filter"
        raise given.refused(f"{len(masks)} masks for {len(words)} filters", hint)
    return Weights(words & masks, masks)


def product_of(
    weights: Weights,
    shape: ImageShape,
    window: Window,
    groups: int = 1,
    padding_value: int = 0,
) -> Product:
    """Return a layer with its border classes and terms."""
    filters = len(weights.words)
    classes, terms = terms_of(weights, shape, window, groups, filters, padding_value)
    output = ImageShape(*window.output_size(shape.height, shape.width), filters)
    return Product(window, shape, output, groups, padding_value, weights, classes, terms)


def conv_of(given: Given) -> Product:
    """Return the convolution that the arguments describe."""
    shape = given.shape()
    window = given.window(shape)
    groups = groups_of(given, shape)
    weights = weights_of(given, window.taps * shape.channels // groups)
    padding_value = given.integer("padding_value", 0, least=-1, most=0)
    return product_of(weights, shape, window, groups, padding_value)


def linear_of(given: Given) -> Product:
    """Return the linear layer that the arguments describe: a window over one cell."""
    fan_in = given.integer("fan_in", 1, least=1)
    return product_of(weights_of(given, fan_in), ImageShape(1, 1, fan_in), Window((1, 1)))


def vectors_as_images(tensor: Tensor, product: Product) -> Words:
    """Return packed vectors as images of one cell."""
    return np.asarray(vectors_of(tensor, product.input.channels)[:, None, None])


def _flatten(given: Given) -> Run:
    shape = given.shape()
    return lambda image: reshape.flatten(images_of(image, shape), shape)


def _im2col(given: Given) -> Run:
    shape = given.shape()
    window, groups = given.window(shape), groups_of(given, shape)

    def run(image: Tensor) -> Tensor:
        patches = reshape.im2col(images_of(image, shape), shape, window, groups)
        rows = np.moveaxis(patches, 0, 1)
        return rows.reshape(len(rows), groups * patches.shape[2], patches.shape[3])

    return run


def _recover(given: Given) -> Run:
    shape = given.shape()
    window, groups = given.window(shape), groups_of(given, shape)

    def run(patches: Tensor) -> Tensor:
        n, rows, words = patches.shape
        if rows % groups:
            raise given.refused(f"{rows} patches do not split into {groups} groups")
        by_group = words_of(patches).reshape(n, groups, rows // groups, words)
        by_group = np.ascontiguousarray(np.moveaxis(by_group, 1, 0))
        return flat(reshape.recover(by_group, shape, window, groups))

    return run


def _sums(images: Words, product: Product) -> Tensor:
    """Return the integer sums of a layer, one row per image."""
    sums = binary_conv.distances(images, product)
    sums *= -2
    sums += product.terms.base[product.classes.of_position]
    return flat(sums)


def _conv(given: Given) -> Run:
    product = conv_of(given)
    return lambda image: _sums(images_of(image, product.input), product)


def _linear(given: Given) -> Run:
    product = linear_of(given)
    return lambda words: _sums(vectors_as_images(words, product), product)


def limits_of(given: Given, product: Product) -> Limits:
    """Return the limits of a layer, as `nnFoldBatchNorm` gives them."""
    limit, polarity = given.part("limits", 0, 2), given.part("limits", 1, 1)
    expected = product.terms.count.shape
    if limit.shape != expected or polarity.shape != expected[1:]:
        raise given.refused(
            f"limits of {limit.shape} and {polarity.shape} for {expected[0]} border classes of "
            f"{expected[1]} filters",
            "nnFoldBatchNorm makes them from the nnTerms of the same layer",
        )
    if np.any(np.abs(polarity) != 1):
        raise given.refused("a polarity is neither 1 nor -1")
    return Limits(limit.astype(np.int32), polarity.astype(np.int8))


def _sign_stage(given: Given, product: Product) -> SignProductStage:
    """Return the layer with its limits."""
    return SignProductStage(
        name="signs",
        inputs=("image",),
        output=product.output,
        kind="signs",
        nodes=("signs",),
        product=product,
        limits=limits_of(given, product),
        pool=None,
    )


def _sign_conv(given: Given) -> Run:
    product = conv_of(given)
    stage = _sign_stage(given, product)
    return lambda image: flat(binary_conv.sign_conv(images_of(image, product.input), stage))


def _sign_linear(given: Given) -> Run:
    product = linear_of(given)
    stage = _sign_stage(given, product)
    return lambda words: flat(binary_conv.sign_conv(vectors_as_images(words, product), stage))


EXAMPLE_IMAGE = "nnPackImage([1, -1, 1, 1], [2, 2, 1])"

FUNCTIONS = (
    tensor_function(
        "nnFlatten",
        (IMAGE,),
        (SHAPE,),
        PACKED,
        _flatten,
        text="A packed image as one packed vector, by row, column, channel: the input of a linear layer.",
        example="SELECT nnFlatten([1, 0, 1, 1], [2, 2, 1])",
    ),
    tensor_function(
        "nnIm2col",
        (IMAGE,),
        GEOMETRY,
        PATCHES,
        _im2col,
        text="The packed patch under a window at each position of a packed image, by row and column.",
        example="SELECT nnIm2col([1, 0, 1, 1], [2, 2, 1], 2, 1, 1)",
    ),
    tensor_function(
        "nnRecoverImage",
        (Data("patches", WORD_ROWS, 2),),
        GEOMETRY,
        PACKED,
        _recover,
        text="The packed image that has these patches: the inverse of nnIm2col.",
        example="SELECT nnRecoverImage(nnIm2col([1, 0, 1, 1], [2, 2, 1], 2, 1, 1), [2, 2, 1], 2, 1, 1)",
    ),
    tensor_function(
        "nnBinaryConv2d",
        (IMAGE,),
        (WEIGHTS, *LAYER),
        SUMS,
        _conv,
        text="The sums of a convolution of signs by signs, by row, column, filter; a border counts for nothing.",
        example=f"SELECT nnBinaryConv2d({EXAMPLE_IMAGE}, [[13], [2]], [2, 2, 1], 2, 1, 1)",
    ),
    tensor_function(
        "nnBinaryLinear",
        (Data("words", WORDS),),
        (WEIGHTS, FAN_IN, *MASKS),
        SUMS,
        _linear,
        text="The sums of a linear layer of signs by signs, one per feature.",
        example="SELECT nnBinaryLinear(nnPackSigns([1, -1, 1]), [[5], [7]], 3)",
    ),
    tensor_function(
        "nnSignConv2d",
        (IMAGE,),
        (WEIGHTS, LIMITS, *LAYER),
        PACKED,
        _sign_conv,
        text="A convolution of signs by signs, decided by integer limits: from packed image to packed image.",
        example=f"SELECT nnSignConv2d({EXAMPLE_IMAGE}, [[13], [2]], ([[1, 2]], [1, -1]), [2, 2, 1], 2)",
    ),
    tensor_function(
        "nnSignLinear",
        (Data("words", WORDS),),
        (WEIGHTS, LIMITS, FAN_IN, *MASKS),
        PACKED,
        _sign_linear,
        text="A linear layer of signs by signs, decided by integer limits: from packed vector to packed vector.",
        example="SELECT nnSignLinear([5], [[5], [7]], ([[0, 0]], [1, 1]), 3)",
    ),
)
