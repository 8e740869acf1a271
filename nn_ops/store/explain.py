"""EXPLAIN MODEL: a network as a tree of its layers, or as the SQL script of one of its forms."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from minidb.extension import (
    EXPLAIN_FORMS,
    ExplainModel,
    ExplainNode,
    ExtensionError,
    Outcome,
    Shown,
    did_you_mean,
    explain_options,
    lines_outcome,
    mermaid_label,
    text_outcome,
)
from nn_ops.errors import NN_UNKNOWN_FORM
from nn_ops.lower import lower
from nn_ops.sqlgen import dl2sql, smartlite
from nn_ops.sqlgen.from_models import with_preparations
from nn_ops.sqlgen.statement import Names, as_script
from nn_ops.store.load import load_model
from nn_ops.store.read import (
    BlockRow,
    LayerRow,
    ModelRow,
    Tables,
    block_rows,
    find_model,
    layer_rows,
    stage_rows,
)

FLOAT32_BYTES = 4
FORMS = ("smartlite", "dl2sql")


@dataclass(frozen=True, slots=True)
class LayerSize:
    """What a layer takes.

    Attributes
    ----------
    words : int
        64-bit words of weights that are stored; a word whose weights are all pruned is not.
    weights : int
        Weights before pruning.
    pruned : int
        Weights that do not count.
    n_bytes : int
        Of words, masks and vectors.
    float_bytes : int
        Of weights and vectors as float32, without pruning.
    lookups : int
        Words compared for one image, where the layer reads signs.
    """

    words: int = 0
    weights: int = 0
    pruned: int = 0
    n_bytes: int = 0
    float_bytes: int = 0
    lookups: int = 0

    def __add__(self, other: LayerSize) -> LayerSize:
        return LayerSize(
            self.words + other.words,
            self.weights + other.weights,
            self.pruned + other.pruned,
            self.n_bytes + other.n_bytes,
            self.float_bytes + other.float_bytes,
            self.lookups + other.lookups,
        )


def layer_sizes(layers: list[LayerRow], blocks: Mapping[int, BlockRow]) -> dict[str, LayerSize]:
    """Return what each layer of a model takes, by its name."""
    gives = {row.layer: row.gives for row in layers}
    return {row.layer: _size(row, blocks, gives) for row in layers}


def _size(row: LayerRow, blocks: Mapping[int, BlockRow], gives: Mapping[str, str]) -> LayerSize:
    size = LayerSize()
    words, vectors = blocks.get(row.words_block), blocks.get(row.parameters_block)
    if words is not None:
        weights = words.filters * words.fan_in
        reads_signs = any(gives.get(name) == "signs" for name in row.inputs)
        lookups = row.height * row.width * words.n_rows if reads_signs else 0
        pruned = weights - words.n_weights
        float_bytes = FLOAT32_BYTES * weights
        size += LayerSize(words.n_rows, weights, pruned, words.n_bytes, float_bytes, lookups)
    if vectors is not None:
        float_bytes = FLOAT32_BYTES * vectors.n_rows
        size += LayerSize(n_bytes=vectors.n_bytes, float_bytes=float_bytes)
    return size


def explain_model(statement: ExplainModel, tables: Tables) -> Outcome:
    """Return a model as a tree, or the script of the form that is asked for.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL, NN_UNKNOWN_FORM, NN_MODEL_DAMAGED.
    """
    model = find_model(tables, statement.name)
    if statement.form is not None:
        return text_outcome(_script(statement.form.lower(), model, tables).rstrip())
    options = explain_options(statement.settings, EXPLAIN_FORMS)
    shown = _tree(model, tables)
    if options.get("mermaid"):
        return lines_outcome([*_flowchart(shown.tree), *(f"  %% {x}" for x in shown.about if x)])
    return shown.outcome("json" if options.get("json") else None)


def _flowchart(tree: ExplainNode) -> Iterator[str]:
    """Yield the lines of a Mermaid flowchart: the network's graph, the image at the top."""
    yield "flowchart TB"
    numbers: dict[str, int] = {}
    for number, node in enumerate(tree.children):
        labels = [mermaid_label(text) for text in (node.title, node.note) if text]
        yield f'  n{number}["{"<br/>".join(labels)}"]'
        reads = node.facts["Inputs"]
        if isinstance(reads, list):
            yield from (f"  n{numbers[name]} --> n{number}" for name in reads if name in numbers)
        numbers[node.details.split(" ", 1)[0]] = number


def _script(form: str, model: ModelRow, tables: Tables) -> str:
    """Return the SQL script of a form of a model."""
    if form not in FORMS:
        hint = did_you_mean(form, FORMS) or f"it is one of {', '.join(FORMS)}"
        raise ExtensionError(NN_UNKNOWN_FORM, f"no form {form!r} of a model", hint=hint)
    network, names = load_model(tables, model.name), Names(model.name)
    if form == "smartlite":
        statements = smartlite.script(lower(network), names.prefix)
    else:
        statements = dl2sql.script(network, names.prefix)
    whole = with_preparations(statements, names, model.name, has_stages=form == "smartlite")
    answers = names.of("answers")
    return as_script(whole, f"SELECT id, class, logits FROM {answers} ORDER BY id")


