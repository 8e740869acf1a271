"""A PyTorch network as a graph of `nn_ops`, by tracing what its forward pass calls.

Any module whose forward pass is made of binarized layers, batch norms, pools, Hardtanh, ReLU, signs,
sums and flattening has a graph, whoever wrote it. Everything else is refused by its name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import fx, nn
from torch.nn import functional

from nn_ops.conventions import pack_bits
from nn_ops.errors import NN_SHAPE_MISMATCH
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    JsonValue,
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
    output_kind,
    output_shape,
)
from quant.binarize import BinActive, BinarizeConv2d, Binarized, BinarizeLinear
from quant.errors import QUANT_NO_GRAPH, ExtensionError
from quant.estimators import binarize_activation, sign_of
from quant.networks import parts

Layout: TypeAlias = Literal["image", "rows_first", "flat", "flat_rows_first", "ended"]
"""How a traced tensor lies: (n, c, h, w); (n, h, w, c); flattened from either; log-probabilities."""

PIXELS, NORMALIZED = "pixels", "normalized"


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends of a network: the pixels that enter it, and the classes.

    Attributes
    ----------
    shape : ImageShape
    max_pixel : int
    classes : tuple of str
        The names of the logits.
    mean, std : tuple of float
        One per channel where the network is given ``(pixel / max_pixel - mean[c]) / std[c]``;
        empty where it is given the pixels themselves.
    """

    shape: ImageShape
    max_pixel: int
    classes: tuple[str, ...]
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """A traced tensor: the node that gives it, and how it lies."""

    node: str
    shape: ImageShape
    kind: Kind
    layout: Layout


def to_graph(
    network: nn.Module,
    ends: Ends,
    name: str,
    training: Mapping[str, JsonValue] | None = None,
) -> Network:
    """Return the graph that computes in the database what `network` does in eval mode.

    Parameters
    ----------
    network : nn.Module
        One argument, the images (n, channels, height, width); one result, the logits or their
        log-softmax (which is left out: the graph ends in logits).
    ends : Ends
    name : str
        Of the model.
    training : mapping, optional
        How the network came about; kept in the model file.

    Returns
    -------
    Network
        Not yet checked against the limits of packed words; writing or lowering it does that.

    Raises
    ------
    ExtensionError
        QUANT_NO_GRAPH names the first layer or call that has no binarized form;
        NN_SHAPE_MISMATCH when a window or a fan-in does not fit.
    """
    try:
        traced = _Tracer().trace(network)
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        raise ExtensionError(
            QUANT_NO_GRAPH,
            f"the forward pass of {type(network).__name__} cannot be traced: {error}",
            hint="it must not branch on the values or the shapes of tensors",
        ) from error
    builder = _Builder(network, ends)
    for step in traced.nodes:
        builder.add(step)
    return Network(name, tuple(builder.nodes), ends.classes, dict(training or {}))


class _Images(fx.Proxy):
    """The argument of a network: a batch of images, whose axes are known."""

    def dim(self) -> int:
        return 4


class _Tracer(fx.Tracer):
    """Steps into containers alone: a layer is one step, and so are the functions with a meaning."""

    def __init__(self) -> None:
        super().__init__(autowrap_functions=(binarize_activation, sign_of))

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _Images(node, self) if node.op == "placeholder" else super().proxy(node)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        is_known = isinstance(m, (*_MODULES, parts.Flatten))
        return is_known or super().is_leaf_module(m, module_qualified_name)


