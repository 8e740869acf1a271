"""The manifest of a model file: the network's description as canonical JSON, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias, TypeVar

from nn_ops.errors import (
    NN_FILE_DAMAGED,
    NN_FILE_FOREIGN,
    NN_FILE_IS_NEWER,
    NN_MODEL_INVALID,
    ExtensionError,
)
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    AveragePool,
    BatchNorm,
    Conv,
    Input,
    JsonValue,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Sign,
    Thermometer,
)

FORMAT = "minidb-network"
VERSION = 2
CHECKSUM_KEY = "sha256"
"""The manifest's key for the checksum of all else; a file without it is read unchecked."""

JsonObject: TypeAlias = dict[str, JsonValue]
_T = TypeVar("_T")


def write_manifest(network: Network, tensors: bytes) -> str:
    """Return the manifest of `network` as JSON with sorted keys.

    Parameters
    ----------
    network : Network
    tensors : bytes
        The file's content after its header.

    Returns
    -------
    str
        The same text for the same network, always.
    """
    manifest: JsonObject = {
        "format": FORMAT,
        "version": VERSION,
        "name": network.name,
        "nodes": [write_node(node) for node in network.nodes],
        "classes": list(network.classes),
        "training": dict(network.training),
    }
    return _canonical({**manifest, CHECKSUM_KEY: checksum_of(manifest, tensors)})


def checksum_of(manifest: JsonObject, tensors: bytes) -> str:
    """Return the SHA-256, in hexadecimal, of a manifest without its checksum and of the tensors.

    Parameters
    ----------
    manifest : dict
        Its key `CHECKSUM_KEY` takes no part.
    tensors : bytes
        The file's content after its header.
    """
    others = {key: value for key, value in manifest.items() if key != CHECKSUM_KEY}
    return hashlib.sha256(_canonical(others).encode() + tensors).hexdigest()


def check_sum(manifest: JsonObject, tensors: bytes) -> None:
    """Raise when a manifest has a checksum and it is not that of the content.

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED.
    """
    if CHECKSUM_KEY in manifest and manifest[CHECKSUM_KEY] != checksum_of(manifest, tensors):
        raise ExtensionError(
            NN_FILE_DAMAGED,
            "the model file was changed after it was written: its checksum is another one",
            hint="fetch or export it again",
        )


def _canonical(manifest: JsonObject) -> str:
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), allow_nan=False)


def write_node(node: Node) -> JsonObject:
    """Return what the manifest says about a node: all of it but its tensors.

    Parameters
    ----------
    node : Node

    Returns
    -------
    dict
        `kind`, `name`, `inputs` and the attributes of its kind.
    """
    return {
        "kind": node.kind,
        "name": node.name,
        "inputs": list(node.inputs),
        **_attributes(node),
    }


def _attributes(node: Node) -> JsonObject:
    match node:
        case Input(shape=shape):
            sides: list[JsonValue] = [shape.height, shape.width, shape.channels]
            return {"shape": sides, "max_pixel": node.max_pixel}
        case Thermometer():
            return {"thresholds": list(node.thresholds)}
        case Normalize():
            return {"mean": list(node.mean), "std": list(node.std)}
        case Sign():
            return {"zero": node.zero}
        case Conv():
            return {
                "window": _write_window(node.window),
                "filters": node.filters,
                "groups": node.groups,
                "padding_value": node.padding_value,
                **_optional_tensors(node),
            }
        case Linear():
            return {"features": node.features, **_optional_tensors(node)}
        case MaxPool() | AveragePool():
            return {"window": _write_window(node.window)}
        case BatchNorm():
            return {"eps": node.eps}
        case _:
            return {}


def _optional_tensors(node: Conv | Linear) -> JsonObject:
    return {"has_mask": node.weights.mask is not None, "has_bias": node.bias is not None}


def _write_window(window: Window) -> JsonObject:
    return {
        "kernel": list(window.kernel),
        "stride": list(window.stride),
        "padding": list(window.padding),
        "dilation": list(window.dilation),
    }


def read_manifest(text: str) -> JsonObject:
    """Return the object in a manifest's text, its format and version checked.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED when it is no JSON object, NN_FILE_FOREIGN when it describes something
        else, NN_FILE_IS_NEWER when its version is not the one that is read here.
    """
    try:
        manifest = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ExtensionError(
            NN_FILE_DAMAGED, f"the model file's manifest is no JSON: {error}"
        ) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise foreign("its manifest does not say " + json.dumps(FORMAT))
    version = manifest.get("version")
    if type(version) is not int or version != VERSION:
        raise ExtensionError(
            NN_FILE_IS_NEWER,
            f"the model file has format version {str(version)[:20]}, expected {VERSION}",
            hint="a newer release of minidb may read it"
            if type(version) is not int or version > VERSION
            else "write it again with this release",
        )
    return manifest


def foreign(why: str) -> ExtensionError:
    """Return the error for a safetensors file that is no network of minidb."""
    return ExtensionError(
        NN_FILE_FOREIGN,
        f"the file is no network of minidb: {why}",
        hint="export one with python -m quant.train_digits --out FILE",
    )


def invalid(what: str) -> ExtensionError:
    """Return the error for a network whose parts do not fit."""
    return ExtensionError(
        NN_MODEL_INVALID,
        f"the network is not valid: {what}",
        hint="docs/model_format.md says what each part must be",
    )


class Part:
    """An object of the manifest that is read key by key; each key must be read, and no other be.

    Parameters
    ----------
    name : str
        What errors call it.
    values : mapping
    """

    def __init__(self, name: str, values: Mapping[str, JsonValue]) -> None:
        self.name = name
        self._values = dict(values)

    def take(self, key: str, kind: type[_T]) -> _T:
        """Return the value of a key when it has exactly the type `kind`.

        Parameters
        ----------
        key : str
        kind : type
            bool, int, float, str, list or dict; True is no int here.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID when the key is missing or its value is of another type.
        """
        value = self._values.pop(key, None)
        if type(value) is not kind:
            raise invalid(f"the {key!r} of {self.name} is missing or no {kind.__name__}")
        return value

    def take_all(self, key: str, kind: type[_T]) -> list[_T]:
        """Return the list of a key when each element has exactly the type `kind`.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID when there is no such list.
        """
        found: list[_T] = []
        for value in self.take(key, list):
            if type(value) is not kind:
                raise invalid(f"the {key!r} of {self.name} holds what is no {kind.__name__}")
            found.append(value)
        return found

    def take_window(self) -> Window:
        """Return the window of the key ``window``.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID when there is none.
        """
        window = Part(f"the window of {self.name}", self.take("window", dict))
        sides = [window._take_pair(key) for key in ("kernel", "stride", "padding", "dilation")]
        window.finish()
        return Window(*sides)

    def take_shape(self) -> ImageShape:
        """Return the image shape of the key ``shape``.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID when there is none.
        """
        sizes: Sequence[int] = self.take_all("shape", int)
        if len(sizes) != 3:
            raise invalid(f"the 'shape' of {self.name} is not height, width, channels")
        return ImageShape(*sizes)

    def _take_pair(self, key: str) -> tuple[int, int]:
        pair = self.take_all(key, int)
        if len(pair) != 2:
            raise invalid(f"the {key!r} of {self.name} is not two numbers")
        return pair[0], pair[1]

    def finish(self) -> None:
        """Raise when keys are left that mean nothing here.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID names the first of them.
        """
        if self._values:
            raise invalid(f"{self.name} has the unknown key {min(self._values)[:40]!r}")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
