"""Model files: writing and reading back, and every way in which one can be wrong."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.errors import (
    NN_FILE_DAMAGED,
    NN_FILE_FOREIGN,
    NN_FILE_IS_NEWER,
    NN_FILE_UNREADABLE,
    NN_MODEL_INVALID,
    NN_SIGN_OF_ZERO,
    ErrorCode,
    ExtensionError,
)
from nn_ops.model_file import (
    dump_network,
    load_network,
    load_shipped_model,
    read_network,
    write_network,
)
from nn_ops.network import Network
from tests.strategies.networks import networks

SHIPPED = dump_network(load_shipped_model())
HEADER_END = 8 + struct.unpack_from("<Q", SHIPPED)[0]
MANIFEST: dict[str, Any] = json.loads(json.loads(SHIPPED[8:HEADER_END])["__metadata__"]["manifest"])

Manifest = dict[str, Any]
Tensors = dict[str, Any]


def code_of(data: bytes) -> ErrorCode:
    """Return the code with which reading `data` is refused."""
    with pytest.raises(ExtensionError) as caught:
        load_network(data)
    assert str(caught.value)
    return caught.value.code


def changed(
    change_manifest: Callable[[Manifest], object] = lambda manifest: None,
    change_tensors: Callable[[Tensors], object] = lambda tensors: None,
) -> bytes:
    """Return the shipped file with its manifest or tensors changed."""
    manifest, tensors = json.loads(json.dumps(MANIFEST)), safetensors.numpy.load(SHIPPED)
    change_manifest(manifest)
    change_tensors(tensors)
    return safetensors.numpy.save(tensors, metadata={"manifest": json.dumps(manifest)})


def test_the_shipped_file_is_small_and_canonical() -> None:
    path = Path(__file__).parents[3] / "nn_ops" / "data" / "digits.safetensors"
    assert path.read_bytes() == SHIPPED
    assert len(SHIPPED) <= 64 * 1024


def test_the_shipped_model_has_the_documented_shape() -> None:
    network = load_shipped_model()
    assert [layer.name for layer in network.layers] == ["conv1", "conv2", "linear"]
    assert [layer.fan_in for layer in network.layers] == [45, 576, 512]
    assert network.classes == tuple("0123456789")
    assert network.training["accuracy_held_out"] == pytest.approx(583 / 599)


@given(networks())
def test_writing_and_reading_give_the_same_bytes(network: Network) -> None:
    data = dump_network(network)
    again = load_network(data)
    assert dump_network(again) == data
    assert again.image == network.image
    assert again.training == network.training
    for layer, original in zip(again.layers, network.layers, strict=True):
        assert np.array_equal(layer.words, original.words)
        assert layer.norm.eps == original.norm.eps
        assert np.array_equal(layer.norm.scale, original.norm.scale)


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    write_network(load_shipped_model(), tmp_path / "copy.safetensors")
    assert dump_network(read_network(tmp_path / "copy.safetensors")) == SHIPPED


def test_a_missing_file_or_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExtensionError) as caught:
        read_network(tmp_path / "none.safetensors")
    assert caught.value.code == NN_FILE_UNREADABLE
    with pytest.raises(ExtensionError) as caught:
        write_network(load_shipped_model(), tmp_path / "none" / "copy.safetensors")
    assert caught.value.code == NN_FILE_UNREADABLE


@pytest.mark.parametrize(
    "size", [0, 1, 7, 8, 9, HEADER_END - 1, HEADER_END, HEADER_END + 1, len(SHIPPED) - 1]
)
def test_a_truncated_file_is_damaged(size: int) -> None:
    assert code_of(SHIPPED[:size]) == NN_FILE_DAMAGED


@given(st.integers(0, len(SHIPPED) - 1))
def test_any_truncation_is_damage(size: int) -> None:
    assert code_of(SHIPPED[:size]) == NN_FILE_DAMAGED


def test_bytes_after_the_end_are_damage() -> None:
    assert code_of(SHIPPED + b"\0") == NN_FILE_DAMAGED


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ExtensionError):
        load_network(data)


def test_a_changed_byte_of_the_header_never_escapes_as_something_else() -> None:
    generator = np.random.default_rng(0)
    for place in range(HEADER_END):
        data = bytearray(SHIPPED)
        data[place] ^= int(generator.integers(1, 256))
        loads_or_refuses(bytes(data))


@given(st.integers(HEADER_END, len(SHIPPED) - 1), st.integers(1, 255))
def test_a_changed_byte_of_a_tensor_never_escapes_as_something_else(place: int, bit: int) -> None:
    data = bytearray(SHIPPED)
    data[place] ^= bit
    loads_or_refuses(bytes(data))


def loads_or_refuses(data: bytes) -> None:
    """Read a damaged file: a network or an ExtensionError, nothing else."""
    number = 11_000
    try:
        assert load_network(data).layers
    except ExtensionError as error:
        number = error.code.number
    assert 11_000 <= number < 12_000


def test_another_safetensors_file_is_foreign() -> None:
    tensors = {"a": np.zeros(3)}
    assert code_of(safetensors.numpy.save(tensors)) == NN_FILE_FOREIGN
    assert code_of(safetensors.numpy.save(tensors, metadata={"format": "pt"})) == NN_FILE_FOREIGN
    for text, code in [
        ("{}", NN_FILE_FOREIGN),
        ('"minidb-network"', NN_FILE_FOREIGN),
        ("{", NN_FILE_DAMAGED),
        ('{"a":NaN}', NN_FILE_DAMAGED),
        ("[" * 100_000, NN_FILE_DAMAGED),
        ("9" * 5_000, NN_FILE_DAMAGED),
    ]:
        assert code_of(safetensors.numpy.save(tensors, metadata={"manifest": text})) == code


@pytest.mark.parametrize("version", [2, 0, "1", 1.0, True, None, 10**30])
def test_only_version_1_is_read(version: object) -> None:
    assert code_of(changed(lambda m: m.update(version=version))) == NN_FILE_IS_NEWER


BAD_MANIFESTS: list[tuple[str, Callable[[Manifest], object]]] = [
    ("no name", lambda m: m.pop("name")),
    ("name is a number", lambda m: m.update(name=1)),
    ("no layers", lambda m: m.update(layers=[])),
    ("layers are no list", lambda m: m.update(layers={})),
    ("a layer is no object", lambda m: m["layers"].append(1)),
    ("a layer twice", lambda m: m["layers"].insert(0, m["layers"][0])),
    ("a layer is missing", lambda m: m["layers"].pop(1)),
    ("layers swapped", lambda m: m["layers"].reverse()),
    ("unknown type", lambda m: m["layers"][0].update(type="lstm")),
    ("unknown order", lambda m: m["layers"][0].update(order=["conv", "norm", "sign", "pool"])),
    ("last layer with a sign", lambda m: m["layers"][2].update(order=["linear", "norm", "sign"])),
    ("padding value 0", lambda m: m["layers"][0].update(padding_value=0)),
    ("negative padding", lambda m: m["layers"][0].update(padding=-1)),
    ("stride 0", lambda m: m["layers"][0].update(stride=0)),
    ("pool 0", lambda m: m["layers"][0].update(pool=0)),
    ("pool too large", lambda m: m["layers"][0].update(pool=9)),
    ("huge kernel", lambda m: m["layers"][0].update(kernel=10**30)),
    ("kernel true", lambda m: m["layers"][0].update(kernel=True)),
    ("kernel of another size", lambda m: m["layers"][0].update(kernel=2)),
    ("input of two sizes", lambda m: m["layers"][0].update(input=[8, 8])),
    ("input of another size", lambda m: m["layers"][1].update(input=[4, 4, 63])),
    ("features", lambda m: m["layers"][2].update(in_features=511)),
    ("filters", lambda m: m["layers"][0].update(filters=63)),
    ("tensor names", lambda m: m["layers"][0]["tensors"].update(words="conv2.words")),
    ("thresholds fall", lambda m: m["encoding"].update(thresholds=[13, 10, 7, 4, 1])),
    ("no thresholds", lambda m: m["encoding"].update(thresholds=[])),
    ("threshold too high", lambda m: m["encoding"].update(thresholds=[1, 4, 7, 10, 16])),
    ("fractional threshold", lambda m: m["encoding"].update(thresholds=[1, 4, 7, 10, 12.5])),
    ("unknown encoding", lambda m: m["encoding"].update(kind="planes")),
    ("colour", lambda m: m["input"].update(channels=3)),
    ("other height", lambda m: m["input"].update(height=9)),
    ("too few classes", lambda m: m["classes"].pop()),
    ("classes of one name", lambda m: m["classes"].__setitem__(0, "1")),
    ("training is text", lambda m: m.update(training="")),
]


@pytest.mark.parametrize(
    "change", [change for _, change in BAD_MANIFESTS], ids=[name for name, _ in BAD_MANIFESTS]
)
def test_a_manifest_that_contradicts_itself_is_invalid(
    change: Callable[[Manifest], object],
) -> None:
    assert code_of(changed(change)) == NN_MODEL_INVALID


def put(name: str, value: object) -> Callable[[Tensors], object]:
    """Return a change that replaces one tensor."""
    return lambda tensors: tensors.update({name: value})


def poke(name: str, place: int, value: float) -> Callable[[Tensors], object]:
    """Return a change that overwrites one element of one tensor."""
    return lambda tensors: tensors[name].__setitem__(place, value)


BAD_TENSORS: list[tuple[str, Callable[[Tensors], object]]] = [
    ("missing", lambda tensors: tensors.pop("conv1.mean")),
    ("one more", put("conv9.mean", np.zeros(3))),
    ("words of int64", put("conv1.words", np.zeros((64, 1), dtype=np.int64))),
    ("words of one axis", put("conv1.words", np.zeros(64, dtype=np.uint64))),
    ("too many words", put("conv1.words", np.zeros((64, 2), dtype=np.uint64))),
    ("too few filters", put("conv1.words", np.zeros((63, 1), dtype=np.uint64))),
    ("a tail bit", put("conv1.words", np.full((64, 1), 1 << 45, dtype=np.uint64))),
    ("float32", put("conv1.gamma", np.ones(64, dtype=np.float32))),
    ("short vector", put("conv1.gamma", np.ones(63))),
    ("two eps", put("conv1.eps", np.ones(2))),
    ("eps of zero", put("conv1.eps", np.zeros(1))),
    ("eps of NaN", put("conv1.eps", np.array([np.nan]))),
    ("negative variance", poke("conv1.variance", 0, -1.0)),
    ("bias NaN", poke("conv1.bias", 3, np.nan)),
    ("gamma infinite", poke("linear.gamma", 0, np.inf)),
    ("mean negative infinity", poke("conv2.mean", 0, -np.inf)),
    ("overflow", poke("conv2.gamma", 0, 1e308)),
]


@pytest.mark.parametrize(
    "change", [change for _, change in BAD_TENSORS], ids=[name for name, _ in BAD_TENSORS]
)
def test_a_tensor_that_does_not_fit_is_invalid(change: Callable[[Tensors], object]) -> None:
    assert code_of(changed(change_tensors=change)) == NN_MODEL_INVALID


def test_gamma_and_beta_of_zero_have_no_sign() -> None:
    def both(tensors: Tensors) -> None:
        tensors["conv1.gamma"][5] = 0.0
        tensors["conv1.beta"][5] = 0.0

    assert code_of(changed(change_tensors=both)) == NN_SIGN_OF_ZERO


def test_gamma_of_zero_is_a_constant_filter() -> None:
    def only_gamma(tensors: Tensors) -> None:
        tensors["conv1.gamma"][5], tensors["conv1.beta"][5] = 0.0, 1.0

    limits = load_network(changed(change_tensors=only_gamma)).layers[0].limits()
    assert (limits.limit[5], limits.polarity[5]) == (45, 1)


def test_an_invalid_network_is_not_written() -> None:
    network = replace(load_shipped_model(), classes=("0",))
    with pytest.raises(ExtensionError) as caught:
        dump_network(network)
    assert caught.value.code == NN_MODEL_INVALID


def test_a_network_that_was_read_cannot_be_changed() -> None:
    layer = load_shipped_model().layers[0]
    with pytest.raises(ValueError, match="read-only"):
        layer.words[0, 0] = 0
    with pytest.raises(ValueError, match="read-only"):
        layer.norm.gamma[0] = 0
