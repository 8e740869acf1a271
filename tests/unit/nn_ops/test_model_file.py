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
    NN_MODEL_INVALID,
    NN_NOT_CONNECTED,
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    NN_UNKNOWN_NODE,
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


def node_of(manifest: Manifest, name: str) -> Manifest:
    """Return a node of a manifest."""
    found: Manifest = next(node for node in manifest["nodes"] if node["name"] == name)
    return found


def change_node(node: str, **values: object) -> Callable[[Manifest], object]:
    """Return a change of attributes of one node."""
    return lambda manifest: node_of(manifest, node).update(values)


def change_window(name: str, **values: object) -> Callable[[Manifest], object]:
    """Return a change of one node's window."""
    return lambda manifest: node_of(manifest, name)["window"].update(values)


def insert(place: int, **values: object) -> Callable[[Manifest], object]:
    """Return a change that puts a node into the list."""
    return lambda manifest: manifest["nodes"].insert(place, values)


BAD_MANIFESTS: list[tuple[str, ErrorCode, Callable[[Manifest], object]]] = [
    ("no name", NN_MODEL_INVALID, lambda m: m.pop("name")),
    ("name is a number", NN_MODEL_INVALID, lambda m: m.update(name=1)),
    ("unknown key", NN_MODEL_INVALID, lambda m: m.update(colour=1)),
    ("training is text", NN_MODEL_INVALID, lambda m: m.update(training="")),
    ("nodes are no list", NN_MODEL_INVALID, lambda m: m.update(nodes={})),
    ("a node is no object", NN_MODEL_INVALID, lambda m: m["nodes"].append(1)),
    ("a node without a name", NN_MODEL_INVALID, lambda m: m["nodes"][3].pop("name")),
    ("a node without a kind", NN_MODEL_INVALID, lambda m: m["nodes"][3].pop("kind")),
    ("a node without inputs", NN_MODEL_INVALID, lambda m: m["nodes"][3].pop("inputs")),
    ("a name of a path", NN_MODEL_INVALID, change_node("norm3", name="../x")),
    ("unknown kind", NN_UNKNOWN_NODE, change_node("sign1", kind="lstm")),
    ("no input of a sign", NN_MODEL_INVALID, change_node("sign1", inputs=[])),
    ("two inputs of a sign", NN_MODEL_INVALID, change_node("sign1", inputs=["norm1", "conv1"])),
    ("one input of an add", NN_MODEL_INVALID, insert(6, kind="add", name="a", inputs=["norm1"])),
    ("unknown attribute", NN_MODEL_INVALID, change_node("sign1", alpha=1)),
    ("a node twice", NN_NOT_CONNECTED, lambda m: m["nodes"].insert(6, m["nodes"][5])),
    ("a node is missing", NN_NOT_CONNECTED, lambda m: m["nodes"].pop(5)),
    ("unknown input", NN_NOT_CONNECTED, change_node("sign1", inputs=["norm9"])),
    ("itself as input", NN_NOT_CONNECTED, change_node("sign1", inputs=["sign1"])),
    ("a cycle", NN_NOT_CONNECTED, change_node("sign1", inputs=["conv2"])),
    ("an unread node", NN_NOT_CONNECTED, insert(6, kind="relu", name="r", inputs=["norm1"])),
    ("no input first", NN_NOT_CONNECTED, lambda m: m["nodes"].pop(0)),
    (
        "two inputs",
        NN_NOT_CONNECTED,
        insert(1, kind="input", name="more", inputs=[], shape=[8, 8, 1], max_pixel=16),
    ),
    ("pixels is the image", NN_NOT_CONNECTED, lambda m: rename(m, "sign1", "pixels")),
    ("padding value 1", NN_MODEL_INVALID, change_node("conv1", padding_value=1)),
    ("sign of a sign", NN_MODEL_INVALID, lambda m: twice(m, "sign1", "conv2")),
    ("thermometer of signs", NN_MODEL_INVALID, lambda m: twice(m, "encode", "conv1")),
    ("signs last", NN_MODEL_INVALID, lambda m: m["nodes"].append(node_of_kind_sign())),
    ("sign of 0 is -1", NN_MODEL_INVALID, change_node("sign1", zero=-1)),
    ("sign of 0 is true", NN_MODEL_INVALID, change_node("sign1", zero=True)),
    ("negative padding", NN_MODEL_INVALID, change_window("conv1", padding=[-1, 1])),
    ("pool with large padding", NN_MODEL_INVALID, change_window("pool1", padding=[2, 0])),
    ("stride 0", NN_MODEL_INVALID, change_window("conv1", stride=[0, 1])),
    ("dilation 0", NN_MODEL_INVALID, change_window("conv1", dilation=[0, 1])),
    ("kernel 0", NN_MODEL_INVALID, change_window("pool1", kernel=[0, 1])),
    ("one stride", NN_MODEL_INVALID, change_window("conv1", stride=[1])),
    ("unknown side of a window", NN_MODEL_INVALID, change_window("conv1", ceil=[1, 1])),
    ("no window", NN_MODEL_INVALID, lambda m: node_of(m, "conv1").pop("window")),
    ("pool too large", NN_SHAPE_MISMATCH, change_window("pool1", kernel=[9, 2])),
    (
        "a pool's window in the border",
        NN_SHAPE_MISMATCH,
        change_window("pool1", kernel=[2, 2], padding=[1, 0], dilation=[9, 1], stride=[9, 2]),
    ),
    ("huge kernel", NN_MODEL_INVALID, change_window("conv1", kernel=[10**30, 1])),
    ("kernel true", NN_MODEL_INVALID, change_window("conv1", kernel=[True, 3])),
    ("kernel of another size", NN_MODEL_INVALID, change_window("conv1", kernel=[2, 2])),
    ("features", NN_SHAPE_MISMATCH, change_node("linear", features=11)),
    ("filters", NN_SHAPE_MISMATCH, change_node("conv1", filters=63)),
    ("groups that do not divide", NN_SHAPE_MISMATCH, change_node("conv2", groups=3)),
    ("groups of another fan-in", NN_SHAPE_MISMATCH, change_node("conv2", groups=2)),
    ("no groups", NN_MODEL_INVALID, change_node("conv2", groups=0)),
    ("a mask that is not there", NN_MODEL_INVALID, change_node("conv1", has_mask=True)),
    ("a bias that is not told", NN_MODEL_INVALID, change_node("conv1", has_bias=False)),
    ("eps of zero", NN_MODEL_INVALID, change_node("norm1", eps=0.0)),
    ("eps is whole", NN_MODEL_INVALID, change_node("norm1", eps=1)),
    ("thresholds fall", NN_MODEL_INVALID, change_node("encode", thresholds=[13, 10, 7, 4, 1])),
    ("no thresholds", NN_MODEL_INVALID, change_node("encode", thresholds=[])),
    ("threshold too high", NN_MODEL_INVALID, change_node("encode", thresholds=[1, 4, 7, 1 << 17])),
    ("fractional threshold", NN_MODEL_INVALID, change_node("encode", thresholds=[1, 4.5])),
    ("fewer thresholds", NN_MODEL_INVALID, change_node("encode", thresholds=[1, 4])),
    ("colour", NN_SHAPE_MISMATCH, change_node("pixels", shape=[8, 8, 3])),
    ("other height", NN_SHAPE_MISMATCH, change_node("pixels", shape=[10, 8, 1])),
    ("no height", NN_MODEL_INVALID, change_node("pixels", shape=[0, 8, 1])),
    ("two sizes", NN_MODEL_INVALID, change_node("pixels", shape=[8, 8])),
    ("a vast image", NN_MODEL_INVALID, change_node("pixels", shape=[1 << 20, 1 << 20, 1])),
    ("no greatest pixel", NN_MODEL_INVALID, change_node("pixels", max_pixel=0)),
    ("too few classes", NN_SHAPE_MISMATCH, lambda m: m["classes"].pop()),
    ("classes of one name", NN_MODEL_INVALID, lambda m: m["classes"].__setitem__(0, "1")),
]


