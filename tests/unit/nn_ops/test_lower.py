"""Which stages a graph becomes, and what its limits and thresholds are."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.conventions import pack_bits
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.executor import run, trace
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
)
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.program import (
    AddStage,
    AffineStage,
    AnyStage,
    ClampStage,
    EncodeStage,
    PoolStage,
    Program,
    RealProductStage,
    SignProductStage,
    SignStage,
    SumProductStage,
)
from nn_ops.validate import check_network

SIDE = 4
PAIR = Window((2, 2), (2, 2))


def plus_ones(filters: int, fan_in: int) -> Weights:
    """Return weights that are all +1."""
    return Weights(pack_bits(np.ones((filters, fan_in), dtype=np.bool_)))


def norm(name: str, before: str, *gammas: float) -> BatchNorm:
    """Return a batch norm that multiplies each channel, then adds a tenth."""
    gamma, zeros = np.array(gammas, dtype=np.float64), np.zeros(len(gammas))
    return BatchNorm(name, before, gamma, zeros + 0.1, zeros, zeros + 1 - 1e-5, 1e-5)


def network_of(*middle: Node, features: int = SIDE * SIDE * 2) -> Network:
    """Return a network from 4x4 pixels through a thermometer, the given nodes, and a last layer."""
    nodes = (
        Input("pixels", ImageShape(SIDE, SIDE, 1), 16),
        Thermometer("encode", "pixels", (3, 8)),
        *middle,
    )
    last = Linear("logits", nodes[-1].name, 3, plus_ones(3, features))
    network = Network("made", (*nodes, last), ("a", "b", "c"), {})
    check_network(network)
    return network


def conv(name: str, before: str, channels: int = 2, filters: int = 2) -> Conv:
    """Return a 1x1 convolution with weights of +1 and a bias that keeps sums from 0."""
    bias = np.full(filters, 0.5)
    return Conv(name, before, Window((1, 1)), filters, plus_ones(filters, channels), bias)


def kinds_of_stages(program: Program) -> list[type[AnyStage]]:
    """Return the classes of a program's stages."""
    return [type(stage) for stage in program.stages]


def test_the_digits_network_has_five_stages() -> None:
    program = lower(load_shipped_model())
    assert [(stage.name, stage.inputs, stage.nodes) for stage in program.stages] == [
        ("encode", ("pixels",), ("encode",)),
        ("sign1", ("encode",), ("conv1", "pool1", "norm1", "sign1")),
        ("sign2", ("sign1",), ("conv2", "norm2", "sign2")),
        ("linear", ("sign2",), ("linear",)),
        ("norm3", ("linear",), ("norm3",)),
    ]
    first = program.stages[1]
    assert isinstance(first, SignProductStage)
    assert first.pool == PAIR
    assert first.limits.limit.shape == (1, 64)  # a border of -1 makes one class


def test_a_clamp_and_a_norm_before_a_sign_fold_into_limits() -> None:
    chain = (conv("c", "encode"), norm("n", "c", 1, -1), Hardtanh("h", "n"), Sign("s", "h"))
    program = lower(network_of(*chain))
    assert kinds_of_stages(program) == [EncodeStage, SignProductStage, SumProductStage]
    stage = program.stages[1]
    assert isinstance(stage, SignProductStage)
    assert stage.nodes == ("c", "n", "h", "s")
    assert stage.limits.polarity.tolist() == [1, -1]


def test_what_is_read_twice_is_not_folded() -> None:
    program = lower(
        network_of(
            conv("c", "encode"),
            norm("n", "c", 1, 1),
            Sign("s", "n"),
            conv("d", "s"),
            Add("sum", "d", "n"),
        )
    )
    assert kinds_of_stages(program) == [
        *(EncodeStage, SumProductStage, AffineStage, SignStage, SumProductStage, AddStage),
        RealProductStage,
    ]


