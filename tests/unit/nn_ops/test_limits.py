"""Terms of sums, and the fold of what follows them into limits on D."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_ops.conventions import pack_bits, unpack_bits
from nn_ops.errors import NN_MODEL_INVALID, NN_SHAPE_MISMATCH, NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import BatchNorm, Hardtanh, Relu, Weights
from nn_ops.limits import CERTAINTY, Limits, Step, Terms, fold, terms_of
from tests.strategies import layers

N_FILTERS = 4
HARDTANH = Hardtanh("hardtanh", "before")
RELU = Relu("relu", "before")


def norm(*, gamma: float = 1.0, beta: float = 0.0, mean: float = 0.0) -> BatchNorm:
    """Return a batch norm of one filter whose deviation is 1."""
    one, eps = np.ones(1), 2.0**-20
    return BatchNorm("norm", "conv", gamma * one, beta * one, mean * one, (1.0 - eps) * one, eps)


def terms(count: int, on_border: int = 0) -> Terms:
    """Return the terms of one class and filter."""
    return Terms(np.array([[count]], np.int32), np.array([[count + 2 * on_border]], np.int32))


def limit_of(count: int, *chain: Step, bias: float = 0.0, zero: int = 0) -> tuple[int, int]:
    """Return the only limit, and its polarity."""
    limits = fold(terms(count), np.array([bias]), chain, zero)
    return int(limits.limit[0, 0]), int(limits.polarity[0])


def answers(limits: Limits, border: int, distances: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the decisions on distances of shape (..., filters), all of one border class."""
    limit = limits.limit[border]
    return np.where(limits.polarity > 0, distances <= limit, distances >= limit)


def evaluate(sums: NDArray[np.floating], bias, chain: tuple[Step, ...]):
    """Return what PyTorch's expressions make of sums of shape (..., filters)."""
    values = sums if bias is None else sums + bias
    for step in chain:
        match step:
            case BatchNorm():
                values = values * step.scale + step.offset
            case Hardtanh():
                values = np.minimum(np.maximum(values, -1.0), 1.0)
            case Relu():
                values = np.maximum(values, 0.0)
    return values


@given(st.data())
def test_terms_count_what_lies_inside_and_was_not_pruned(data: st.DataObject) -> None:
    groups, filters_each, width = (data.draw(st.integers(1, 3)) for _ in range(3))
    shape = data.draw(layers.image_shapes(channels=groups * width))
    window = data.draw(layers.windows(shape))
    fan_in, filters = window.taps * width, groups * filters_each
    weights = data.draw(layers.weights(filters, fan_in))
    padding_value = data.draw(st.sampled_from([0, -1]))
    classes, found = terms_of(weights, shape, window, groups, filters, padding_value)
    plus = unpack_bits(weights.words, fan_in)
    kept = np.ones_like(plus) if weights.mask is None else unpack_bits(weights.mask, fan_in)
    inside = window.cells_inside(shape.height, shape.width)
    assert classes.of_position.shape == (len(inside),)
    assert padding_value == 0 or len(classes.inside) == 1
    for position, cells in enumerate(inside):
        counts = np.repeat(cells if padding_value == 0 else cells | True, width)
        border = classes.of_position[position]
        assert found.count[border].tolist() == (kept & counts).sum(1).tolist()
        on_border = (plus & ~counts).sum(1)
        assert (found.base[border] - found.count[border]).tolist() == (2 * on_border).tolist()


def test_a_padded_3x3_has_nine_classes() -> None:
    weights = Weights(pack_bits(np.ones((1, 9), np.bool_)))
    window = Window((3, 3), padding=(1, 1))
    classes, found = terms_of(weights, ImageShape(5, 5, 1), window, 1, 1, 0)
    assert sorted(found.count[:, 0].tolist()) == [4] * 4 + [6] * 4 + [9]
    assert (found.base - found.count).ravel().tolist() == (2 * (9 - found.count)).ravel().tolist()
    assert classes.of_position.reshape(5, 5)[2, 1:4].tolist() == [classes.of_position[12]] * 3


@pytest.mark.parametrize(("groups", "filters"), [(1, 3), (2, 2), (3, 2)])
def test_weights_of_another_shape_are_refused(groups: int, filters: int) -> None:
    weights = Weights(np.zeros((2, 2), np.uint64))
    with pytest.raises(ExtensionError) as caught:
        terms_of(weights, ImageShape(4, 4, 8), Window((3, 3)), groups, filters, 0)
    assert caught.value.code == NN_SHAPE_MISMATCH


def test_spec_vectors() -> None:
    assert limit_of(9, norm(mean=0.5)) == (4, 1)
    assert limit_of(9, norm(mean=0.5, gamma=-1.0)) == (5, -1)
    assert limit_of(6, norm(mean=0.5)) == (2, 1)
    assert limit_of(4, norm(mean=0.5)) == (1, 1)