def rename(manifest: Manifest, old: str, new: str) -> None:
    """Give a node, and all that read it, another name."""
    node_of(manifest, "pixels")["name"] = "image"
    node_of(manifest, "encode")["inputs"] = ["image"]
    node_of(manifest, old)["name"] = new
    node_of(manifest, "conv2")["inputs"] = [new]


def twice(manifest: Manifest, name: str, reader: str) -> None:
    """Put a second node like one between it and its reader."""
    node = node_of(manifest, name)
    place = manifest["nodes"].index(node) + 1
    manifest["nodes"].insert(place, {**node, "name": "again", "inputs": [name]})
    node_of(manifest, reader)["inputs"] = ["again"]


def node_of_kind_sign() -> Manifest:
    """Return a sign that reads the last node."""
    return {"kind": "sign", "name": "decided", "inputs": ["norm3"], "zero": 1}


@pytest.mark.parametrize(
    ("code", "change"), [bad[1:] for bad in BAD_MANIFESTS], ids=[bad[0] for bad in BAD_MANIFESTS]
)
def test_a_manifest_that_contradicts_itself_is_refused(
    code: ErrorCode, change: Callable[[Manifest], object]
) -> None:
    assert code_of(changed(change)) == code


def put(name: str, value: object) -> Callable[[Tensors], object]:
    """Return a change that replaces one tensor."""
    return lambda tensors: tensors.update({name: value})


