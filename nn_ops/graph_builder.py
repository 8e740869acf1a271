"""Builds a network node by node, keeping the shapes and the parameters that each needs."""

from __future__ import annotations

from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    Conv,
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
    output_kind,
    output_shape,
)
from nn_ops.moments import Moments, moments_of
from nn_ops.parameters import Parameters

MAX_PIXEL = 255
EPS = 1e-5


class GraphBuilder:
    """A network in the making; each node reads the last one unless it is told otherwise.

    Parameters
    ----------
    image : ImageShape
    mean, std : tuple of float
        By which pixels are normalized, per channel.
    parameters : Parameters
    """

    def __init__(
        self,
        image: ImageShape,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        parameters: Parameters,
    ) -> None:
        self._parameters = parameters
        self._nodes: list[Node] = []
        self._shapes: dict[str, ImageShape] = {}
        self._kinds: dict[str, Kind] = {}
        self._moments: dict[str, Moments] = {}
        self._append(Input("pixels", image, MAX_PIXEL))
        self._append(Normalize("normalize", self.last, mean, std))

    @property
    def last(self) -> str:
        """The name of the last node."""
        return self._nodes[-1].name

    @property
    def shape(self) -> ImageShape:
        """The shape that the last node gives."""
        return self._shapes[self.last]

    def network(self, name: str) -> Network:
        """Return the network, its classes called by their numbers."""
        classes = tuple(str(number) for number in range(self.shape.size))
        return Network(name, tuple(self._nodes), classes, {})

    def conv(
        self,
        name: str,
        filters: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        *,
        has_bias: bool = True,
        before: str | None = None,
    ) -> None:
        """Append a square convolution whose border is nothing."""
        read = self.last if before is None else before
        fan_in = kernel * kernel * self._shapes[read].channels
        weights = self._parameters.weights(name, filters, fan_in, self._kinds[read])
        bias = self._parameters.bias(name, filters) if has_bias else None
        window = Window((kernel, kernel), (stride, stride), (padding, padding))
        self._append(Conv(name, read, window, filters, weights, bias))

    def linear(self, name: str, features: int) -> None:
        """Append a linear layer with a bias."""
        reads = self._kinds[self.last]
        weights = self._parameters.weights(name, features, self.shape.size, reads)
        bias = self._parameters.bias(name, features)
        self._append(Linear(name, self.last, features, weights, bias))

    def max_pool(self, name: str, kernel: int, stride: int | None = None, padding: int = 0) -> None:
        """Append a square max pool; its stride is its side unless it is told otherwise."""
        step = stride or kernel
        window = Window((kernel, kernel), (step, step), (padding, padding))
        self._append(MaxPool(name, self.last, window))

    def average_pool(self, name: str, height: int, width: int) -> None:
        """Append an average pool."""
        sides = (height, width)
        self._append(AveragePool(name, self.last, Window(sides, sides)))

    def norm(self, name: str, eps: float = EPS, *, is_affine: bool = True) -> None:
        """Append a batch norm."""
        channels, reads = self.shape.channels, self._moments[self.last]
        self._append(
            self._parameters.norm(name, self.last, channels, eps, reads, is_affine=is_affine)
        )

    def sign(self, name: str) -> None:
        """Append a sign; that of 0 is 0, as `torch.sign` has it."""
        self._append(Sign(name, self.last))

    def hardtanh(self, name: str) -> None:
        """Append a Hardtanh."""
        self._append(Hardtanh(name, self.last))

    def relu(self, name: str) -> None:
        """Append a ReLU."""
        self._append(Relu(name, self.last))

    def add(self, name: str, left: str, right: str) -> None:
        """Append a sum of two nodes."""
        self._append(Add(name, left, right))

    def _append(self, node: Node) -> None:
        shapes = tuple(self._shapes[name] for name in node.inputs)
        shape = output_shape(node, shapes)
        kind = output_kind(node, tuple(self._kinds[name] for name in node.inputs))
        reads = tuple(self._moments[name] for name in node.inputs)
        self._shapes[node.name], self._kinds[node.name] = shape, kind
        self._moments[node.name] = moments_of(node, reads, (*shapes, shape)[0], kind)
        self._nodes.append(node)
