"""What a network is lowered to: stages over packed columns, each one operator of `nn_ops`.

Signs become bits as soon as they can: a layer of signs whose bias, pool, batch norm and sign all
follow one another is one stage with integer limits. What cannot be folded, as a residual sum, stays
a column of reals. `nn_ops.lower` makes a program, `nn_ops.executor` runs it, and the smartlite form
writes it as SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn_ops.geometry import BorderClasses, ImageShape, Window
from nn_ops.graph import Floats, Kind, Normalize, Weights
from nn_ops.limits import Limits, Terms


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Product:
    """The geometry and weights of a convolution; a linear layer's window is its whole input.

    Attributes
    ----------
    window : Window
    input, output : ImageShape
        The output's before a pool.
    groups : int
    padding_value : 0 or -1
    weights : Weights
    classes : BorderClasses
        Of `window` over `input`; one class where a border of -1 counts like any other cell.
    terms : Terms
        Per class and filter; the sum is ``terms.base - 2 * D``.

    Notes
    -----
    It can be referred to weakly: `nn_ops.binary_conv` keeps what it derives from a product for as
    long as the product lives.
    """

    window: Window
    input: ImageShape
    output: ImageShape
    groups: int
    padding_value: int
    weights: Weights
    classes: BorderClasses
    terms: Terms


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What every stage has.

    A stage of reals may read signs, as an average of them or a batch norm over them: +1 and -1.

    It has no equality to pass on: stages of two models may have the same names and shapes, and what
    is derived from one must not be taken for the other's.

    Attributes
    ----------
    name : str
        The node whose output this stage gives.
    inputs : tuple of str
        The stages read; ``pixels`` is the image.
    output : ImageShape
    kind : {'signs', 'reals'}
        Of the output.
    nodes : tuple of str
        The nodes that the stage stands for, in their order.
    """

    name: str
    inputs: tuple[str, ...]
    output: ImageShape
    kind: Kind
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class EncodeStage(Stage):
    """Pixels to signs by integer thresholds.

    Attributes
    ----------
    thresholds : ndarray of int64, shape (channels, thresholds per channel)
        +1 where the pixel is above the threshold.
    """

    thresholds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class SignProductStage(Stage):
    """Signs times signs, decided by integer limits, then pooled: signs to signs.

    Attributes
    ----------
    product : Product
    limits : Limits
    pool : Window or None
        A filter's pooled bit is the OR of its window where ``limits.polarity`` is +1, else AND.

    Notes
    -----
    It can be referred to weakly, as `Product`.
    """

    product: Product
    limits: Limits
    pool: Window | None


@dataclass(frozen=True, slots=True, eq=False)
class SumProductStage(Stage):
    """Signs times signs, then the bias: signs to reals.

    Attributes
    ----------
    product : Product
    bias : ndarray of float64, shape (filters,)
    """

    product: Product
    bias: Floats


@dataclass(frozen=True, slots=True, eq=False)
class RealProductStage(Stage):
    """Pixels or reals times signs, then the bias: a first layer, or one over a real column.

    Attributes
    ----------
    product : Product
        Its `terms` count the weights' signs over the cells inside the image.
    bias : ndarray of float64, shape (filters,)
    normalize : Normalize or None
        What is done to the pixels first; None where the input is taken as it is.
    max_pixel : int
        The greatest pixel, with `normalize`.
    """

    product: Product
    bias: Floats
    normalize: Normalize | None
    max_pixel: int


@dataclass(frozen=True, slots=True)
class PoolStage(Stage):
    """The greatest value of each window, of signs or of reals."""

    window: Window
    input: ImageShape


@dataclass(frozen=True, slots=True)
class AverageStage(Stage):
    """The mean of each window of reals, or of signs."""

    window: Window
    input: ImageShape


@dataclass(frozen=True, slots=True, eq=False)
class AffineStage(Stage):
    """``x * scale[c] + offset[c]``: a batch norm over reals."""

    scale: Floats
    offset: Floats


@dataclass(frozen=True, slots=True)
class ClampStage(Stage):
    """``min(max(x, low), high)``; `high` is None for a ReLU."""

    low: float
    high: float | None


@dataclass(frozen=True, slots=True)
class AddStage(Stage):
    """The sum of two columns of reals."""


@dataclass(frozen=True, slots=True)
class SignStage(Stage):
    """Reals to signs; with `zero` 0 an exact zero is refused when it occurs."""

    zero: int


AnyStage: TypeAlias = (
    EncodeStage
    | SignProductStage
    | SumProductStage
    | RealProductStage
    | PoolStage
    | AverageStage
    | AffineStage
    | ClampStage
    | AddStage
    | SignStage
)


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A network's stages in an order in which each reads only what stands before it.

    Attributes
    ----------
    name : str
    image : ImageShape
        Of the pixels.
    max_pixel : int
    stages : tuple of AnyStage
        The last one's output are the logits.
    classes : tuple of str
    """

    name: str
    image: ImageShape
    max_pixel: int
    stages: tuple[AnyStage, ...]
    classes: tuple[str, ...]
