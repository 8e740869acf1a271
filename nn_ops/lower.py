"""A network's graph lowered to stages: signs become integer limits wherever they can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np

from nn_ops.conventions import pack_bits
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError, InternalError
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Floats,
    Hardtanh,
    Input,
    Kind,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
    kinds_of,
    shapes_of,
)
from nn_ops.limits import Step, fold, terms_of
from nn_ops.program import (
    AddStage,
    AffineStage,
    AnyStage,
    AverageStage,
    ClampStage,
    EncodeStage,
    PoolStage,
    Product,
    Program,
    RealProductStage,
    SignProductStage,
    SignStage,
    SumProductStage,
)

IMAGE = "pixels"
"""What stages call the image."""


@dataclass(frozen=True, slots=True, eq=False)
class _Decided:
    """A sign and what it decides on: a layer of signs, then monotone steps and perhaps a pool."""

    layer: Conv | Linear
    steps: tuple[Step, ...]
    pool: MaxPool | None
    nodes: tuple[str, ...]


def lower(network: Network) -> Program:
    """Return the stages that compute what a network's graph says.

    Parameters
    ----------
    network : Network
        As `nn_ops.validate.check_network` passes it.

    Returns
    -------
    Program

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO names a sign that has to decide on a value which may be 0, or so near that
        the order of rounding would decide.

    Notes
    -----
    A sign that follows a layer of signs by bias, max pool, batch norm, Hardtanh and ReLU alone,
    each read by the next only, becomes one `SignProductStage`. A pool of values that fell as
    their sums rose, behind a batch norm with a negative gamma, is the one case that stays a
    column of reals: its bits would not be pooled by the polarity of the limits.
    """
    return _Lowering(network).program()


class _Lowering:
    """The state of one lowering: what is known of each node, by its name."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.nodes = {node.name: node for node in network.nodes}
        self.shapes, self.kinds = shapes_of(network), kinds_of(network)
        self.readers: dict[str, list[Node]] = {node.name: [] for node in network.nodes}
        for node in network.nodes:
            for name in node.inputs:
                self.readers[name].append(node)
        self.decided = {
            node.name: found
            for node in network.nodes
            if isinstance(node, Sign) and (found := self._decided_by(node)) is not None
        }

    def program(self) -> Program:
        """Return the stages of all nodes that are not part of another's."""
        absorbed = {name for found in self.decided.values() for name in found.nodes[:-1]}
        stages = tuple(
            self._stage_of(node)
            for node in self.network.nodes
            if node.name not in absorbed and not self._needs_no_stage(node)
        )
        image = self.network.image
        return Program(
            self.network.name, image.shape, image.max_pixel, stages, self.network.classes
        )

    def _needs_no_stage(self, node: Node) -> bool:
        """Return whether a node is the image itself, or done by all of those that read it."""
        if isinstance(node, Normalize):
            readers = self.readers[node.name]
            return all(isinstance(reader, Conv | Linear | Sign) for reader in readers)
        return isinstance(node, Input)

    def _decided_by(self, sign: Sign) -> _Decided | None:
        """Return the layer whose sums a sign decides on, where integer limits can say it."""
        steps: list[Step] = []
        names = [sign.name]
        pool: MaxPool | None = None
        node = self.nodes[sign.input]
        while len(self.readers[node.name]) == 1:
            names.append(node.name)
            match node:
                case Conv() | Linear() if self.kinds[node.input] == "signs":
                    return _Decided(node, tuple(steps[::-1]), pool, tuple(names[::-1]))
                case MaxPool() if pool is None:
                    pool = node
                case BatchNorm() if pool is not None and np.any(node.scale < 0):
                    return None
                case BatchNorm() | Hardtanh() | Relu():
                    steps.append(node)
                case _:
                    return None
            node = self.nodes[node.input]
        return None

    def _stage_of(self, node: Node) -> AnyStage:
        """Return the stage whose output is that of a node."""
        match node:
            case Sign(zero=zero):
                if node.name in self.decided:
                    return self._decision(node, self.decided[node.name])
                if isinstance(self.nodes[node.input], Normalize):
                    return self._encoded_sign(node)
                return SignStage(*self._common(node), zero)
            case Thermometer(thresholds=thresholds):
                channels = self.shapes[node.input].channels
                levels = np.tile(np.array(thresholds, dtype=np.int64), (channels, 1))
                return EncodeStage(*self._common(node), levels)
            case Normalize():
                return self._normalized(node)
            case Conv() | Linear():
                return self._sums(node)
            case MaxPool(window=window):
                return PoolStage(*self._common(node), window, self.shapes[node.input])
            case AveragePool(window=window):
                return AverageStage(*self._common(node), window, self.shapes[node.input])
            case BatchNorm():
                return AffineStage(*self._common(node), node.scale, node.offset)
            case Hardtanh():
                return ClampStage(*self._common(node), -1.0, 1.0)
            case Relu():
                return ClampStage(*self._common(node), 0.0, None)
            case Add():
                return AddStage(*self._common(node))
            case Input():
                raise InternalError("the image has no stage")
        assert_never(node)

    def _common(
        self, node: Node, inputs: tuple[str, ...] | None = None, nodes: tuple[str, ...] = ()
    ) -> tuple[str, tuple[str, ...], ImageShape, Kind, tuple[str, ...]]:
        """Return what every stage has: name, inputs, output, kind, nodes."""
        read = tuple(self._source(name) for name in (inputs or node.inputs))
        shape, kind = self.shapes[node.name], self.kinds[node.name]
        return node.name, read, shape, kind, nodes or (node.name,)

    def _source(self, name: str) -> str:
        return IMAGE if isinstance(self.nodes[name], Input) else name

    def _product(self, layer: Conv | Linear) -> Product:
        """Return the geometry, weights and terms of a layer."""
        before = self.shapes[layer.input]
        if isinstance(layer, Linear):
            whole = Window((before.height, before.width))
            return _product(layer.weights, before, ImageShape(1, 1, layer.features), whole)
        return _product(
            layer.weights,
            before,
            self.shapes[layer.name],
            layer.window,
            layer.groups,
            layer.padding_value,
        )

    def _decision(self, sign: Sign, found: _Decided) -> SignProductStage:
        product = self._product(found.layer)
        try:
            limits = fold(product.terms, found.layer.bias, found.steps, sign.zero)
        except ExtensionError as error:
            raise _at_node(sign, error) from error
        common = self._common(sign, (found.layer.input,), found.nodes)
        pool = None if found.pool is None else found.pool.window
        return SignProductStage(*common, product, limits, pool)

    def _sums(self, layer: Conv | Linear) -> SumProductStage | RealProductStage:
        product = self._product(layer)
        bias = _bias_of(layer, len(layer.weights.words))
        if self.kinds[layer.input] == "signs":
            return SumProductStage(*self._common(layer), product, bias)
        before, max_pixel = self.nodes[layer.input], self.network.image.max_pixel
        if not isinstance(before, Normalize):
            return RealProductStage(*self._common(layer), product, bias, None, max_pixel)
        common = self._common(layer, before.inputs, (before.name, layer.name))
        return RealProductStage(*common, product, bias, before, max_pixel)

    def _normalized(self, node: Normalize) -> RealProductStage:
        """Return a normalization on its own: each filter has one weight, +1, for its channel."""
        shape = self.shapes[node.name]
        own = pack_bits(np.eye(shape.channels, dtype=np.bool_))
        product = _product(Weights(own, own), shape, shape, Window((1, 1)))
        max_pixel = self.network.image.max_pixel
        bias = np.zeros(shape.channels)
        return RealProductStage(*self._common(node), product, bias, node, max_pixel)

    def _encoded_sign(self, sign: Sign) -> EncodeStage:
        """Return the signs of normalized pixels: each channel has one threshold."""
        normalize = self.nodes[sign.input]
        if not isinstance(normalize, Normalize):
            raise InternalError("only normalized pixels are encoded")
        max_pixel = self.network.image.max_pixel
        pixels = np.arange(max_pixel + 1)[:, None]
        values = (pixels / max_pixel - np.array(normalize.mean)) / np.array(normalize.std)
        is_zero = (values == 0).any(axis=1)
        if sign.zero == 0 and is_zero.any():
            error = ExtensionError(
                NN_SIGN_OF_ZERO,
                f"the pixel {int(np.argmax(is_zero))} is normalized to 0, which has no sign",
                hint="take +1 as the sign of 0",
            )
            raise _at_node(sign, error)
        thresholds = np.count_nonzero(values < 0, axis=0).astype(np.int64) - 1
        common = self._common(sign, normalize.inputs, (normalize.name, sign.name))
        return EncodeStage(*common, thresholds[:, None])


def _product(
    weights: Weights,
    before: ImageShape,
    after: ImageShape,
    window: Window,
    groups: int = 1,
    padding_value: int = 0,
) -> Product:
    classes, terms = terms_of(weights, before, window, groups, after.channels, padding_value)
    return Product(window, before, after, groups, padding_value, weights, classes, terms)


def _bias_of(layer: Conv | Linear, filters: int) -> Floats:
    return np.zeros(filters) if layer.bias is None else layer.bias


def _at_node(node: Node, error: ExtensionError) -> ExtensionError:
    """Return the same error with the node's name before its message."""
    return ExtensionError(error.code, f"node {node.name!r}: {error.message}", hint=error.hint)
