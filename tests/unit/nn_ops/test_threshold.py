"""Folding bias, batch norm and sign into a limit on the number of differing bits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nn_ops.batch_norm import BatchNorm
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.threshold import Limits, fold
from tests.strategies.networks import batch_norms, certain_batch_norms


def norm_with(
    *, gamma: float = 1.0, beta: float = 0.0, mean: float = 0.0, bias: float = 0.0
) -> BatchNorm:
    """Return a batch norm of one filter whose deviation is 1."""
    one = np.ones(1)
    eps = 2.0**-20
    return BatchNorm(bias * one, gamma * one, beta * one, mean * one, (1.0 - eps) * one, eps)


def limit_of(fan_in: int, norm: BatchNorm) -> tuple[int, int]:
    """Return the only filter's limit and polarity."""
    limits = fold(fan_in, norm)
    return int(limits.limit[0]), int(limits.polarity[0])


def test_spec_vector_of_a_positive_gamma() -> None:
    assert limit_of(9, norm_with(mean=0.5)) == (4, 1)


def test_spec_vector_of_a_negative_gamma() -> None:
    assert limit_of(9, norm_with(mean=0.5, gamma=-1.0)) == (5, -1)


def test_the_limit_follows_the_fan_in() -> None:
    assert limit_of(6, norm_with(mean=0.5)) == (2, 1)
    assert limit_of(4, norm_with(mean=0.5)) == (1, 1)


def test_the_bias_is_inside_the_limit() -> None:
    assert limit_of(9, norm_with(mean=0.5, bias=1.0)) == limit_of(9, norm_with(mean=-0.5))


@pytest.mark.parametrize(("beta", "limit"), [(0.25, 9), (-0.25, -1)])
def test_a_gamma_of_zero_answers_the_sign_of_beta(beta: float, limit: int) -> None:
    assert limit_of(9, norm_with(gamma=0.0, beta=beta)) == (limit, 1)


@pytest.mark.parametrize("gamma", [1.0, -1.0])
@pytest.mark.parametrize("mean", [-50.0, 50.0])
def test_a_limit_beyond_all_sums_is_constant(gamma: float, mean: float) -> None:
    limits = fold(9, norm_with(gamma=gamma, mean=mean))
    answers = limits.apply(np.arange(10)[:, None])
    assert answers.all() == ((mean < 0) == (gamma > 0))
    assert answers.any() == answers.all()


@pytest.mark.parametrize(
    "norm",
    [
        norm_with(),
        norm_with(mean=4.0),
        norm_with(gamma=0.0),
        norm_with(mean=np.nextafter(4.0, 5.0)),
        norm_with(gamma=-1.0, mean=-2.0),
    ],
)
def test_an_attainable_zero_is_refused(norm: BatchNorm) -> None:
    with pytest.raises(ExtensionError) as caught:
        fold(8, norm)
    assert caught.value.code == NN_SIGN_OF_ZERO
    assert caught.value.hint


def test_a_zero_between_the_attainable_sums_is_no_harm() -> None:
    assert limit_of(9, norm_with(mean=2.0)) == (3, 1)


@given(st.data(), st.integers(1, 130))
def test_limits_decide_as_exact_arithmetic_does(data: st.DataObject, fan_in: int) -> None:
    norm = data.draw(certain_batch_norms(3, fan_in))
    answers = fold(fan_in, norm).apply(np.arange(fan_in + 1)[:, None])
    for channel in range(3):
        for distance in (0, fan_in // 2, fan_in):
            expected = is_positive(norm, channel, fan_in - 2 * distance)
            assert answers[distance, channel] == expected


def is_positive(norm: BatchNorm, channel: int, total: int) -> bool:
    """Return the sign of the batch norm in exact rationals, the root to 60 digits."""
    variance = Fraction(float(norm.variance[channel])) + Fraction(norm.eps)
    shift = 10**60
    root = Fraction(math.isqrt(variance.numerator * variance.denominator * shift**2))
    deviation = root / (variance.denominator * shift)
    centred = total + Fraction(float(norm.bias[channel])) - Fraction(float(norm.mean[channel]))
    gamma, beta = Fraction(float(norm.gamma[channel])), Fraction(float(norm.beta[channel]))
    return centred * gamma / deviation + beta > 0


@given(st.integers(1, 200), st.floats(-250, 250), st.booleans())
@example(9, 0.5, True)
@example(9, 0.5, False)
def test_limits_follow_the_closed_form(fan_in: int, mean: float, is_rising: bool) -> None:
    norm = norm_with(mean=mean, gamma=1.0 if is_rising else -1.0)
    try:
        limit, polarity = limit_of(fan_in, norm)
    except ExtensionError:
        return  # an attainable zero
    half = Fraction(fan_in) / 2 - Fraction(mean) / 2
    closed = math.ceil(half) - 1 if is_rising else math.floor(half) + 1
    assert polarity == (1 if is_rising else -1)
    assert limit == min(max(closed, -1 if is_rising else 0), fan_in + (not is_rising))


@given(st.data(), st.integers(1, 60))
def test_every_norm_is_folded_or_refused(data: st.DataObject, fan_in: int) -> None:
    norm = data.draw(batch_norms(2))
    distances = np.arange(fan_in + 1)[:, None]
    values = norm.apply(fan_in - 2 * distances)
    try:
        answers = fold(fan_in, norm).apply(distances)
    except ExtensionError as error:
        code = error.code
    else:
        code = NN_SIGN_OF_ZERO
        assert np.array_equal(answers, values > 0)
    assert code == NN_SIGN_OF_ZERO


def test_a_pool_of_the_sums_is_a_pool_of_the_distances() -> None:
    sums, falling = np.array([3, -5, -1, 1]), norm_with(gamma=-1.0, mean=2.0)
    distances = (9 - sums) // 2
    limits = fold(9, falling)
    assert not limits.apply(np.array([distances.min()]))[0]
    assert isinstance(limits, Limits)
    assert limits.apply(distances[:, None]).ravel().tolist() == [False, True, True, True]