def _tree(model: ModelRow, tables: Tables) -> Shown:
    """Return the nodes below the model, in their order, and the totals."""
    layers, blocks = layer_rows(tables, model.name), block_rows(tables)
    sizes = layer_sizes(layers, blocks)
    of_base = {block for row in layer_rows(tables, model.base) for block in row.blocks}
    nodes = []
    before = ""
    for row in layers:
        is_shared = bool(model.base) and bool(row.blocks) and set(row.blocks) <= of_base
        nodes.append(_node(row, sizes[row.layer], before, is_shared))
        before = row.layer
    total = sum(sizes.values(), LayerSize())
    shared = sum(blocks[b].n_bytes for row in layers for b in row.blocks if b in of_base)
    stages = {block for row in stage_rows(tables, model.name) for block in row.blocks}
    decided = sum(blocks[block].n_bytes for block in stages if block in blocks)
    base = f", extends {model.base}" if model.base else ""
    root = ExplainNode("Model", f"{model.name}: {len(model.classes)} classes{base}")
    tree = ExplainNode(root.name, root.details, children=tuple(nodes))
    facts = {**_facts(total), "Limits and Terms Bytes": decided, "Digest": model.digest}
    lines = _totals(total, decided)
    if model.base:
        lines.append(f"{shared:,} bytes are shared with {model.base}")
        facts["Shared Bytes"] = shared
    return Shown(tree, tuple(lines), tuple(facts.items()))


def _totals(total: LayerSize, decided: int) -> list[str]:
    factor = total.float_bytes / total.n_bytes if total.n_bytes else 1.0
    return [
        "",
        f"total {total.weights:,} weights in {total.words:,} words{_masked(total)}; "
        f"{total.lookups:,} lookups per image",
        f"{total.n_bytes:,} bytes, {total.float_bytes:,} as float32: {factor:.1f} times smaller; "
        f"limits and terms {decided:,} bytes",
    ]


def _masked(size: LayerSize) -> str:
    return f", {size.pruned / size.weights:.1%} masked" if size.pruned else ""


def _node(row: LayerRow, size: LayerSize, before: str, is_shared: bool) -> ExplainNode:
    """Return a layer; its inputs are named where they are not the one before it."""
    reads = "" if list(row.inputs) in ([], [before]) else f" of {', '.join(row.inputs)}"
    shape = f"{row.height}x{row.width}x{row.channels}"
    details = f"{row.layer}{reads}{_described(row)} -> {shape} {row.gives}"
    notes = []
    if size.weights:
        notes += [f"fan-in {row.fan_in:,}", f"{size.words:,} words{_masked(size)}"]
    if size.n_bytes:
        notes.append(f"{size.n_bytes:,} bytes")
    if size.lookups:
        notes.append(f"{size.lookups:,} lookups")
    if is_shared:
        notes.append("shared with the base")
    facts: dict[str, int | float | str | list[str]] = {
        "Inputs": list(row.inputs),
        "Output": shape,
        "Gives": row.gives,
    }
    if size.n_bytes:
        facts |= {"Fan-in": row.fan_in, **_facts(size)}
    return ExplainNode(_title(row.kind), details, facts, ", ".join(notes))


def _title(kind: str) -> str:
    """Return a kind as the tree writes it: ``batch_norm`` is ``BatchNorm``."""
    return "".join(word.capitalize() for word in kind.split("_"))


def _described(row: LayerRow) -> str:
    """Return what a layer's attributes say, in short."""
    attributes = json.loads(row.attributes)
    words = []
    window = attributes.get("window")
    if window:
        words.append("x".join(map(str, window["kernel"])))
        for key, usual in (("stride", [1, 1]), ("padding", [0, 0]), ("dilation", [1, 1])):
            if window[key] != usual:
                words.append(f"{key} {'x'.join(map(str, window[key]))}")
    if attributes.get("groups", 1) != 1:
        words.append(f"{attributes['groups']} groups")
    if "thresholds" in attributes:
        words.append(f"above {', '.join(map(str, attributes['thresholds']))}")
    if "max_pixel" in attributes:
        words.append(f"from 0 to {attributes['max_pixel']}")
    if "eps" in attributes:
        words.append(f"eps {attributes['eps']:g}")
    return f" {', '.join(words)}" if words else ""


def _facts(size: LayerSize) -> dict[str, int | float]:
    return {
        "Words": size.words,
        "Weights": size.weights,
        "Masked Share": size.pruned / size.weights if size.weights else 0.0,
        "Bytes": size.n_bytes,
        "Float32 Bytes": size.float_bytes,
        "Lookups": size.lookups,
    }