def test_the_bias_comes_first() -> None:
    assert limit_of(9, norm(mean=0.5), bias=1.0) == limit_of(9, norm(mean=-0.5))


def test_a_cell_of_the_border_raises_the_limit() -> None:
    limits = fold(terms(9, on_border=3), None, (norm(mean=0.5),), 0)
    assert limits.limit.tolist() == [[4 + 3]]
    limits = fold(terms(9, on_border=3), None, (norm(mean=0.5, gamma=-1.0),), 0)
    assert limits.limit.tolist() == [[5 + 3]]


@pytest.mark.parametrize(("beta", "limit"), [(0.25, 9), (-0.25, -1)])
def test_a_gamma_of_zero_answers_the_sign_of_beta(beta: float, limit: int) -> None:
    assert limit_of(9, norm(gamma=0.0, beta=beta)) == (limit, 1)


@pytest.mark.parametrize(("gamma", "mean", "limit"), [(1, -50, 9), (1, 50, -1), (-1, -50, -1)])
def test_a_constant_filter_has_polarity_1(gamma: float, mean: float, limit: int) -> None:
    assert limit_of(9, norm(gamma=gamma, mean=mean)) == (limit, 1)


def test_a_filter_constant_in_one_class_alone_keeps_its_polarity() -> None:
    several = Terms(np.array([[1], [9]], np.int32), np.array([[5], [9]], np.int32))
    limits = fold(several, None, (norm(gamma=-1.0, mean=4.5),), 0)
    assert limits.polarity.tolist() == [-1]
    assert answers(limits, 0, np.array([[2], [3]])).all()  # the sums 1 and -1
    assert answers(limits, 1, np.arange(10)[:, None]).ravel().tolist() == [False] * 3 + [True] * 7


def test_a_filter_without_weights_answers_for_its_bias() -> None:
    assert limit_of(0, bias=0.5) == (0, 1)
    assert limit_of(0, bias=-0.5) == (-1, 1)
    assert limit_of(0, zero=1) == (0, 1)
    with pytest.raises(ExtensionError, match="maps the sum 0 of border class 0 to 0"):
        limit_of(0)


@pytest.mark.parametrize(
    "chain",
    [
        (),
        (norm(),),
        (norm(mean=4.0),),
        (norm(gamma=0.0),),
        (norm(mean=np.nextafter(4.0, 5.0)),),
        (norm(gamma=-1.0, mean=-2.0),),
        (norm(mean=1.5), RELU),
        (norm(mean=1.5), HARDTANH, norm(mean=1.0)),
    ],
)
def test_an_attainable_zero_is_refused(chain: tuple[Step, ...]) -> None:
    with pytest.raises(ExtensionError) as caught:
        limit_of(8, *chain)
    assert caught.value.code == NN_SIGN_OF_ZERO
    assert caught.value.hint


def test_the_refusal_names_the_filter_class_sum_and_value() -> None:
    several = Terms(np.array([[3, 3], [3, 4]], np.int32), np.array([[3, 3], [3, 4]], np.int32))
    with pytest.raises(ExtensionError) as caught:
        fold(several, np.array([0.5, 0.0]), (), 0)
    assert "filter 1 maps the sum 0 of border class 1 to 0.0" in caught.value.message


def test_a_zero_may_be_plus_1() -> None:
    assert limit_of(8, zero=1) == (4, 1)
    assert limit_of(8, norm(gamma=-1.0), zero=1) == (4, -1)
    assert limit_of(8, RELU, zero=1) == (8, 1)
    assert limit_of(8, norm(mean=1.5), HARDTANH, norm(mean=1.0), zero=1) == (2, 1)


def test_a_value_that_is_nearly_zero_is_refused_even_then() -> None:
    with pytest.raises(ExtensionError) as caught:
        limit_of(8, norm(mean=np.nextafter(4.0, 5.0)), zero=1)
    assert caught.value.code == NN_SIGN_OF_ZERO


@pytest.mark.parametrize(
    ("chain", "bias", "zero"),
    [
        ((norm(mean=np.nextafter(4.0, 3.0)),), 0.0, 0),
        ((), -4.0 + 2e-12, 0),
        ((norm(gamma=1000.0, beta=-4000.0 + 5e-9), HARDTANH), 0.0, 0),
        ((norm(mean=np.nextafter(4.0, 3.0)), RELU, norm(gamma=-1.0)), 0.0, 1),
    ],
)
def test_what_rounding_could_turn_is_refused(
    chain: tuple[Step, ...], bias: float, zero: int
) -> None:
    with pytest.raises(ExtensionError) as caught:
        limit_of(8, *chain, bias=bias, zero=zero)
    assert caught.value.code == NN_SIGN_OF_ZERO