def test_a_pool_of_values_that_fall_stays_real() -> None:
    def stages(*gammas: float) -> list[type[AnyStage]]:
        chain = (conv("c", "encode"), norm("n", "c", *gammas), MaxPool("p", "n", PAIR))
        return kinds_of_stages(lower(network_of(*chain, Sign("s", "p"), features=8)))

    assert stages(1, 2) == [EncodeStage, SignProductStage, SumProductStage]
    assert stages(1, 0) == stages(1, 2)  # a constant does not fall
    assert stages(1, -2) == [
        *(EncodeStage, SumProductStage, AffineStage, PoolStage, SignStage, SumProductStage)
    ]


def test_two_pools_are_not_one() -> None:
    pools = (MaxPool("p", "c", PAIR), MaxPool("q", "p", PAIR))
    program = lower(network_of(conv("c", "encode"), *pools, Sign("s", "q"), features=2))
    assert kinds_of_stages(program) == [
        *(EncodeStage, SumProductStage, PoolStage, PoolStage, SignStage, SumProductStage)
    ]


def test_normalized_pixels_enter_a_product_or_a_threshold() -> None:
    network = normalized(Sign("s", "scaled"), Linear("logits", "s", 1, plus_ones(1, 2)))
    (encode, _) = lower(network).stages
    assert isinstance(encode, EncodeStage)
    assert encode.nodes == ("scaled", "s")
    # (p / 10 - 0.31) / 1 > 0 from 4 on, and p / 10 - 0.99 from 10 on.
    assert encode.thresholds.tolist() == [[3], [9]]
    (product,) = lower(normalized(Linear("logits", "scaled", 1, plus_ones(1, 2)))).stages
    assert isinstance(product, RealProductStage)
    assert product.inputs == ("pixels",)
    assert product.normalize == network.nodes[1]
    pixels = np.array([[[[4, 9]]]])
    logits = (0.4 - 0.31) + (0.9 - 0.99) / 2
    assert run(lower(normalized(Linear("logits", "scaled", 1, plus_ones(1, 2)))), pixels)[
        0, 0
    ] == pytest.approx(logits)


def test_normalized_pixels_that_others_read_become_a_column() -> None:
    network = normalized(Relu("r", "scaled"), Linear("logits", "r", 1, plus_ones(1, 2)))
    program = lower(network)
    assert kinds_of_stages(program) == [RealProductStage, ClampStage, RealProductStage]
    found = trace(program, np.array([[[[4, 9]]]]))["scaled"].ravel()
    assert found == pytest.approx([0.4 - 0.31, (0.9 - 0.99) / 2])


def normalized(*behind: Node) -> Network:
    """Return a network of one pixel with two channels that are normalized."""
    nodes = (
        Input("pixels", ImageShape(1, 1, 2), 10),
        Normalize("scaled", "pixels", (0.31, 0.99), (1.0, 2.0)),
        *behind,
    )
    network = Network("made", nodes, ("a",), {})
    check_network(network)
    return network


@pytest.mark.parametrize(("zero", "thresholds"), [(0, None), (1, [[4], [9]])])
def test_a_pixel_that_is_normalized_to_0(zero: int, thresholds: list[list[int]] | None) -> None:
    nodes = (
        Input("pixels", ImageShape(1, 1, 2), 10),
        Normalize("scaled", "pixels", (0.5, 1.0), (1.0, 2.0)),
        Sign("s", "scaled", zero),
        Linear("logits", "s", 1, plus_ones(1, 2)),
    )
    network = Network("made", nodes, ("a",), {})
    if thresholds is None:
        assert code_and_text(network) == (NN_SIGN_OF_ZERO, "node 's'")
        return
    encode = lower(network).stages[0]
    assert isinstance(encode, EncodeStage)
    assert encode.thresholds.tolist() == thresholds


def test_a_sum_that_may_be_0_is_refused_by_the_name_of_its_sign() -> None:
    weights = plus_ones(2, 2)
    even = Conv("c", "encode", Window((1, 1)), 2, weights)
    assert code_and_text(network_of(even, Sign("s", "c"))) == (NN_SIGN_OF_ZERO, "node 's'")
    assert lower(network_of(even, Sign("s", "c", 1))).stages


def code_and_text(network: Network) -> tuple[object, str]:
    """Return the code of a refusal, and which node it names."""
    with pytest.raises(ExtensionError) as caught:
        lower(network)
    return caught.value.code, caught.value.message.partition(":")[0]
