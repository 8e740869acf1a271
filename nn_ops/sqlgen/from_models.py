"""A form's tables made by SQL from those of the database ``models``, where models are kept.

With these statements before it, a script runs as it stands in a database that has the model. The
tables are the same as `nn_ops.sqlgen.form_tables` makes from a network or a program.
"""

from __future__ import annotations

from collections.abc import Sequence

from nn_ops.sqlgen.statement import Names, Statement, derived, literal

DATABASE = "models"
LAYERS_WITH_WEIGHTS = "kind IN ('conv', 'linear')"


def with_preparations(
    statements: Sequence[Statement], names: Names, model: str, *, has_stages: bool
) -> list[Statement]:
    """Return a script that begins with making its tables.

    Parameters
    ----------
    statements : sequence of Statement
        Of `nn_ops.sqlgen.smartlite.script` or `nn_ops.sqlgen.dl2sql.script`; the first makes the
        patches.
    names : Names
        The same as the statements have.
    model : str
        As in ``CREATE MODEL``.
    has_stages : bool
        Whether rows go by the names of stages, as the smartlite form has it, not of nodes.
    """
    makes = [_windows, _words, _biases, _affine, _normalize, _thresholds]
    first = [_nodes(names, model, has_stages), _image(names, model), *(f(names) for f in makes)]
    if not has_stages:
        return [*first, *statements]
    stages = [_limits(names, model), _terms(names, model), _pruned_filters(names)]
    return [*first, *stages, statements[0], _borders(names), *statements[1:]]


def _prepared(names: Names, table: str, select: str) -> Statement:
    return Statement(f"the model's {table.replace('_', ' ')}", names.of(table), select)


def _json(kind: str, *path: object) -> str:
    """Return what extracts a number from a node's attributes."""
    places = ", ".join(literal(step) if isinstance(step, str) else str(step) for step in path)
    return f"JSONExtract{kind}(attributes, {places})"


def _nodes(names: Names, model: str, has_stages: bool) -> Statement:
    """Return the statement for each node and its input, beside the name that its rows go by."""
    of_model = f"WHERE model = {literal(model)}"
    steps = f"SELECT layer, layer AS node FROM {DATABASE}.layers {of_model}"
    if has_stages:
        steps = f"SELECT stage AS layer, arrayJoin(nodes) AS node FROM {DATABASE}.stages {of_model}"
    nodes = (
        "SELECT layer AS node, kind, attributes, inputs[1] AS before, height, width, channels,\n"
        f"       words_block, parameters_block\nFROM {DATABASE}.layers {of_model}"
    )
    inputs = (
        "SELECT layer AS before, height AS in_height, width AS in_width, channels AS in_channels\n"
        f"FROM {DATABASE}.layers {of_model}"
    )
    select = (
        "SELECT steps.layer AS layer, kind, attributes, height, width, channels,\n"
        "       in_height, in_width, in_channels, words_block, parameters_block\n"
        f"FROM {derived(steps, 'steps')}\n"
        f"INNER JOIN {derived(nodes, 'nodes')} ON steps.node = nodes.node\n"
        f"INNER JOIN {derived(inputs, 'inputs')} ON nodes.before = inputs.before"
    )
    return _prepared(names, "nodes", select)


def _image(names: Names, model: str) -> Statement:
    select = (
        f"SELECT height, width, channels, {_json('UInt', 'max_pixel')} AS max_pixel\n"
        f"FROM {DATABASE}.layers WHERE model = {literal(model)} AND kind = 'input'"
    )
    return _prepared(names, "image", select)


def _windows(names: Names) -> Statement:
    """Return the statement for the windows; a linear layer's is its whole input, once."""
    columns = [f"if({LAYERS_WITH_WEIGHTS}, 'product', 'pool') AS part"]
    for place, axis in enumerate(("height", "width"), start=1):
        columns += [f"toInt32(in_{axis}) AS in_{axis}", f"toInt32({axis}) AS out_{axis}"]
        for what, of_linear in (
            ("kernel", f"in_{axis}"),
            ("stride", "1"),
            ("padding", "0"),
            ("dilation", "1"),
        ):
            number = _json("Int", "window", what, place)
            value = f"if(kind = 'linear', {of_linear}, {number})"
            columns.append(f"toInt32({value}) AS {what}_{axis}")
    columns += [
        f"toUInt32(greatest({_json('UInt', 'groups')}, 1)) AS groups",
        "intDiv(in_channels, groups) AS group_channels",
    ]
    listed = ",\n       ".join(columns)
    select = (
        f"SELECT layer, {listed}\nFROM {names.of('nodes')}\n"
        "WHERE kind IN ('conv', 'linear', 'max_pool', 'average_pool')"
    )
    return _prepared(names, "windows", select)


