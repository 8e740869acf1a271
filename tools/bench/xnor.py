"""The packed product beside PyTorch's float32, and beside another set of NumPy kernels in a file."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from nn_ops.binary_conv import sign_conv
from nn_ops.conventions import WORD_BITS, Words, pack_bits, pack_signs, unpack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Weights
from nn_ops.limits import Limits, terms_of
from nn_ops.program import Product, SignProductStage
from tools.bench.measure import Row, best_of

ROUNDS, CALLS = 12, 4
SLOWEST_RATIO = 1 / 0.7
"""The layer is at least 0.7 times as fast as the file's XNOR product."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A layer, bits in and bits out: 3x3 with a border of 1, or linear where `side` is 1."""

    side: int
    channels: int
    filters: int
    n_images: int = 1

    @property
    def kernel(self) -> int:
        """The side of the window."""
        return 3 if self.side > 1 else 1

    @property
    def fan_in(self) -> int:
        """Weights of one filter."""
        return self.kernel**2 * self.channels

    @property
    def positions(self) -> int:
        """Positions of all images."""
        return self.n_images * self.side**2

    @property
    def operations(self) -> int:
        """Multiplications and additions of the layer."""
        return 2 * self.positions * self.filters * self.fan_in

    def __str__(self) -> str:
        """Return it as the sides of the matrix product."""
        return f"{self.positions}x{self.filters}x{self.fan_in}"


SHAPES = (
    Shape(32, 128, 128),
    Shape(16, 256, 256),
    Shape(8, 512, 512),
    Shape(64, 64, 64),
    Shape(32, 160, 160),
    Shape(16, 320, 320),
    Shape(1, 4096, 4096),
    Shape(1, 4096, 4096, n_images=128),
)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Random images, weights and thresholds: a bit of the output says ``sum >= threshold``."""

    shape: Shape
    images: NDArray[np.int8]
    weights: NDArray[np.int8]
    thresholds: NDArray[np.int32]


def random_layer(shape: Shape, seed: int = 1) -> Layer:
    """Return a layer with thresholds that about half of all sums reach."""
    generator = np.random.default_rng(seed)
    signs = np.array([-1, 1], dtype=np.int8)
    images = generator.choice(signs, (shape.n_images, shape.side, shape.side, shape.channels))
    weights = generator.choice(signs, (shape.filters, shape.kernel, shape.kernel, shape.channels))
    spread = int(shape.fan_in**0.5)
    thresholds = generator.integers(-spread, spread, shape.filters).astype(np.int32)
    return Layer(shape, images, weights, thresholds)


def stage_of(layer: Layer, mask: Words | None = None) -> SignProductStage:
    """Return the layer as a stage of `nn_ops`, with the weights that a mask keeps."""
    shape = layer.shape
    window = Window((shape.kernel, shape.kernel), padding=(shape.kernel // 2, shape.kernel // 2))
    image = ImageShape(shape.side, shape.side, shape.channels)
    output = ImageShape(shape.side, shape.side, shape.filters)
    words = pack_bits(layer.weights.reshape(shape.filters, -1) == 1)
    weights = Weights(words if mask is None else words & mask, mask)
    classes, terms = terms_of(weights, image, window, 1, shape.filters, 0)
    product = Product(window, image, output, 1, 0, weights, classes, terms)
    answers = np.ones(shape.filters, dtype=np.int8)
    limits = Limits(((terms.base - layer.thresholds) // 2).astype(np.int32), answers)
    return SignProductStage(
        "layer", ("before",), output, "signs", ("layer",), product, limits, None
    )


def kernels_in(path: Path) -> ModuleType:
    """Import a file of kernels.

    It defines ``XnorConv3x3(weights, thresholds, None, height, width)`` and
    ``XnorLinear(weights, thresholds)``, whose `run` takes and gives bytes of `np.packbits`.
    """
    spec = importlib.util.spec_from_file_location("kernels_to_race", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_file(kernels: ModuleType, layer: Layer) -> Callable[[], NDArray[np.uint8]]:
    """Return the layer as the file's kernels run it."""
    shape = layer.shape
    octets = np.packbits(layer.images > 0, axis=-1)
    if shape.kernel == 1:
        linear = kernels.XnorLinear(layer.weights.reshape(shape.filters, -1), layer.thresholds)
        rows = octets.reshape(shape.n_images, -1)
        return lambda: np.asarray(linear.run(rows)).reshape(shape.n_images, 1, 1, -1)
    conv = kernels.XnorConv3x3(layer.weights, layer.thresholds, None, shape.side, shape.side)
    return lambda: np.asarray(conv.run(octets))


