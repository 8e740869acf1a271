"""The manifest of a model file: the network's description as canonical JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn, TypeAlias, TypeVar

from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_FOREIGN, NN_FILE_IS_NEWER, ExtensionError
from nn_ops.network import ConvLayer, JsonValue, Layer, Network
from nn_ops.validate import invalid

FORMAT = "minidb-network"
VERSION = 1
PADDING_VALUE = -1
PARTS = ("words", "bias", "gamma", "beta", "mean", "variance", "eps")
"""The tensors of every layer, each stored as ``<layer>.<part>``."""

JsonObject: TypeAlias = dict[str, JsonValue]
_T = TypeVar("_T")


def write_manifest(network: Network) -> str:
    """Return the manifest of `network` as JSON with sorted keys.

    Parameters
    ----------
    network : Network

    Returns
    -------
    str
        The same text for the same network, always.
    """
    image = network.image
    manifest: JsonObject = {
        "format": FORMAT,
        "version": VERSION,
        "name": network.name,
        "input": {
            "height": image.height,
            "width": image.width,
            "channels": image.channels,
            "max_pixel": network.max_pixel,
        },
        "encoding": {"kind": "thermometer", "thresholds": list(network.thresholds)},
        "layers": [_write_layer(layer) for layer in network.layers],
        "classes": list(network.classes),
        "training": dict(network.training),
    }
    return json.dumps(manifest, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _write_layer(layer: Layer) -> JsonObject:
    tensors: JsonObject = {part: f"{layer.name}.{part}" for part in PARTS}
    if isinstance(layer, ConvLayer):
        return {
            "type": "conv",
            "name": layer.name,
            "input": [layer.input.height, layer.input.width, layer.input.channels],
            "filters": layer.filters,
            "kernel": layer.kernel,
            "stride": layer.stride,
            "padding": layer.padding,
            "padding_value": PADDING_VALUE,
            "pool": layer.pool,
            "order": ["conv", "pool", "norm", "sign"],
            "tensors": tensors,
        }
    return {
        "type": "linear",
        "name": layer.name,
        "in_features": layer.in_features,
        "out_features": layer.out_features,
        "order": ["linear", "norm"] if layer.is_last else ["linear", "norm", "sign"],
        "tensors": tensors,
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
        else, NN_FILE_IS_NEWER when its version is not known here.
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
            hint="a newer release of minidb may read it",
        )
    return manifest


def foreign(why: str) -> ExtensionError:
    """Return the error for a safetensors file that is no network of minidb."""
    return ExtensionError(
        NN_FILE_FOREIGN,
        f"the file is no network of minidb: {why}",
        hint="export one with python -m quant.train_digits --out FILE",
    )


def take(values: Mapping[str, JsonValue], key: str, kind: type[_T]) -> _T:
    """Return ``values[key]`` when it has exactly the type `kind`.

    Parameters
    ----------
    values : mapping
        A part of the manifest.
    key : str
    kind : type
        int, str, list or dict; True is no int here.

    Raises
    ------
    ExtensionError
        NN_MODEL_INVALID when the key is missing or its value is of another type.
    """
    value = values.get(key)
    if type(value) is not kind:
        raise invalid(f"the manifest's {key!r} is missing or no {kind.__name__}")
    return value


def take_all(values: Mapping[str, JsonValue], key: str, kind: type[_T]) -> list[_T]:
    """Return the list ``values[key]`` when each element has exactly the type `kind`.

    Raises
    ------
    ExtensionError
        NN_MODEL_INVALID when there is no such list.
    """
    found: list[_T] = []
    for value in take(values, key, list):
        if type(value) is not kind:
            raise invalid(f"the manifest's {key!r} holds something that is no {kind.__name__}")
        found.append(value)
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")