class _Builder:
    """Turns traced steps into nodes, in their order."""

    def __init__(self, network: nn.Module, ends: Ends) -> None:
        self.modules = dict(network.named_modules())
        self.ends = ends
        self.nodes: list[Node] = []
        self.kinds: dict[str, Kind] = {}
        self.values: dict[fx.Node, Value | None] = {}

    def add(self, step: fx.Node) -> None:
        """Translate one step."""
        match step.op:
            case "placeholder":
                self.values[step] = self.start()
            case "call_module":
                self.values[step] = self.module(step, self.modules[str(step.target)])
            case "call_function":
                self.values[step] = self.function(step)
            case "call_method":
                self.values[step] = self.method(step)
            case "output":
                self.end(step)
            case _:
                raise _refused(f"{step.name} reads the attribute {step.target}")

    def start(self) -> Value:
        """Add the pixels."""
        if self.nodes:
            raise _refused("the forward pass has more than one argument")
        ends = self.ends
        pixels = self.put(Input(PIXELS, ends.shape, ends.max_pixel), ())
        if not ends.mean:
            return pixels
        return self.put(Normalize(NORMALIZED, PIXELS, ends.mean, ends.std), (pixels,))

    def end(self, step: fx.Node) -> None:
        """Check that the last step gives logits."""
        last = self.value(step, step.args[0])
        if self.nodes[-1].name != last.node:
            raise _refused(f"{self.nodes[-1].name} comes after the output")
        if last.shape.cells != 1 or last.shape.channels != len(self.ends.classes):
            raise ExtensionError(
                NN_SHAPE_MISMATCH,
                f"the network ends in {last.shape.size} values, there are "
                f"{len(self.ends.classes)} classes",
            )

    def put(self, node: Node, inputs: tuple[Value, ...], layout: Layout = "image") -> Value:
        """Append a node and return what it gives."""
        shape = output_shape(node, tuple(value.shape for value in inputs))
        kind = output_kind(node, tuple(value.kind for value in inputs))
        self.nodes.append(node)
        return Value(node.name, shape, kind, layout)

    def value(self, step: fx.Node, argument: object) -> Value:
        """Return the traced tensor that a step reads."""
        found = self.values.get(argument) if isinstance(argument, fx.Node) else None
        if found is None:
            raise _refused(f"{step.name} reads {argument!r}, which is no image of the network")
        if found.layout == "ended" and step.op != "output":
            raise _refused(f"{step.name} comes after the log-softmax")
        return found

    def module(self, step: fx.Node, module: nn.Module) -> Value:
        """Translate a call of a layer."""
        name, before = str(step.target).replace(".", "_"), self.value(step, step.args[0])
        if any(node.name == name for node in self.nodes):
            name = step.name  # a layer called twice
        match module:
            case nn.Identity() | nn.Dropout():
                return before
            case parts.Flatten():
                return replace(before, layout="flat_rows_first")
            case nn.Flatten(start_dim=1, end_dim=-1):
                return _flattened(before)
            case nn.LogSoftmax() | nn.Softmax():
                return replace(before, layout="ended")
        for kind, translate in _MODULES.items():
            if type(module) is kind:
                if isinstance(module, Binarized):
                    before = self.signed(module, name, before)
                return self.put(translate(module, name, before), (before,), before.layout)
        raise _refused(f"layer {step.target} is a {type(module).__name__}")

    def signed(self, layer: Binarized, name: str, before: Value) -> Value:
        """Add the sign of a layer's input, where the layer takes it."""
        if not layer.binary_input or before.kind == "signs":
            return before
        if layer.generator is not None and layer.training:
            raise _refused(f"layer {name} draws its signs at random while training")
        return self.put(Sign(f"{name}_sign", before.node, layer.zero), (before,), before.layout)

    def function(self, step: fx.Node) -> Value | None:
        """Translate a call of a function."""
        name, target, arguments = step.name, step.target, step.args
        if target in {operator.getitem, getattr}:
            return None  # parts of a shape
        if target in {operator.add, operator.iadd, torch.add}:
            left, right = (self.value(step, argument) for argument in arguments[:2])
            if left.shape != right.shape or left.layout != right.layout:
                raise ExtensionError(NN_SHAPE_MISMATCH, f"{name} adds {left.shape}, {right.shape}")
            return self.put(Add(name, left.node, right.node), (left, right), left.layout)
        before = self.value(step, arguments[0])
        if target is torch.flatten:
            return _flattened(before)
        if target in {functional.log_softmax, functional.softmax, torch.log_softmax}:
            return replace(before, layout="ended")
        module = _FUNCTIONS.get(target)  # type: ignore[arg-type]  # fx types it as any target
        if module is None:
            raise _refused(f"{name} calls {getattr(target, '__name__', target)}")
        layer = module(*arguments[1:], **step.kwargs)
        node = _MODULES[type(layer)](layer, name, before)
        return self.put(node, (before,), before.layout)

    def method(self, step: fx.Node) -> Value | None:
        """Translate a call of a tensor's method."""
        if step.target in {"size", "dim"}:
            return None
        before = self.value(step, step.args[0])
        rest = tuple(step.args[1:])
        if step.target == "permute" and rest in {(0, 2, 3, 1), ((0, 2, 3, 1),)}:
            return replace(before, layout="rows_first")
        if step.target == "flatten" and (rest or tuple(step.kwargs.values())) == (1,):
            return _flattened(before)
        if step.target in {"view", "reshape"} and rest[-1] in {-1, before.shape.size}:
            return _flattened(before)
        if step.target in {"float", "double", "contiguous"}:
            return before
        raise _refused(f"{step.name} calls .{step.target}()")


