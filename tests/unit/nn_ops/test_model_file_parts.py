"""Model files that contradict the format, one part at a time: each is refused with its code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nn_ops.errors import (
    NN_MODEL_INVALID,
    NN_NOT_CONNECTED,
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    NN_UNKNOWN_NODE,
    ErrorCode,
    ExtensionError,
)
from nn_ops.model_file import load_network
from tests.unit.nn_ops.test_model_file import Manifest, Tensors, changed, code_of


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
