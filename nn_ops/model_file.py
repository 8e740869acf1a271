"""Model files: a network as a safetensors file with a JSON manifest (docs/model_format.md)."""

from __future__ import annotations

import json
import os
import struct
from importlib.resources import files
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE, ExtensionError
from nn_ops.graph import Network
from nn_ops.manifest import (
    CHECKSUM_KEY,
    Part,
    check_sum,
    foreign,
    read_manifest,
    write_manifest,
)
from nn_ops.node_reader import NodeReader, tensors_of
from nn_ops.validate import check_network

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
        As `nn_ops.validate.check_network` when the network must not be written.
    """
    check_network(network)
    tensors: dict[str, NDArray[np.generic]] = {}
    for node in network.nodes:
        for part, value in tensors_of(node).items():
            tensors[f"{node.name}.{part}"] = np.ascontiguousarray(value)
    manifest = write_manifest(network, _after_header(safetensors.numpy.save(tensors)))
    return safetensors.numpy.save(tensors, metadata={MANIFEST_KEY: manifest})


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
        NN_FILE_IS_NEWER, NN_UNKNOWN_NODE, or as `nn_ops.validate.check_network`.
    """
    try:
        tensors = safetensors.numpy.load(data)
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise ExtensionError(
            NN_FILE_DAMAGED,
            f"the model file is no whole safetensors file: {error}",
            hint="fetch or export it again",
        ) from error
    values = read_manifest(_manifest_text(data))
    check_sum(values, _after_header(data))
    values.pop(CHECKSUM_KEY, None)
    manifest = Part("the manifest", values)
    manifest.take("format", str)
    manifest.take("version", int)
    reader = NodeReader(tensors)
    nodes = tuple(reader.read(values) for values in manifest.take_all("nodes", dict))
    reader.finish()
    network = Network(
        name=manifest.take("name", str),
        nodes=nodes,
        classes=tuple(manifest.take_all("classes", str)),
        training=manifest.take("training", dict),
    )
    manifest.finish()
    check_network(network)
    return network


def write_network(network: Network, path: Path) -> None:
    """Write the model file of `network` to `path`, whole or not at all.

    Raises
    ------
    ExtensionError
        As `dump_network`; NN_FILE_UNREADABLE when the file cannot be written.
    """
    data = dump_network(network)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
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


def _after_header(data: bytes) -> bytes:
    """Return the tensors' bytes; the order of them does not depend on the metadata."""
    (size,) = struct.unpack_from("<Q", data)
    return data[8 + size :]


def _manifest_text(data: bytes) -> str:
    """Return the manifest from the header, whose form the library has checked."""
    (size,) = struct.unpack_from("<Q", data)
    metadata = json.loads(data[8 : 8 + size]).get("__metadata__")
    text = metadata.get(MANIFEST_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise foreign("it has no manifest")
    return text