def _flattened(value: Value) -> Value:
    """Return a value as a vector; a vector stays one."""
    layout: Layout = "flat_rows_first" if "rows_first" in value.layout else "flat"
    return replace(value, layout=layout)


def _refused(what: str) -> ExtensionError:
    return ExtensionError(
        QUANT_NO_GRAPH,
        f"the network has a part without a binarized form: {what}",
        hint="layers with weights are BinarizeConv2d and BinarizeLinear of quant.binarize",
    )


def _tuple(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def _pair(value: object) -> tuple[int, int]:
    """Return a size of PyTorch as (down the rows, along a row)."""
    down, along = _tuple(value)
    return int(str(down)), int(str(along))


def _array(tensor: torch.Tensor) -> NDArray[np.float64]:
    return tensor.detach().cpu().double().numpy().copy()


def _weights(signs: NDArray[np.int8]) -> Weights:
    """Pack the signs of a layer; a mask is kept where one of them is 0."""
    mask = None if np.all(signs != 0) else pack_bits(signs != 0)
    return Weights(pack_bits(signs > 0), mask)


def _bias(layer: Binarized) -> NDArray[np.float64] | None:
    return None if layer.bias is None else _array(layer.bias)


def _conv(layer: BinarizeConv2d, name: str, before: Value) -> Node:
    channels = layer.weight.shape[1] * layer.groups
    if before.layout != "image" or before.shape.channels != channels:
        found = f"{before.shape} ({before.layout})"
        raise ExtensionError(NN_SHAPE_MISMATCH, f"{name} reads {channels} channels, found {found}")
    return Conv(
        name,
        before.node,
        Window(layer.kernel_size, layer.stride, layer.padding, layer.dilation),
        layer.weight.shape[0],
        _weights(layer.flat_signs()),
        _bias(layer),
        layer.groups,
        int(layer.padding_value),
    )


def _linear(layer: BinarizeLinear, name: str, before: Value) -> Node:
    features, fan_in = layer.weight.shape
    shape = before.shape
    if fan_in != shape.size or (before.layout == "image" and shape.cells > 1):
        raise ExtensionError(NN_SHAPE_MISMATCH, f"{name} reads {fan_in} values, found {shape}")
    signs = layer.flat_signs()
    if before.layout != "flat_rows_first":
        planes = signs.reshape(features, shape.channels, shape.height, shape.width)
        signs = np.ascontiguousarray(planes.transpose(0, 2, 3, 1)).reshape(features, fan_in)
    return Linear(name, before.node, features, _weights(signs), _bias(layer))


def _batch_norm(layer: Any, name: str, before: Value) -> BatchNorm:
    if layer.running_mean is None or layer.running_var is None:
        raise _refused(f"{name} keeps no running statistics")
    ones = torch.ones(layer.num_features)
    if before.shape.channels != layer.num_features or (
        before.shape.cells > 1 and before.layout != "image"
    ):
        found = f"{before.shape} ({before.layout})"
        raise ExtensionError(NN_SHAPE_MISMATCH, f"{name} is for {layer.num_features}, got {found}")
    return BatchNorm(
        name,
        before.node,
        _array(ones if layer.weight is None else layer.weight),
        _array(ones - 1 if layer.bias is None else layer.bias),
        _array(layer.running_mean),
        _array(layer.running_var),
        layer.eps,
    )


def _positive_norm(layer: parts.PositiveNorm2d, name: str, before: Value) -> Node:
    node = _batch_norm(layer, name, before)
    return replace(node, gamma=np.maximum(node.gamma, layer.least))


def _thermometer(layer: parts.Thermometer, name: str, before: Value) -> Node:
    return Thermometer(name, before.node, tuple(layer.thresholds))


def _normalize(layer: parts.Normalize, name: str, before: Value) -> Node:
    return Normalize(name, before.node, tuple(layer.mean.tolist()), tuple(layer.std.tolist()))


def _hardtanh(layer: Any, name: str, before: Value) -> Node:
    if (layer.min_val, layer.max_val) != (-1, 1):
        raise _refused(f"{name} is a Hardtanh from {layer.min_val} to {layer.max_val}")
    return Hardtanh(name, before.node)


def _max_pool(layer: Any, name: str, before: Value) -> Node:
    if layer.ceil_mode or layer.return_indices:
        raise _refused(f"{name} is a max pool with ceil_mode or return_indices")
    stride = layer.kernel_size if layer.stride is None else layer.stride
    window = Window(
        _pair(layer.kernel_size), _pair(stride), _pair(layer.padding), _pair(layer.dilation)
    )
    return MaxPool(name, before.node, window)


def _average_pool(layer: Any, name: str, before: Value) -> Node:
    if layer.ceil_mode or _pair(layer.padding) != (0, 0) or layer.divisor_override:
        raise _refused(f"{name} is an average pool with ceil_mode, padding or a divisor")
    stride = layer.kernel_size if layer.stride is None else layer.stride
    return AveragePool(name, before.node, Window(_pair(layer.kernel_size), _pair(stride)))


def _adaptive(layer: nn.AdaptiveAvgPool2d, name: str, before: Value) -> Node:
    if _tuple(layer.output_size) != (1, 1):
        raise _refused(f"{name} is an adaptive pool to {layer.output_size}")
    return AveragePool(name, before.node, Window((before.shape.height, before.shape.width)))


def _relu(_layer: nn.ReLU, name: str, before: Value) -> Node:
    return Relu(name, before.node)


def _sign(layer: BinActive, name: str, before: Value) -> Node:
    return Sign(name, before.node, layer.zero)


def _sign_layer(zero: int = 0) -> BinActive:
    return BinActive(zero)


def _hardtanh_layer(
    min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> nn.Hardtanh:
    return nn.Hardtanh(min_val, max_val, inplace)


_MODULES: dict[type[nn.Module], Callable[[Any, str, Value], Node]] = {
    BinarizeConv2d: _conv,
    BinarizeLinear: _linear,
    BinActive: _sign,
    parts.Thermometer: _thermometer,
    parts.Normalize: _normalize,
    parts.PositiveNorm2d: _positive_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.BatchNorm1d: _batch_norm,
    nn.Hardtanh: _hardtanh,
    nn.ReLU: _relu,
    nn.MaxPool2d: _max_pool,
    nn.AvgPool2d: _average_pool,
    nn.AdaptiveAvgPool2d: _adaptive,
}
_FUNCTIONS: dict[Callable[..., Any], Callable[..., nn.Module]] = {
    binarize_activation: _sign_layer,
    sign_of: _sign_layer,
    torch.sign: _sign_layer,
    functional.relu: nn.ReLU,
    torch.relu: nn.ReLU,
    functional.hardtanh: _hardtanh_layer,
    functional.max_pool2d: nn.MaxPool2d,
    functional.avg_pool2d: nn.AvgPool2d,
    functional.adaptive_avg_pool2d: nn.AdaptiveAvgPool2d,
}
