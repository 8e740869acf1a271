"""The fold of a layer's bias, batch norms and clamps into one limit, by trying every sum."""

from __future__ import annotations

from collections.abc import Sequence

from nn_ops.graph import BatchNorm, Hardtanh, Relu
from nn_ops.reference.reals import add_bias, batch_norm, hardtanh, relu


def answer(
    total: int, number: int, bias: float, chain: Sequence[BatchNorm | Hardtanh | Relu]
) -> float:
    """Return what filter `number` makes of one sum, before the sign.

    Parameters
    ----------
    total : int
        The sum.
    number : int
        The filter, in the parameters of `chain`.
    bias : float
        Of the filter.
    chain : sequence of BatchNorm, Hardtanh and Relu
        In the order in which they are done.
    """
    values = add_bias([float(total)], [bias])
    for step in chain:
        match step:
            case BatchNorm():
                values = batch_norm(values, [step.scale[number]], [step.offset[number]])
            case Hardtanh():
                values = hardtanh(values)
            case Relu():
                values = relu(values)
    return values[0]


def fold(
    count: int,
    base: int,
    number: int,
    bias: float,
    chain: Sequence[BatchNorm | Hardtanh | Relu],
    zero: int,
) -> tuple[int, int] | None:
    """Return the limit and polarity of one border class and filter.

    Parameters
    ----------
    count, base : int
        V, and what D is taken from twice: see `nn_ops.limits.Terms`.
    number : int
        The filter.
    bias : float
    chain : sequence of BatchNorm, Hardtanh and Relu
    zero : 0 or 1
        The sign of an exact 0: 0, or +1.

    Returns
    -------
    limit, polarity : int
        The answer is +1 iff ``D <= limit`` (polarity +1) or ``D >= limit`` (-1). None when an
        attainable sum has the sign 0.
    """
    positive, distances = [], []
    for total in range(-count, count + 1, 2):
        distances.append((base - total) // 2)
        value = answer(total, number, bias, chain)
        if value == 0 and not zero:
            return None
        if value >= 0:
            positive.append(distances[-1])
    if len(positive) == len(distances):
        return max(distances), 1
    if not positive:
        return -1, 1
    if min(positive) == min(distances):
        return max(positive), 1
    return min(positive), -1
