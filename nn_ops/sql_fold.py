"""SQL functions that turn bias, batch norm and sign into integer limits."""

from __future__ import annotations

import numpy as np

from minidb.extension import STRING, ArrayType, TupleType
from nn_ops.geometry import border_classes
from nn_ops.graph import BatchNorm, Hardtanh, Relu
from nn_ops.limits import Step, Terms, fold
from nn_ops.sql_bits import INT8, INT32, SHAPE, UINT32
from nn_ops.sql_given import Given
from nn_ops.sql_layers import KERNEL, LAYER, STEPS, WEIGHTS, conv_of
from nn_ops.sql_tensors import Constant, constant_function, optional
from nn_ops.sql_values import NUMBERS, REAL, WHOLE, Tensor
from nn_ops.sql_values import TERMS as TERMS_OF_LAYER

BY_CLASS = ArrayType(ArrayType(INT32))
TERMS = TupleType((BY_CLASS, BY_CLASS), ("count", "base"))
LIMITS = TupleType((BY_CLASS, ArrayType(INT8)), ("limit", "polarity"))


def _border_classes(given: Given) -> Tensor | tuple[Tensor, ...]:
    shape = given.shape()
    classes = border_classes(given.window(shape), shape.height, shape.width)
    return classes.of_position[None].astype(np.uint32)


def _terms(given: Given) -> Tensor | tuple[Tensor, ...]:
    terms = conv_of(given).terms
    return (terms.count[None], terms.base[None])


def _fold(given: Given) -> Tensor | tuple[Tensor, ...]:
    count, base = given.part("terms", 0, 2), given.part("terms", 1, 2)
    if count.shape != base.shape or 0 in count.shape:
        raise given.refused(
            f"terms of {count.shape} and {base.shape}", "take the whole tuple that nnTerms gives"
        )
    if np.any(count < 0) or np.any(base < count) or np.any((base - count) % 2):
        raise given.refused(
            "terms that no layer has", "base is count and twice the +1 weights on border cells"
        )
    filters = count.shape[1]
    terms = Terms(count.astype(np.int32), base.astype(np.int32))
    bias = given.floats("bias", filters)
    norm = _norm_of(given, filters)
    zero = given.integer("zero", 0, least=0, most=1)
    limits = fold(terms, bias, _chain(given, norm), zero)
    return (limits.limit[None], limits.polarity[None])


def _norm_of(given: Given, filters: int) -> BatchNorm:
    """Return the batch norm of the arguments."""
    eps = given.real("eps")
    variance = given.floats("variance", filters)
    if eps < 0 or np.any(variance + eps <= 0):
        raise given.refused("variance + eps is not above 0", "eps is 1e-5 in most networks")
    return BatchNorm(
        "norm",
        "sums",
        given.floats("gamma", filters),
        given.floats("beta", filters),
        given.floats("mean", filters),
        variance,
        eps,
    )


def _chain(given: Given, norm: BatchNorm) -> tuple[Step, ...]:
    """Return what is done to the sums: an activation may stand before the batch norm."""
    if not given.has("activation"):
        return (norm,)
    name = given.column("activation").to_pylist()[0]
    match name:
        case "relu":
            return (Relu("relu", "sums"), norm)
        case "hardtanh":
            return (Hardtanh("hardtanh", "sums"), norm)
        case "":
            return (norm,)
        case _:
            raise given.refused(
                f"no activation {name!r}", "'relu' or 'hardtanh', before the batch norm"
            )


FUNCTIONS = (
    constant_function(
        "nnBorderClasses",
        (SHAPE, KERNEL, *STEPS),
        ArrayType(UINT32),
        _border_classes,
        text="The border class of each position of a window: those of one class have the same cells inside.",
        example="SELECT nnBorderClasses([3, 3, 1], 3, 1, 1)",
    ),
    constant_function(
        "nnTerms",
        (WEIGHTS, *LAYER),
        TERMS,
        _terms,
        text="By border class and filter: how many terms a sum has, and `base`, so that the sum is base - 2 * distance.",
        example="SELECT nnTerms([[13], [2]], [2, 2, 1], 2, 1, 1)",
    ),
    constant_function(
        "nnFoldBatchNorm",
        (
            Constant("terms", TERMS_OF_LAYER),
            *(Constant(n, NUMBERS) for n in ("bias", "gamma", "beta", "mean", "variance")),
            Constant("eps", REAL),
            *optional(Constant("zero", WHOLE), Constant("activation", STRING)),
        ),
        LIMITS,
        _fold,
        text="Bias, batch norm and sign as integer limits: +1 iff distance <= limit (polarity 1) or >= limit (-1).",
        example="SELECT nnFoldBatchNorm(nnTerms([[13], [2]], [2, 2, 1], 2), [0.1, 0], [1, -1], [0.5, 0.5], [0, 0], [1, 1], 1e-5)",
    ),
)