def _words(names: Names) -> Statement:
    words = f"SELECT block, channel, word_no, word, mask FROM {DATABASE}.words"
    groups = f"greatest({_json('UInt', 'groups')}, 1)"
    select = (
        "SELECT layer, channel AS filter,\n"
        f"       toUInt32(intDiv(channel, intDiv(channels, {groups}))) AS grp,\n"
        "       toUInt16(word_no) AS word_no, word, mask\n"
        f"FROM {names.of('nodes')} AS nodes\n"
        f"INNER JOIN {derived(words, 'words')} ON nodes.words_block = words.block"
    )
    return _prepared(names, "words", select)


def _filters(names: Names) -> str:
    """Return every filter of every layer with weights as a table of a FROM."""
    select = (
        "SELECT layer, toUInt32(arrayJoin(range(channels))) AS filter, parameters_block\n"
        f"FROM {names.of('nodes')} WHERE {LAYERS_WITH_WEIGHTS}"
    )
    return derived(select, "filters")


def _bias_table() -> str:
    select = f"SELECT block, channel, value FROM {DATABASE}.parameters WHERE part = 'bias'"
    return derived(select, "bias")


def _biases(names: Names) -> Statement:
    """Return the statement for the biases; 0 where a layer has none."""
    select = (
        "SELECT layer, filter, value AS bias\n"
        f"FROM {_filters(names)}\nLEFT JOIN {_bias_table()}\n"
        "  ON filters.parameters_block = bias.block AND filters.filter = bias.channel"
    )
    return _prepared(names, "biases", select)


def _affine(names: Names) -> Statement:
    """Return the statement for the batch norms as PyTorch evaluates them: a scale, an offset."""
    parts = ", ".join(
        f"sumIf(value, part = '{part}') AS {part}" for part in ("gamma", "beta", "mean", "variance")
    )
    vectors = f"SELECT block, channel, {parts}\nFROM {DATABASE}.parameters GROUP BY block, channel"
    select = (
        "SELECT layer, channel,\n"
        f"       gamma * (1 / sqrt(variance + {_json('Float', 'eps')})) AS scale,\n"
        "       beta - mean * scale AS shift\n"
        f"FROM {names.of('nodes')} AS nodes\n"
        f"INNER JOIN {derived(vectors, 'vectors')} ON nodes.parameters_block = vectors.block\n"
        "WHERE kind = 'batch_norm'"
    )
    return _prepared(names, "affine", select)


def _normalize(names: Names) -> Statement:
    numbers = [f"JSONExtract(attributes, '{name}', 'Array(Float64)')" for name in ("mean", "std")]
    select = (
        "SELECT layer, toUInt32(place - 1) AS channel, mean, std\n"
        f"FROM {names.of('nodes')}\n"
        f"ARRAY JOIN {numbers[0]} AS mean, {numbers[1]} AS std,\n"
        f"           arrayEnumerate({numbers[0]}) AS place\n"
        "WHERE kind = 'normalize'"
    )
    return _prepared(names, "normalize", select)


