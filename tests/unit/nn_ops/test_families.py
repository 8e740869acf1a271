"""The seed's networks as data: their sizes, orders and fan-ins, and where parameters come from."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.errors import (
    NN_MODEL_INVALID,
    NN_SHAPE_MISMATCH,
    NN_UNKNOWN_FAMILY,
    ErrorCode,
    ExtensionError,
)
from nn_ops.families import FAMILIES, build, count_parameters
from nn_ops.graph import BatchNorm, Conv, Linear, Network, fan_in_of, shapes_of
from nn_ops.model_file import dump_network, load_network
from nn_ops.node_reader import tensors_of
from nn_ops.parameters import CountedParameters, GivenParameters, RandomParameters
from nn_ops.validate import check_network

SMALL = {
    "mnist": {"width": 0.25},
    "cnn3": {"width": 0.25},
    "alexnet": {"width": 1 / 96, "image": 64, "classes": 7},
    "vgg": {"width": 1 / 96},
    "resnet_cifar": {"inflate": 1, "width": 0.25},
    "resnet_imagenet": {"width": 1 / 16, "image": 32, "classes": 5},
}


def layers_of(network: Network) -> list[Conv | Linear]:
    """Return the layers that have weights."""
    return [node for node in network.nodes if isinstance(node, Conv | Linear)]


def fan_ins(name: str, **options: int) -> list[int]:
    """Return the fan-ins of a family's layers at the seed's size."""
    network = build(name, parameters=CountedParameters(), **options)
    shapes = shapes_of(network)
    return [fan_in_of(layer, shapes[layer.input]) for layer in layers_of(network)]


def test_parameter_counts_are_those_of_the_seed() -> None:
    assert count_parameters("cnn3") == 43_018
    assert count_parameters("mnist") == 43_018 - 2 * 9 * 16  # one channel instead of three
    assert count_parameters("vgg") == 36_461_450
    assert count_parameters("alexnet") == 77_196_920
    # The seed's last block has a batch norm of 320 channels that it never calls.
    assert count_parameters("resnet_cifar") == 4_338_030 - 2 * 320


def test_resnets_grow_with_their_depth() -> None:
    assert len(fan_ins("resnet_cifar", depth=20)) == 1 + 3 * 3 * 2 + 2 + 1
    assert count_parameters("resnet_cifar", depth=8) == count_parameters("resnet_cifar", depth=14)
    assert [len(fan_ins("resnet_imagenet", depth=depth)) for depth in (18, 34, 50, 101, 152)] == [
        *(18 + 3, 34 + 3, 50 + 4, 101 + 4, 152 + 4)
    ]


def test_fan_ins_are_those_of_the_seed() -> None:
    assert fan_ins("vgg") == [27, 3456, 3456, 6912, 6912, 13824, 8192, 1024, 1024]
    assert fan_ins("alexnet") == [363, 4800, 5184, 10368, 6912, 9216, 4096, 4096]
    assert set(fan_ins("resnet_cifar")) == {27, 720, 1440, 2880, 80, 160, 320}


def test_kinds_of_nodes_stand_in_the_order_of_the_seed() -> None:
    def kinds(name: str) -> str:
        return " ".join(node.kind for node in build(name, **SMALL[name]).nodes[2:])  # type: ignore[arg-type]  # options of several types

    assert kinds("cnn3").startswith("conv max_pool batch_norm sign conv relu max_pool batch_norm")
    assert kinds("mnist").startswith("conv sign max_pool batch_norm sign conv relu max_pool")
    assert kinds("cnn3").endswith("max_pool batch_norm sign linear relu linear")
    assert kinds("alexnet").startswith("conv max_pool batch_norm hardtanh sign conv max_pool")
    assert kinds("vgg").startswith("conv batch_norm hardtanh sign conv max_pool batch_norm")
    assert kinds("vgg").endswith("linear batch_norm hardtanh sign linear batch_norm")
    assert kinds("resnet_cifar").startswith(
        "conv sign batch_norm hardtanh sign conv batch_norm hardtanh sign conv add batch_norm"
    )
    assert kinds("resnet_imagenet").startswith("conv sign max_pool batch_norm hardtanh sign conv")
    assert kinds("resnet_cifar").endswith(
        "sign conv add average_pool batch_norm hardtanh sign linear batch_norm"
    )


def test_small_families_have_the_eps_of_the_seed() -> None:
    for name, eps in (("mnist", 1e-4), ("cnn3", 1e-4), ("vgg", 1e-5)):
        network = build(name, **SMALL[name])  # type: ignore[arg-type]  # options of several types
        assert {node.eps for node in network.nodes if isinstance(node, BatchNorm)} == {eps}


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_valid_and_the_same_for_the_same_seed(name: str) -> None:
    one, same, other = (
        build(name, parameters=seed, **SMALL[name])  # type: ignore[arg-type]  # options of several types
        for seed in (1, 1, 2)
    )
    check_network(one)
    data = dump_network(one)
    assert data == dump_network(same) != dump_network(other)
    assert dump_network(load_network(data)) == data


@pytest.mark.parametrize("name", FAMILIES)
def test_gammas_have_both_signs(name: str) -> None:
    network = build(name, **SMALL[name])  # type: ignore[arg-type]  # options of several types
    gammas = np.concatenate([n.gamma for n in network.nodes if isinstance(n, BatchNorm)])
    assert (gammas < 0).any()
    assert (gammas > 0).any()


def test_words_and_bits_are_pruned() -> None:
    words = build("vgg", width=1 / 8, parameters=RandomParameters(0, pruned_words=0.5))
    bits = build("vgg", width=1 / 8, parameters=RandomParameters(0, pruned_bits=0.5))
    for network, has_empty_words in ((words, True), (bits, False)):
        check_network(network)
        mask = layers_of(network)[5].weights.mask
        assert mask is not None
        assert (mask == 0).any() == has_empty_words
        assert 0.4 < np.bitwise_count(mask).mean() / 64 < 0.6


def test_given_parameters_are_taken() -> None:
    network = build("cnn3", **SMALL["cnn3"])  # type: ignore[arg-type]  # options of several types
    tensors = {
        f"{node.name}.{part}": value
        for node in network.nodes
        for part, value in tensors_of(node).items()
    }
    again = build("cnn3", parameters=GivenParameters(tensors), **SMALL["cnn3"])  # type: ignore[arg-type]  # options of several types
    assert dump_network(again) == dump_network(network)
    del tensors["conv2.bias"]
    with pytest.raises(ExtensionError, match=r"conv2\.bias") as caught:
        build("cnn3", parameters=GivenParameters(tensors), **SMALL["cnn3"])  # type: ignore[arg-type]  # options of several types
    assert caught.value.code == NN_MODEL_INVALID


@pytest.mark.parametrize(
    ("name", "options", "code"),
    [
        ("lenet", {}, NN_UNKNOWN_FAMILY),
        ("resnet_imagenet", {"depth": 19}, NN_UNKNOWN_FAMILY),
        ("vgg", {"widths": (1, 2)}, NN_SHAPE_MISMATCH),
        ("alexnet", {"image": 32, "width": 0.01}, NN_SHAPE_MISMATCH),
    ],
)
def test_what_is_no_family_is_refused(
    name: str, options: dict[str, object], code: ErrorCode
) -> None:
    with pytest.raises(ExtensionError) as caught:
        build(name, **options)  # type: ignore[arg-type]  # options of several types
    assert caught.value.code == code
