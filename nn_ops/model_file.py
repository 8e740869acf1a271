"""Model files: a network as a safetensors file with a JSON manifest (docs/model_format.md)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from nn_ops.batch_norm import BatchNorm, Floats
from nn_ops.conventions import Words
from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE, ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.manifest import (
    PADDING_VALUE,
    PARTS,
    JsonObject,
    foreign,
    read_manifest,
    take,
    take_all,
    write_manifest,
)
from nn_ops.network import ConvLayer, Layer, LinearLayer, Network
from nn_ops.validate import check_network, invalid

Tensors = Mapping[str, NDArray[np.generic]]
_Array = TypeVar("_Array", Words, Floats)

MANIFEST_KEY = "manifest"
"""The one key of safetensors' own ``__metadata__``; two would be written in no fixed order."""


def dump_network(network: Network) -> bytes:
    """Return the model file of `network`.

    Parameters
    ----------
    network : Network

    Returns
    -------
    bytes
        The same for the same network, always.

    Raises
    ------
    ExtensionError
        NN_MODEL_INVALID or NN_SIGN_OF_ZERO when the network must not be written.
    """
    check_network(network)
    tensors: dict[str, NDArray[np.generic]] = {}
    for layer in network.layers:
        norm = layer.norm
        eps = np.array([norm.eps], dtype=np.float64)
        values = (layer.words, norm.bias, norm.gamma, norm.beta, norm.mean, norm.variance, eps)
        for part, value in zip(PARTS, values, strict=True):
            tensors[f"{layer.name}.{part}"] = np.ascontiguousarray(value)
    return safetensors.numpy.save(tensors, metadata={MANIFEST_KEY: write_manifest(network)})


def load_network(data: bytes) -> Network:
    """Return the network that a model file's bytes hold.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    Network
        Checked; its arrays are read-only.

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED for no whole safetensors file, NN_FILE_FOREIGN for one of something else,
        NN_FILE_IS_NEWER, NN_MODEL_INVALID, NN_SIGN_OF_ZERO.
    """
    try:
        tensors = safetensors.numpy.load(data)
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise ExtensionError(
            NN_FILE_DAMAGED,
            f"the model file is no whole safetensors file: {error}",
            hint="fetch or export it again",
        ) from error
    manifest = read_manifest(_manifest_text(data))
    network = _build(manifest, tensors)
    check_network(network)
    return network


def write_network(network: Network, path: Path) -> None:
    """Write the model file of `network` to `path`.

    Raises
    ------
    ExtensionError
        As `dump_network`; NN_FILE_UNREADABLE when the file cannot be written.
    """
    data = dump_network(network)
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unreadable(f"the model file cannot be written: {error}") from error


def read_network(path: Path) -> Network:
    """Return the network in the model file at `path`.

    Raises
    ------
    ExtensionError
        As `load_network`; NN_FILE_UNREADABLE when the file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(f"the model file cannot be read: {error}") from error
    return load_network(data)


def load_shipped_model() -> Network:
    """Return the trained digits network that comes with the package.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when the package lacks it, or as `load_network`.
    """
    try:
        data = files("nn_ops").joinpath("data/digits.safetensors").read_bytes()
    except OSError as error:
        raise _unreadable(f"the shipped model cannot be read: {error}") from error
    return load_network(data)


def _unreadable(message: str) -> ExtensionError:
    return ExtensionError(NN_FILE_UNREADABLE, message, hint="check the path and its permissions")


def _manifest_text(data: bytes) -> str:
    """Return the manifest from the header, whose form the library has checked."""
    (size,) = struct.unpack_from("<Q", data)
    metadata = json.loads(data[8 : 8 + size]).get("__metadata__")
    text = metadata.get(MANIFEST_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise foreign("it has no manifest")
    return text


def _build(manifest: JsonObject, tensors: Tensors) -> Network:
    """Return the network of a manifest and its tensors; shapes are checked afterwards."""
    image = take(manifest, "input", dict)
    encoding = take(manifest, "encoding", dict)
    if encoding.get("kind") != "thermometer":
        raise invalid("its encoding is not the thermometer")
    layers = tuple(_build_layer(layer, tensors) for layer in take_all(manifest, "layers", dict))
    expected = {f"{layer.name}.{part}" for layer in layers for part in PARTS}
    if set(tensors) != expected:
        extra = min(set(tensors) ^ expected)
        raise invalid(f"the manifest and the tensors disagree about {extra!r}")
    return Network(
        name=take(manifest, "name", str),
        image=ImageShape(
            take(image, "height", int), take(image, "width", int), take(image, "channels", int)
        ),
        max_pixel=take(image, "max_pixel", int),
        thresholds=tuple(take_all(encoding, "thresholds", int)),
        layers=layers,
        classes=tuple(take_all(manifest, "classes", str)),
        training=take(manifest, "training", dict),
    )


def _build_layer(layer: JsonObject, tensors: Tensors) -> Layer:
    name = take(layer, "name", str)
    if layer.get("tensors") != {part: f"{name}.{part}" for part in PARTS}:
        raise invalid(f"the tensor names of {name} are not {name}.words and so on")
    kind, order = take(layer, "type", str), take_all(layer, "order", str)
    words, norm = _words(f"{name}.words", tensors), _norm(name, tensors)
    if kind == "conv":
        if order != ["conv", "pool", "norm", "sign"]:
            raise invalid(f"the order of {name} is not conv, pool, norm, sign")
        if take(layer, "padding_value", int) != PADDING_VALUE:
            raise invalid(f"the padding value of {name} is not {PADDING_VALUE}")
        shape = take_all(layer, "input", int)
        if len(shape) != 3:
            raise invalid(f"the input of {name} is not height, width, channels")
        sizes = {
            key: take(layer, key, int) for key in ("filters", "kernel", "stride", "padding", "pool")
        }
        return ConvLayer(name=name, input=ImageShape(*shape), words=words, norm=norm, **sizes)
    if kind == "linear":
        if order not in (["linear", "norm"], ["linear", "norm", "sign"]):
            raise invalid(f"the order of {name} is not linear, norm and perhaps sign")
        return LinearLayer(
            name=name,
            in_features=take(layer, "in_features", int),
            out_features=take(layer, "out_features", int),
            words=words,
            norm=norm,
            is_last="sign" not in order,
        )
    raise invalid(f"the type of {name} is neither conv nor linear")


def _words(name: str, tensors: Tensors) -> Words:
    tensor = tensors.get(name)
    if tensor is None or tensor.dtype != np.uint64 or tensor.ndim != 2:
        raise invalid(f"{name!r} is missing or no matrix of uint64")
    return _frozen(tensor.astype(np.uint64))


def _norm(layer: str, tensors: Tensors) -> BatchNorm:
    vectors = []
    for part in PARTS[1:]:
        tensor = tensors.get(f"{layer}.{part}")
        if tensor is None or tensor.dtype != np.float64 or tensor.ndim != 1:
            raise invalid(f"'{layer}.{part}' is missing or no vector of float64")
        vectors.append(_frozen(tensor.astype(np.float64)))
    bias, gamma, beta, mean, variance, eps = vectors
    if eps.shape != (1,):
        raise invalid(f"the eps of {layer} is not one value")
    return BatchNorm(bias, gamma, beta, mean, variance, float(eps[0]))


def _frozen(array: _Array) -> _Array:
    array.flags.writeable = False
    return array