def poke(name: str, place: int, value: float) -> Callable[[Tensors], object]:
    """Return a change that overwrites one element of one tensor."""
    return lambda tensors: tensors[name].__setitem__(place, value)


BAD_TENSORS: list[tuple[str, ErrorCode, Callable[[Tensors], object]]] = [
    ("missing", NN_MODEL_INVALID, lambda tensors: tensors.pop("norm1.mean")),
    ("one more", NN_MODEL_INVALID, put("norm9.mean", np.zeros(3))),
    ("int64", NN_MODEL_INVALID, put("conv1.words", np.zeros((64, 1), dtype=np.int64))),
    ("one axis", NN_MODEL_INVALID, put("conv1.words", np.zeros(64, dtype=np.uint64))),
    ("many words", NN_SHAPE_MISMATCH, put("conv1.words", np.zeros((64, 2), dtype=np.uint64))),
    ("few filters", NN_SHAPE_MISMATCH, put("conv1.words", np.zeros((63, 1), dtype=np.uint64))),
    ("tail bit", NN_MODEL_INVALID, put("conv1.words", np.full((64, 1), 1 << 45, dtype=np.uint64))),
    ("float32", NN_MODEL_INVALID, put("norm1.gamma", np.ones(64, dtype=np.float32))),
    ("short vector", NN_SHAPE_MISMATCH, put("norm1.gamma", np.ones(63))),
    ("short bias", NN_SHAPE_MISMATCH, put("conv1.bias", np.ones(63))),
    ("negative variance", NN_MODEL_INVALID, poke("norm1.variance", 0, -1.0)),
    ("bias NaN", NN_NOT_FINITE, poke("conv1.bias", 3, np.nan)),
    ("gamma infinite", NN_NOT_FINITE, poke("norm3.gamma", 0, np.inf)),
    ("mean negative infinity", NN_NOT_FINITE, poke("norm2.mean", 0, -np.inf)),
    ("overflow", NN_NOT_FINITE, poke("norm2.gamma", 0, 1e308)),
]


@pytest.mark.parametrize(
    ("code", "change"), [bad[1:] for bad in BAD_TENSORS], ids=[bad[0] for bad in BAD_TENSORS]
)
def test_a_tensor_that_does_not_fit_is_refused(
    code: ErrorCode, change: Callable[[Tensors], object]
) -> None:
    assert code_of(changed(change_tensors=change)) == code


def with_mask(bits: int) -> Callable[[Tensors], object]:
    """Return a change that gives conv1 a mask of the same bits for every filter."""
    return put("conv1.mask", np.full((64, 1), bits, dtype=np.uint64))


def test_a_mask_covers_the_words_and_has_no_tail() -> None:
    has_mask = change_node("conv1", has_mask=True)
    assert load_network(changed(has_mask, with_mask((1 << 45) - 1))).nodes
    assert code_of(changed(has_mask, with_mask((1 << 45) - 2))) == NN_MODEL_INVALID
    assert code_of(changed(has_mask, with_mask((1 << 46) - 1))) == NN_MODEL_INVALID


def test_the_message_names_the_part() -> None:
    for change, part in [
        (change_node("conv1", filters=63), "conv1"),
        (change_node("sign1", inputs=["norm9"]), "norm9"),
        (change_node("norm2", eps=0.0), "norm2"),
    ]:
        with pytest.raises(ExtensionError, match=part):
            load_network(changed(change))


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