def _thresholds(names: Names) -> Statement:
    """Return the statement for thermometers, and for the signs of normalized pixels.

    The sign of a normalized pixel is that of the pixel less a threshold: as many pixels as are
    normalized below 0, less one.
    """
    steps = "JSONExtract(attributes, 'thresholds', 'Array(Int64)')"
    each = (
        f"SELECT layer, in_channels, length({steps}) AS n_steps, step, place\n"
        f"FROM {names.of('nodes')}\n"
        f"ARRAY JOIN {steps} AS step, arrayEnumerate({steps}) AS place\n"
        "WHERE kind = 'thermometer'"
    )
    channels = (
        "SELECT layer, toUInt32(arrayJoin(range(in_channels))) AS channel, n_steps, step, place\n"
        f"FROM {derived(each, 'each')}"
    )
    zeros = (
        f"SELECT layer, {_json('Int', 'zero')} AS zero\n"
        f"FROM {names.of('nodes')} WHERE kind = 'sign'"
    )
    pixels = (
        "SELECT layer, channel, mean, std, max_pixel,\n"
        "       arrayJoin(range(max_pixel + 1)) / max_pixel AS share\n"
        f"FROM {names.of('normalize')} CROSS JOIN {names.of('image')} AS image"
    )
    values = (
        "SELECT pixels.layer AS layer, channel,\n"
        "       if(zero = 1, (share - mean) / std < 0, (share - mean) / std <= 0) AS is_below\n"
        f"FROM {derived(pixels, 'pixels')}\n"
        f"INNER JOIN {derived(zeros, 'zeros')} ON pixels.layer = zeros.layer"
    )
    select = (
        "SELECT layer, channel, toUInt32(channel * n_steps + place - 1) AS encoded,\n"
        "       step AS threshold\n"
        f"FROM {derived(channels, 'channels')}\n"
        "UNION ALL\n"
        "SELECT layer, channel, channel AS encoded, toInt64(countIf(is_below)) - 1 AS threshold\n"
        f"FROM {derived(values, 'levels')}\n"
        "GROUP BY layer, channel"
    )
    return _prepared(names, "thresholds", select)


def _stage_numbers(names: Names, model: str, table: str, block: str, columns: str) -> str:
    """Return the rows that stages have of a table of numbers, by stage, border and filter."""
    numbers = f"SELECT block, class, channel, {columns} FROM {DATABASE}.{table}"
    stages = f"SELECT stage, {block} AS block FROM {DATABASE}.stages WHERE model = {literal(model)}"
    return (
        "SELECT stage AS layer, toUInt16(class) AS border, channel AS filter,\n"
        f"       {columns}\n"
        f"FROM {derived(stages, 'stages')}\n"
        f"INNER JOIN {derived(numbers, 'numbers')} ON stages.block = numbers.block"
    )


def _limits(names: Names, model: str) -> Statement:
    select = _stage_numbers(names, model, "limits", "limits_block", "bound, polarity")
    return _prepared(names, "limits", select)


def _terms(names: Names, model: str) -> Statement:
    """Return the statement for what turns counts into sums, the bias among it."""
    terms = derived(_stage_numbers(names, model, "terms", "terms_block", "base"), "terms")
    select = (
        "SELECT terms.layer AS layer, border, terms.filter AS filter, base, bias\n"
        f"FROM {terms}\n"
        f"INNER JOIN {names.of('biases')} AS biases\n"
        "  ON terms.layer = biases.layer AND terms.filter = biases.filter"
    )
    return _prepared(names, "terms", select)


def _pruned_filters(names: Names) -> Statement:
    select = (
        f"SELECT layer, filter\nFROM {_filters(names)}\n"
        f"WHERE (layer, filter) NOT IN (SELECT layer, filter FROM {names.of('words')})"
    )
    return _prepared(names, "pruned_filters", select)


def _borders(names: Names) -> Statement:
    """Return the statement for the border classes, numbered as they first appear.

    Positions whose windows have the same cells inside the image are of one class.
    """
    positions = (
        "SELECT layer, toUInt32(arrayJoin(range(out_height * out_width))) AS position\n"
        f"FROM {names.of('windows')} WHERE part = 'product'"
    )
    inside = (
        "SELECT layer, position, arraySort(groupArray(base)) AS bases\n"
        f"FROM {names.of('patches')} WHERE part = 'product'\nGROUP BY layer, position"
    )
    cells = (
        "SELECT positions.layer AS layer, positions.position AS position, bases\n"
        f"FROM {derived(positions, 'positions')}\n"
        f"LEFT JOIN {derived(inside, 'inside')}\n"
        "  ON positions.layer = inside.layer AND positions.position = inside.position"
    )
    firsts = (
        "SELECT layer, position, min(position) OVER (PARTITION BY layer, bases) AS first\n"
        f"FROM {derived(cells, 'cells')}"
    )
    select = (
        "SELECT layer, position,\n"
        "       toUInt16(dense_rank() OVER (PARTITION BY layer ORDER BY first) - 1) AS border\n"
        f"FROM {derived(firsts, 'firsts')}"
    )
    return _prepared(names, "borders", select)
