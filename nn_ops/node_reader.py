"""The nodes of a network from their description in a manifest and their tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words
from nn_ops.errors import NN_UNKNOWN_NODE, ExtensionError
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Floats,
    Hardtanh,
    Input,
    Linear,
    MaxPool,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
)
from nn_ops.manifest import JsonObject, Part, invalid

Tensors = Mapping[str, NDArray[np.generic]]
KINDS = tuple(
    kind.kind
    for kind in (
        *(Input, Thermometer, Normalize, Sign, Conv, Linear, MaxPool, AveragePool),
        *(BatchNorm, Hardtanh, Relu, Add),
    )
)
"""The kinds of nodes, as a manifest names them."""

_Array = TypeVar("_Array", Words, Floats)


def tensors_of(node: Node) -> dict[str, NDArray[np.generic]]:
    """Return the tensors of a node by the names of their parts.

    Parameters
    ----------
    node : Node

    Returns
    -------
    dict
        `words`, `mask` and `bias` of a layer, the latter two where it has them; `gamma`, `beta`,
        `mean` and `variance` of a batch norm; nothing of any other node.
    """
    if isinstance(node, BatchNorm):
        return {
            "gamma": node.gamma,
            "beta": node.beta,
            "mean": node.mean,
            "variance": node.variance,
        }
    if not isinstance(node, Conv | Linear):
        return {}
    parts: dict[str, NDArray[np.generic]] = {"words": node.weights.words}
    if node.weights.mask is not None:
        parts["mask"] = node.weights.mask
    if node.bias is not None:
        parts["bias"] = node.bias
    return parts


class NodeReader:
    """Makes nodes and remembers which tensors they took.

    Parameters
    ----------
    tensors : mapping
        By name, ``<node>.<part>``.
    """

    def __init__(self, tensors: Tensors) -> None:
        self._tensors = dict(tensors)

    def read(self, values: JsonObject) -> Node:
        """Return a node; what only another node tells, as its fan-in, is not checked here.

        Parameters
        ----------
        values : dict
            As `nn_ops.manifest.write_node` gives it.

        Returns
        -------
        Node
            Its arrays are read-only.

        Raises
        ------
        ExtensionError
            NN_UNKNOWN_NODE for a kind that is none of `KINDS`, NN_MODEL_INVALID for attributes or
            tensors that are missing, of another type, or not of this kind.
        """
        part = Part("a node", values)
        name = part.take("name", str)
        part.name = f"node {name[:100]!r}"
        kind, inputs = part.take("kind", str), part.take_all("inputs", str)
        if kind not in KINDS:
            raise ExtensionError(
                NN_UNKNOWN_NODE,
                f"{part.name} is of the unknown kind {kind[:40]!r}",
                hint="the kinds are " + ", ".join(KINDS),
            )
        expected = {Input.kind: 0, Add.kind: 2}.get(kind, 1)
        if len(inputs) != expected:
            raise invalid(f"{part.name} reads {len(inputs)} nodes, expected {expected}")
        node = self._make(kind, name, inputs, part)
        part.finish()
        return node

    def finish(self) -> None:
        """Raise when a tensor is left that belongs to no node.

        Raises
        ------
        ExtensionError
            NN_MODEL_INVALID names the first of them.
        """
        if self._tensors:
            raise invalid(f"the tensor {min(self._tensors)[:100]!r} belongs to no node")

    def _make(self, kind: str, name: str, inputs: list[str], part: Part) -> Node:
        """Return the node of a known kind with the right number of inputs."""
        before = inputs[0] if inputs else ""
        match kind:
            case Input.kind:
                return Input(name, part.take_shape(), part.take("max_pixel", int))
            case Add.kind:
                return Add(name, inputs[0], inputs[1])
            case Thermometer.kind:
                return Thermometer(name, before, tuple(part.take_all("thresholds", int)))
            case Normalize.kind:
                mean, std = (tuple(part.take_all(key, float)) for key in ("mean", "std"))
                return Normalize(name, before, mean, std)
            case Sign.kind:
                return Sign(name, before, part.take("zero", int))
            case MaxPool.kind:
                return MaxPool(name, before, part.take_window())
            case AveragePool.kind:
                return AveragePool(name, before, part.take_window())
            case Hardtanh.kind:
                return Hardtanh(name, before)
            case Relu.kind:
                return Relu(name, before)
            case _:
                return self._make_with_tensors(kind, name, before, part)

    def _make_with_tensors(self, kind: str, name: str, before: str, part: Part) -> Node:
        if kind == BatchNorm.kind:
            gamma, beta, mean, variance = (
                self._vector(f"{name}.{key}") for key in ("gamma", "beta", "mean", "variance")
            )
            return BatchNorm(name, before, gamma, beta, mean, variance, part.take("eps", float))
        has_mask, has_bias = part.take("has_mask", bool), part.take("has_bias", bool)
        words = self._matrix(f"{name}.words")
        weights = Weights(words, self._matrix(f"{name}.mask") if has_mask else None)
        bias = self._vector(f"{name}.bias") if has_bias else None
        if kind == Linear.kind:
            return Linear(name, before, part.take("features", int), weights, bias)
        return Conv(
            name,
            before,
            window=part.take_window(),
            filters=part.take("filters", int),
            weights=weights,
            bias=bias,
            groups=part.take("groups", int),
            padding_value=part.take("padding_value", int),
        )

    def _matrix(self, name: str) -> Words:
        tensor = self._tensors.pop(name, None)
        if tensor is None or tensor.dtype != np.uint64 or tensor.ndim != 2:
            raise invalid(f"the tensor {name!r} is missing or no matrix of uint64")
        return _frozen(tensor.astype(np.uint64))

    def _vector(self, name: str) -> Floats:
        tensor = self._tensors.pop(name, None)
        if tensor is None or tensor.dtype != np.float64 or tensor.ndim != 1:
            raise invalid(f"the tensor {name!r} is missing or no vector of float64")
        return _frozen(tensor.astype(np.float64))


def _frozen(array: _Array) -> _Array:
    array.flags.writeable = False
    return array
