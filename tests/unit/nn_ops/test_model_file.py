"""Model files: writing and reading back, and every way in which one can be wrong."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
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
    NN_SHAPE_MISMATCH,
    ErrorCode,
    ExtensionError,
)
from nn_ops.graph import Conv, Network
from nn_ops.model_file import (
    dump_network,
    load_network,
    load_shipped_model,
    read_network,
    write_network,
)
from nn_ops.node_reader import tensors_of
from tests.strategies.graphs import graphs

SHIPPED = dump_network(load_shipped_model())
HEADER_END = 8 + struct.unpack_from("<Q", SHIPPED)[0]
MANIFEST: dict[str, Any] = json.loads(json.loads(SHIPPED[8:HEADER_END])["__metadata__"]["manifest"])

TENSORS = safetensors.numpy.load(SHIPPED)

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
    """Return the shipped file, without its checksum, with its manifest or tensors changed."""
    manifest, tensors = json.loads(json.dumps(MANIFEST)), safetensors.numpy.load(SHIPPED)
    del manifest["sha256"]
    change_manifest(manifest)
    change_tensors(tensors)
    return safetensors.numpy.save(tensors, metadata={"manifest": json.dumps(manifest)})


def test_the_shipped_file_is_small_and_canonical() -> None:
    path = Path(__file__).parents[3] / "nn_ops" / "data" / "digits.safetensors"
    assert path.read_bytes() == SHIPPED
    assert len(SHIPPED) <= 64 * 1024


def test_the_shipped_model_has_the_documented_shape() -> None:
    network = load_shipped_model()
    assert [node.name for node in network.nodes] == [
        *("pixels", "encode", "conv1", "pool1", "norm1", "sign1"),
        *("conv2", "norm2", "sign2", "linear", "norm3"),
    ]
    assert network.classes == tuple("0123456789")
    assert network.training["accuracy_held_out"] == pytest.approx(583 / 599)


@given(graphs())
def test_writing_and_reading_give_the_same_bytes(network: Network) -> None:
    data = dump_network(network)
    again = load_network(data)
    assert dump_network(again) == data
    assert again.training == network.training
    for node, original in zip(again.nodes, network.nodes, strict=True):
        assert (node.kind, node.name, node.inputs) == (
            original.kind,
            original.name,
            original.inputs,
        )
        found, expected = tensors_of(node), tensors_of(original)
        assert found.keys() == expected.keys()
        assert all(np.array_equal(found[part], expected[part]) for part in found)


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    write_network(load_shipped_model(), tmp_path / "copy.safetensors")
    assert dump_network(read_network(tmp_path / "copy.safetensors")) == SHIPPED


def test_a_failing_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, network = tmp_path / "m.safetensors", load_network(SHIPPED)
    write_network(network, path)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ExtensionError, match="No space left") as caught:
        write_network(replace(network, name="other"), path)
    assert caught.value.code == NN_FILE_UNREADABLE
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == SHIPPED


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


def test_a_file_without_a_checksum_is_read() -> None:
    network = load_network(changed())
    assert dump_network(network) == SHIPPED


@pytest.mark.parametrize("key", ["name", "classes", "sha256"])
def test_a_changed_manifest_is_damage(key: str) -> None:
    manifest = {**MANIFEST, key: ["a"] if key == "classes" else "other"}
    metadata = {"manifest": json.dumps(manifest)}
    assert code_of(safetensors.numpy.save(TENSORS, metadata=metadata)) == NN_FILE_DAMAGED


@given(st.integers(HEADER_END, len(SHIPPED) - 1), st.integers(1, 255))
def test_a_changed_byte_of_a_tensor_is_damage(place: int, bit: int) -> None:
    data = bytearray(SHIPPED)
    data[place] ^= bit
    assert code_of(bytes(data)) == NN_FILE_DAMAGED


def loads_or_refuses(data: bytes) -> None:
    """Read a damaged file: a network or an ExtensionError, nothing else."""
    number = 11_000
    try:
        assert load_network(data).nodes
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


@pytest.mark.parametrize("version", [1, 3, 0, "2", 2.0, True, None, 10**30])
def test_only_version_2_is_read(version: object) -> None:
    assert code_of(changed(lambda m: m.update(version=version))) == NN_FILE_IS_NEWER


def test_an_invalid_network_is_not_written() -> None:
    network = replace(load_shipped_model(), classes=("0",))
    with pytest.raises(ExtensionError) as caught:
        dump_network(network)
    assert caught.value.code == NN_SHAPE_MISMATCH


def test_a_network_that_was_read_cannot_be_changed() -> None:
    layer = next(node for node in load_shipped_model().nodes if isinstance(node, Conv))
    assert layer.bias is not None
    with pytest.raises(ValueError, match="read-only"):
        layer.weights.words[0, 0] = 0
    with pytest.raises(ValueError, match="read-only"):
        layer.bias[0] = 0


ODD_VALUES: tuple[object, ...] = (
    *(None, True, -1, 0, 1, 7, 2**40, 10**30, 0.5, 1e308, "", "conv1", [], [0], [-1, 2], {}),
)


def places_of(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Yield the path to every part of a JSON value, the whole left out."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in parts:
            yield (*path, key)
            yield from places_of(part, (*path, key))


def test_any_part_of_the_manifest_may_be_odd() -> None:
    places = [path for path in places_of(MANIFEST) if path[0] != "training"]
    generator = np.random.default_rng(3)
    for *outer, key in places:
        for place in generator.choice(len(ODD_VALUES), 4, replace=False):
            manifest: Any = json.loads(json.dumps(MANIFEST))
            part = manifest
            for step in outer:
                part = part[step]
            part[key] = ODD_VALUES[place]
            text = json.dumps(manifest)
            loads_or_refuses(safetensors.numpy.save(TENSORS, metadata={"manifest": text}))