def test_a_zero_between_the_attainable_sums_is_no_harm() -> None:
    assert limit_of(9, norm(mean=2.0)) == (3, 1)


def test_a_relu_makes_every_negative_sum_the_same() -> None:
    assert limit_of(9, RELU, norm(mean=0.5)) == (4, 1)
    assert limit_of(9, RELU, norm(mean=-0.5)) == (9, 1)
    assert limit_of(9, RELU, norm(mean=0.5, gamma=-1.0)) == (5, -1)
    assert limit_of(9, RELU, norm(mean=-0.5, gamma=-1.0)) == (-1, 1)


def test_an_offset_that_cancels_is_not_certain() -> None:
    # After the ReLU the value is the offset: beta and mean that differ by rounding alone.
    with pytest.raises(ExtensionError) as caught:
        limit_of(9, RELU, norm(mean=1 / 3, beta=float(np.nextafter(1 / 3, 1)), gamma=1.0))
    assert caught.value.code == NN_SIGN_OF_ZERO


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["gamma", "beta", "mean"])
def test_a_parameter_that_is_no_number_is_refused(name: str, value: float) -> None:
    with pytest.raises(ExtensionError) as caught:
        limit_of(9, norm(**{name: value}), HARDTANH)
    assert caught.value.code == NN_MODEL_INVALID


def test_the_filter_without_a_finite_value_is_named() -> None:
    several = Terms(*np.full((2, 1, 3), 5, np.int32))
    with pytest.raises(ExtensionError, match="filter 1 has no finite value"):
        fold(several, np.array([0.5, np.inf, 0.5]), (), 0)


@given(st.data(), st.integers(0, 1))
def test_limits_decide_as_all_sums_do(data: st.DataObject, zero: int) -> None:
    found = data.draw(layers.terms(N_FILTERS))
    chain = data.draw(layers.chains(N_FILTERS))
    bias = data.draw(layers.biases(N_FILTERS))
    limits = folded(found, bias, chain, zero)
    if limits is None:
        assert nearest_to_zero(found, bias, chain) < 2.0**-10
        return
    for border, channel in np.ndindex(found.count.shape):
        count, base = int(found.count[border, channel]), int(found.base[border, channel])
        sums = np.arange(-count, count + 1, 2)
        values = evaluate(np.repeat(sums[:, None], N_FILTERS, 1) + 0.0, bias, chain)[:, channel]
        distances = np.repeat((base - sums)[:, None] // 2, N_FILTERS, 1)
        decided = answers(limits, border, distances)[:, channel]
        assert np.array_equal(decided, values >= 0 if zero else values > 0)


def folded(found: Terms, bias, chain: tuple[Step, ...], zero: int) -> Limits | None:
    """Return the limits, or None where they are refused."""
    try:
        return fold(found, bias, chain, zero)
    except ExtensionError:
        return None


def nearest_to_zero(found: Terms, bias, chain: tuple[Step, ...]) -> float:
    """Return the least size of a value that an attainable sum has."""
    least = math.inf
    for border, channel in np.ndindex(found.count.shape):
        count = int(found.count[border, channel])
        sums = np.repeat(np.arange(-count, count + 1, 2)[:, None], N_FILTERS, 1) + 0.0
        least = min(least, float(np.abs(evaluate(sums, bias, chain)[:, channel]).min()))
    return least


@given(st.data(), st.integers(1, 130))
def test_limits_decide_as_exact_arithmetic_does(data: st.DataObject, count: int) -> None:
    one = data.draw(layers.batch_norms(N_FILTERS))
    bias = data.draw(layers.biases(N_FILTERS))
    found = Terms(*np.full((2, 1, N_FILTERS), count, np.int32))
    limits = folded(found, bias, (one,), 0)
    if limits is None:
        return
    for channel in range(N_FILTERS):
        for distance in (0, count // 2, count):
            total = count - 2 * distance + Fraction(0 if bias is None else float(bias[channel]))
            decided = answers(limits, 0, np.full(N_FILTERS, distance))[channel]
            assert decided == is_positive(one, channel, total)


def is_positive(one: BatchNorm, channel: int, total: Fraction) -> bool:
    """Return the sign of the batch norm in exact rationals, the root to 60 digits."""
    variance = Fraction(float(one.variance[channel])) + Fraction(one.eps)
    shift = 10**60
    root = Fraction(math.isqrt(variance.numerator * variance.denominator * shift**2))
    deviation = root / (variance.denominator * shift)
    centred = total - Fraction(float(one.mean[channel]))
    gamma, beta = Fraction(float(one.gamma[channel])), Fraction(float(one.beta[channel]))
    return centred * gamma / deviation + beta > 0


def test_certainty_leaves_room_for_a_few_roundings() -> None:
    assert 2.0**-52 * 100 < CERTAINTY < 2.0**-30
