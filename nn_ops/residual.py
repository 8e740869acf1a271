"""What is done to columns of reals: batch norms, clamps, residual sums, signs and the last layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words, pack_bits
from nn_ops.errors import NN_MODEL_INVALID, NN_SHAPE_MISMATCH, NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.graph import Floats
from nn_ops.program import Product


def sums_of(distances: NDArray[np.integer], product: Product, bias: Floats) -> Floats:
    """Return a layer's sums, its bias added, from the numbers of differing bits.

    Parameters
    ----------
    distances : ndarray of an integer dtype, shape (n, positions, filters)
        D, under the filters' masks.
    product : Product
        Its terms and border classes are read.
    bias : ndarray of float64, shape (filters,)

    Returns
    -------
    ndarray of float64, shape (n, positions down, positions along, filters)
        ``base - 2 * D + bias``; of the last layer, before its batch norm.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the distances are not of the product's shape.
    """
    base = product.terms.base[product.classes.of_position]
    if distances.ndim != 3 or distances.shape[1:] != base.shape:
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"expected counts of shape {base.shape}, found {distances.shape[1:]}"
        )
    # Counts may be unsigned and narrow: they are widened before anything is taken from them.
    sums = (base - 2 * distances.astype(np.int32)) + bias
    output = product.output
    return np.asarray(sums).reshape(len(distances), output.height, output.width, output.channels)


def affine(reals: Floats, scale: Floats, offset: Floats) -> Floats:
    """Return a batch norm in eval mode, as PyTorch evaluates it.

    Parameters
    ----------
    reals : ndarray of float64, shape (..., channels)
    scale, offset : ndarray of float64, shape (channels,)

    Returns
    -------
    ndarray of float64, shape (..., channels)
        ``reals * scale + offset``, the product rounded first.
    """
    return reals * scale + offset


def clamp(reals: Floats, low: float, high: float | None) -> Floats:
    """Return ``min(max(x, low), high)``; a `high` of None is no bound, as for a ReLU."""
    found: Floats = np.maximum(reals, low)
    return found if high is None else np.minimum(found, high)


def add(left: Floats, right: Floats) -> Floats:
    """Return a residual sum.

    Parameters
    ----------
    left, right : ndarray of float64, shape (n, height, width, channels)

    Returns
    -------
    ndarray of float64, same shape

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the shapes differ; nothing is repeated to make them fit.
    """
    if left.shape != right.shape:
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"images of shapes {left.shape} and {right.shape} cannot be added"
        )
    return left + right


def signs_of(reals: Floats, zero: int) -> Words:
    """Return the packed signs of reals.

    Parameters
    ----------
    reals : ndarray of float64, shape (n, height, width, channels)
    zero : 0 or 1
        The sign of an exact 0: 0 as `torch.sign` has it, which no bit holds, or +1.

    Returns
    -------
    ndarray of uint64, shape (n, height, width, n_words(channels))

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when a value is exactly 0 and `zero` is 0; NN_MODEL_INVALID when a value is
        not a number.
    """
    if np.isnan(reals).any():
        place = _first(np.isnan(reals))
        raise ExtensionError(NN_MODEL_INVALID, f"the value of {place} is not a number")
    is_zero = reals == 0
    if not zero and is_zero.any():
        raise ExtensionError(
            NN_SIGN_OF_ZERO,
            f"the value of {_first(is_zero)} is exactly 0, which has no sign",
            hint="change a bias a little, or take +1 as the sign of 0",
        )
    return pack_bits(reals >= 0)


def _first(found: NDArray[np.bool_]) -> str:
    """Name the first place that was found."""
    image, row, column, channel = (int(place) for place in np.argwhere(found)[0])
    return f"image {image}, row {row}, column {column}, channel {channel}"


def log_softmax(logits: Floats) -> Floats:
    """Return the logarithms of the classes' shares.

    Parameters
    ----------
    logits : ndarray of float64, shape (n, classes)

    Returns
    -------
    ndarray of float64, shape (n, classes)
        ``x - log(sum(exp(x)))``, with the greatest x taken from all first.
    """
    centred = logits - logits.max(axis=-1, keepdims=True, initial=-np.inf)
    found: Floats = centred - np.log(np.exp(centred).sum(axis=-1, keepdims=True))
    return found


def argmax(logits: Floats) -> NDArray[np.intp]:
    """Return the place of each row's greatest logit; of equal ones, the first."""
    return np.asarray(np.argmax(logits, axis=-1))
