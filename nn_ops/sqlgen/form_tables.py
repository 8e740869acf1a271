"""The tables that the scripts of either form read, made from a program or from a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_ops.geometry import ImageShape
from nn_ops.graph import (
    AveragePool,
    BatchNorm,
    Conv,
    Linear,
    MaxPool,
    Network,
    Normalize,
    Thermometer,
    fan_in_of,
    shapes_of,
)
from nn_ops.program import (
    AffineStage,
    AverageStage,
    EncodeStage,
    PoolStage,
    Product,
    Program,
    RealProductStage,
    SignProductStage,
    SumProductStage,
)
from nn_ops.sqlgen.dl2sql import groups_of, window_of
from nn_ops.sqlgen.model_tables import (
    ModelTable,
    TableBuilder,
    add_window,
    add_words,
    class_table,
    image_table,
    window_builder,
    word_builder,
)


def _common() -> dict[str, TableBuilder]:
    """Return the builders of the tables that both forms have."""
    builders = [
        window_builder(),
        word_builder(),
        TableBuilder("biases", "layer, filter", filter="UInt32", bias="Float64"),
        TableBuilder(
            "affine", "layer, channel", channel="UInt32", scale="Float64", shift="Float64"
        ),
        TableBuilder(
            "normalize", "layer, channel", channel="UInt32", mean="Float64", std="Float64"
        ),
        TableBuilder(
            "thresholds", "layer, encoded", channel="UInt32", encoded="UInt32", threshold="Int64"
        ),
    ]
    return {builder.name: builder for builder in builders}


def _add_thresholds(into: TableBuilder, layer: str, thresholds: NDArray[np.int64]) -> None:
    """Add a thermometer's thresholds, shape (channels, thresholds per channel)."""
    channels = np.arange(len(thresholds))[:, None]
    into.add(layer, channels, np.arange(thresholds.size).reshape(thresholds.shape), thresholds)


def _add_normalize(into: TableBuilder, layer: str, node: Normalize) -> None:
    into.add(layer, np.arange(len(node.mean)), node.mean, node.std)


def dl2sql_tables(network: Network) -> list[ModelTable]:
    """Return the tables that `nn_ops.sqlgen.dl2sql.script` reads.

    Parameters
    ----------
    network : Network

    Returns
    -------
    list of ModelTable
        ``image``, ``classes``, ``windows``, ``words``, ``biases``, ``affine``, ``normalize`` and
        ``thresholds``, their rows by the node's name.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a window does not fit.
    """
    into = _common()
    shapes = shapes_of(network)
    for node in network.nodes[1:]:
        shape = shapes[node.inputs[0]]
        match node:
            case Conv() | Linear():
                _add_layer(into, node, shape)
            case MaxPool(window=window) | AveragePool(window=window):
                add_window(into["windows"], node.name, "pool", window, shape)
            case BatchNorm():
                into["affine"].add(node.name, np.arange(len(node.scale)), node.scale, node.offset)
            case Normalize():
                _add_normalize(into["normalize"], node.name, node)
            case Thermometer(thresholds=thresholds):
                each = np.array(thresholds, dtype=np.int64)
                rows = np.broadcast_to(each, (shape.channels, len(each)))
                _add_thresholds(into["thresholds"], node.name, rows)
            case _:
                pass
    first = [
        image_table(network.image.shape, network.image.max_pixel),
        class_table(network.classes),
    ]
    return [*first, *(builder.table() for builder in into.values())]


def _add_layer(into: dict[str, TableBuilder], node: Conv | Linear, shape: ImageShape) -> None:
    """Add a layer's window, words and biases."""
    words, groups = node.weights, groups_of(node)
    fan_in, n_filters = fan_in_of(node, shape), len(words.words)
    add_window(into["windows"], node.name, "product", window_of(node, shape), shape, groups)
    add_words(into["words"], node.name, words.words, words.mask, fan_in, groups)
    bias = np.zeros(n_filters) if node.bias is None else node.bias
    into["biases"].add(node.name, np.arange(n_filters), bias)


def smartlite_tables(program: Program) -> list[ModelTable]:
    """Return the tables that `nn_ops.sqlgen.smartlite.script` reads.

    Parameters
    ----------
    program : Program

    Returns
    -------
    list of ModelTable
        Those of `dl2sql_tables`, and ``limits``, ``terms``, ``borders`` and ``pruned_filters``;
        their rows by the stage's name.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a window does not fit.
    """
    border = {"border": "UInt16", "filter": "UInt32"}
    key = "layer, border, filter"
    extra = [
        TableBuilder("limits", key, **border, bound="Int32", polarity="Int8"),
        TableBuilder("terms", key, **border, base="Int32", bias="Float64"),
        TableBuilder("borders", "layer, position", position="UInt32", border="UInt16"),
        TableBuilder("pruned_filters", "layer, filter", filter="UInt32"),
    ]
    into = _common() | {builder.name: builder for builder in extra}
    for stage in program.stages:
        name = stage.name
        match stage:
            case EncodeStage(thresholds=thresholds):
                _add_thresholds(into["thresholds"], name, thresholds)
            case SignProductStage(product=product, limits=limits, pool=pool):
                _add_product(into, name, product)
                borders, filters = np.indices(limits.limit.shape)
                into["limits"].add(name, borders, filters, limits.limit, limits.polarity)
                if pool is not None:
                    add_window(into["windows"], name, "pool", pool, product.output)
            case SumProductStage(product=product, bias=bias):
                _add_product(into, name, product)
                base = product.terms.base
                into["terms"].add(name, *np.indices(base.shape), base, bias)
            case RealProductStage(product=product, bias=bias, normalize=normalize):
                _add_product(into, name, product)
                into["biases"].add(name, np.arange(len(bias)), bias)
                if normalize is not None:
                    _add_normalize(into["normalize"], name, normalize)
            case PoolStage(window=window, input=shape) | AverageStage(window=window, input=shape):
                add_window(into["windows"], name, "pool", window, shape)
            case AffineStage(scale=scale, offset=offset):
                into["affine"].add(name, np.arange(len(scale)), scale, offset)
            case _:
                pass
    first = [image_table(program.image, program.max_pixel), class_table(program.classes)]
    return [*first, *(builder.table() for builder in into.values())]


def _add_product(into: dict[str, TableBuilder], name: str, product: Product) -> None:
    """Add a product's window, words, border classes and wholly pruned filters."""
    weights, groups = product.weights, product.groups
    fan_in = product.window.taps * product.input.channels // groups
    add_window(into["windows"], name, "product", product.window, product.input, groups)
    add_words(into["words"], name, weights.words, weights.mask, fan_in, groups)
    if len(product.classes.inside) > 1:
        of_position = product.classes.of_position
        into["borders"].add(name, np.arange(len(of_position)), of_position)
    if weights.mask is not None:
        into["pruned_filters"].add(name, np.flatnonzero(~np.any(weights.mask, axis=1)))
