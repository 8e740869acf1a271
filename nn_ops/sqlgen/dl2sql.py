"""The dl2sql form: a network's graph as SQL with one row per element and one row per weight.

A convolution is a join of patches with weights and ``sum(number * weight)`` in a GROUP BY; every
other node is a step over a column of numbers. Nothing is packed and nothing folded.
"""

from __future__ import annotations

from collections.abc import Sequence

from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    shapes_of,
)
from nn_ops.sqlgen import relations
from nn_ops.sqlgen.model_tables import has_empty_sums
from nn_ops.sqlgen.real_product import (
    Products,
    border_statement,
    sums_of_products,
    weights_statement,
)
from nn_ops.sqlgen.relations import Relation
from nn_ops.sqlgen.statement import Names, Statement


def script(network: Network, prefix: str, images: str = "images") -> list[Statement]:
    """Return the statements that classify every image of a table.

    Parameters
    ----------
    network : Network
    prefix : str
        What the names of the model's tables begin with: those of `dl2sql_tables`, which the script
        reads, and those that it makes.
    images : str
        The table (id, pixels Array(UInt8)), as SQL.

    Returns
    -------
    list of Statement
        What has to be prepared, one statement per node, and last the table
        ``{prefix}_answers`` (id, class, logits).

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a window does not fit.
    """
    names = Names(prefix, images)
    layers = [node for node in network.nodes if isinstance(node, Conv | Linear)]
    statements = [
        relations.patches_statement(names),
        weights_statement(names, [node.name for node in layers]),
    ]
    if any(_pads_minus_one(node) for node in layers):
        statements.append(border_statement(names))
    shapes = shapes_of(network)
    made: dict[str, Relation] = {}
    for number, node in enumerate(network.nodes):
        table = names.stage(number, node.name)
        if isinstance(node, Input):
            statements.append(relations.pixels_statement(names, table))
            made[node.name] = Relation(table, "pixel")
            continue
        before = [made[name] for name in node.inputs]
        select = _select(node, before, shapes[node.inputs[0]], names)
        statements.append(Statement(node.name, table, select))
        made[node.name] = Relation(table, "value")
    logits = made[network.nodes[-1].name]
    engine = "MergeTree ORDER BY id"
    answers = Statement("answers", names.of("answers"), relations.answers(logits), engine)
    return [*statements, answers]


def window_of(node: Conv | Linear, shape: ImageShape) -> Window:
    """Return a layer's window over an input of a shape; a linear layer's is the whole input."""
    return node.window if isinstance(node, Conv) else Window((shape.height, shape.width))


def groups_of(node: Conv | Linear) -> int:
    """Return the number of groups of channels that a layer's filters read."""
    return node.groups if isinstance(node, Conv) else 1


def _pads_minus_one(node: Conv | Linear) -> bool:
    return isinstance(node, Conv) and node.padding_value == -1 and node.window.padding != (0, 0)


def _select(node: Node, before: Sequence[Relation], shape: ImageShape, names: Names) -> str:
    """Return the query of one node, whose first input has shape `shape`."""
    match node:
        case Thermometer():
            answer = "toInt8(if(is_above, 1, -1)) AS value"
            return relations.thermometer(names, before[0], node.name, answer)
        case Normalize():
            return relations.normalize(names, before[0], node.name)
        case Sign(zero=zero):
            sign = "toInt8(if(value >= 0, 1, -1))" if zero else "toInt8(sign(value))"
            return f"SELECT id, cell, channel, {sign} AS value\nFROM {before[0].table}"
        case Conv() | Linear():
            return sums_of_products(names, before[0], _products(node, shape))
        case MaxPool():
            return relations.max_pool(names, before[0], node.name)
        case AveragePool():
            return relations.average_pool(names, before[0], node.name)
        case BatchNorm():
            return relations.affine(names, before[0], node.name)
        case Hardtanh():
            return relations.clamp(before[0], "-1", "1")
        case Relu():
            return relations.clamp(before[0], "0", None)
        case Add():
            return relations.add(before[0], before[1])
        case Input():
            return ""


def _products(node: Conv | Linear, shape: ImageShape) -> Products:
    """Return what the SQL of a layer has to take care of."""
    groups, words = groups_of(node), node.weights
    window = window_of(node, shape)
    is_empty = has_empty_sums(window, shape, groups, words.mask, len(words.words))
    return Products(node.name, groups > 1, is_empty, _pads_minus_one(node))