def of_torch(layer: Layer) -> dict[str, Callable[[], Any]]:
    """Return the product alone, in float32, in both memory layouts, or nothing without PyTorch."""
    if importlib.util.find_spec("torch") is None:
        return {}
    import torch  # noqa: PLC0415 - seconds, and only where this benchmark is named

    torch.set_num_threads(1)
    images = torch.from_numpy(layer.images.astype(np.float32)).permute(0, 3, 1, 2)
    weights = torch.from_numpy(layer.weights.astype(np.float32)).permute(0, 3, 1, 2)
    if layer.shape.kernel == 1:
        rows, columns = images.flatten(1).contiguous(), weights.flatten(1).contiguous()
        return {"torch": lambda: torch.nn.functional.linear(rows, columns)}

    def run(layout: Any) -> Callable[[], Any]:
        laid, its_weights = (
            images.contiguous(memory_format=layout),
            weights.contiguous(memory_format=layout),
        )
        return lambda: torch.nn.functional.conv2d(laid, its_weights, padding=1)

    return {"torch": run(torch.contiguous_format), "torch, last": run(torch.channels_last)}


def race(shape: Shape, kernels: ModuleType | None) -> list[Row]:
    """Run one layer on all contenders."""
    layer = random_layer(shape)
    stage = stage_of(layer)
    packed: Words = pack_signs(layer.images)
    contenders: dict[str, Callable[[], Any]] = {"minidb": lambda: sign_conv(packed, stage)}
    if kernels is not None:
        contenders["file"] = of_file(kernels, layer)
        theirs = np.unpackbits(contenders["file"](), axis=-1)
        if not np.array_equal(unpack_bits(sign_conv(packed, stage), shape.filters), theirs):
            raise ValueError(f"{shape}: the two products differ")
    contenders |= of_torch(layer)
    best = best_of(contenders, ROUNDS, CALLS)
    name = f"{shape}, {shape.operations / best['minidb'] / 1e9:.0f} GOP/s"
    rows = []
    if kernels is not None:
        is_promised = shape.kernel == 3
        limit = SLOWEST_RATIO if is_promised else None
        rows.append(Row(name, best["minidb"], "the file", best["file"], max_ratio=limit))
    torch_s = min((best[name] for name in best if name.startswith("torch")), default=None)
    if torch_s is not None or not rows:
        rows.append(Row(name, best["minidb"], "torch float32", torch_s))
    return rows


def race_pruned(shape: Shape) -> Row:
    """Run one layer beside itself with half of its words pruned, others in each filter."""
    layer = random_layer(shape)
    generator = np.random.default_rng(2)
    keeps = generator.random((shape.filters, -(-shape.fan_in // WORD_BITS))) < 0.5
    mask = pack_bits(np.repeat(keeps, WORD_BITS, axis=1)[:, : shape.fan_in])
    packed, whole, pruned = pack_signs(layer.images), stage_of(layer), stage_of(layer, mask)
    best = best_of(
        {"pruned": lambda: sign_conv(packed, pruned), "whole": lambda: sign_conv(packed, whole)},
        ROUNDS,
        CALLS,
    )
    return Row(f"{shape}, half of the words", best["pruned"], "all words", best["whole"])


def run(prototype: Path | None = None) -> list[Row]:
    """Race every shape on one thread, whole and pruned.

    Parameters
    ----------
    prototype : Path or None
        A file of kernels to race against, see `kernels_in`.
    """
    kernels = None if prototype is None else kernels_in(prototype)
    with threadpool_limits(1):
        rows = [row for shape in SHAPES for row in race(shape, kernels)]
        return rows + [race_pruned(shape) for shape in SHAPES]
