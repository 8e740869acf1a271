"""The smartlite form: a network's program as SQL over packed words.

A layer of signs packs its patches with ``sumbin``, meets the kernels of equal word number in a
join, sums ``lookup(word, kernel)`` and compares the sum with an integer limit. Texts hold names and
the width of a word alone; numbers come from the model's tables.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from nn_ops.conventions import WORD_BITS
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
from nn_ops.sqlgen import relations
from nn_ops.sqlgen.model_tables import has_empty_sums, has_pruned_filter, outside_words
from nn_ops.sqlgen.real_product import (
    Products,
    sums_of_pixels,
    sums_of_products,
    weights_statement,
)
from nn_ops.sqlgen.relations import (
    ZERO_HAS_NO_SIGN,
    Relation,
    every_id,
    every_position,
    of_layer,
    patches_of,
)
from nn_ops.sqlgen.statement import Names, Statement, derived, literal

PIXELS = "pixels"


def script(program: Program, prefix: str, images: str = "images") -> list[Statement]:
    """Return the statements that classify every image of a table.

    Parameters
    ----------
    program : Program
    prefix : str
        What the names of the model's tables begin with: those of `smartlite_tables`, which the
        script reads, and those that it makes.
    images : str
        The table (id, pixels Array(UInt8)), as SQL.

    Returns
    -------
    list of Statement
        What has to be prepared, one statement per stage, and last the table
        ``{prefix}_answers`` (id, class, logits).
    """
    names = Names(prefix, images)
    made = {PIXELS: Relation(names.stage(0, PIXELS), "pixel")}
    statements = [
        relations.patches_statement(names),
        *_preparations(program, names),
        relations.pixels_statement(names, made[PIXELS].table),
    ]
    for number, stage in enumerate(program.stages, start=1):
        table = names.stage(number, stage.name)
        before = [made[name] for name in stage.inputs]
        statements.append(Statement(stage.name, table, _select(stage, before, names)))
        made[stage.name] = Relation(table, "bit" if stage.kind == "signs" else "value")
    logits = made[program.stages[-1].name]
    engine = "MergeTree ORDER BY id"
    answers = Statement("answers", names.of("answers"), relations.answers(logits), engine)
    return [*statements, answers]


def products_of(program: Program) -> dict[str, Product]:
    """Return the products of a program by the names of their stages."""
    kinds = (SignProductStage, SumProductStage, RealProductStage)
    return {stage.name: stage.product for stage in program.stages if isinstance(stage, kinds)}


def _preparations(program: Program, names: Names) -> list[Statement]:
    """Return the statements that derive what only some programs need."""
    statements = []
    reals = [
        stage.name
        for stage in program.stages
        if isinstance(stage, RealProductStage) and not _only_normalizes(stage)
    ]
    if reals:
        statements.append(weights_statement(names, reals))
    if any(_has_outside_words(product) for product in products_of(program).values()):
        statements.append(_outside_statement(names))
    return statements


def _has_outside_words(product: Product) -> bool:
    return outside_words(product.window, product.input, product.groups)


def _select(stage: AnyStage, before: Sequence[Relation], names: Names) -> str:
    """Return the query of one stage."""
    match stage:
        case EncodeStage():
            return relations.thermometer(names, before[0], stage.name, "is_above AS bit")
        case SignProductStage(pool=None):
            return _decided(stage, before[0], names)
        case SignProductStage():
            return _pooled(stage, before[0], names)
        case SumProductStage():
            return _sums(stage, before[0], names)
        case RealProductStage() if _only_normalizes(stage):
            return relations.normalize(names, before[0], stage.name)
        case RealProductStage(normalize=None):
            return sums_of_products(names, before[0], _products(stage))
        case RealProductStage():
            return sums_of_pixels(names, before[0], _products(stage))
        case PoolStage():
            return relations.max_pool(names, before[0], stage.name)
        case AverageStage():
            return relations.average_pool(names, before[0], stage.name)
        case AffineStage():
            return relations.affine(names, before[0], stage.name)
        case ClampStage(low=low, high=high):
            return relations.clamp(before[0], repr(low), None if high is None else repr(high))
        case AddStage():
            return relations.add(before[0], before[1])
        case SignStage(zero=zero):
            return _signs(before[0], zero)


def _only_normalizes(stage: RealProductStage) -> bool:
    """Return whether a stage stands for a normalization alone, not for a layer's products too."""
    return stage.normalize is not None and stage.normalize.name == stage.name


def _products(stage: RealProductStage) -> Products:
    """Return what the SQL of a product of numbers has to take care of."""
    product = stage.product
    mask, n_filters = product.weights.mask, len(product.weights.words)
    is_empty = has_empty_sums(product.window, product.input, product.groups, mask, n_filters)
    return Products(stage.name, product.groups > 1, is_empty)


def _signs(before: Relation, zero: int) -> str:
    """Return reals as bits."""
    is_positive = f"{before.number} >= 0"
    if not zero:
        message = literal(ZERO_HAS_NO_SIGN)
        is_positive = f"{before.number} > 0 OR throwIf({before.number} = 0, {message}) = 1"
    return f"SELECT id, cell, channel, {is_positive} AS bit\nFROM {before.table}"


def _outside_statement(names: Names) -> Statement:
    """Return the statement for the words of patches that lie outside the image altogether.

    No cell is there to pack them from; their bits are 0, and they too are compared with kernels.
    """
    inside = (
        "SELECT layer, position,\n"
        f"       arrayJoin(range(intDiv(base, {WORD_BITS}),\n"
        f"                       intDiv(base + group_channels - 1, {WORD_BITS}) + 1)) AS word_no\n"
        f"FROM {names.of('patches')} WHERE part = 'product'"
    )
    packed = (
        f"SELECT layer, position, toUInt16(word_no) AS word_no\nFROM {derived(inside, 'inside')}"
    )
    positions = (
        "SELECT layer, toUInt32(arrayJoin(range(out_height * out_width))) AS position\n"
        f"FROM {names.of('windows')} WHERE part = 'product'"
    )
    words = f"SELECT DISTINCT layer, grp, word_no FROM {names.of('words')}"
    every = (
        "SELECT positions.layer AS layer, grp, position, word_no\n"
        f"FROM {derived(positions, 'positions')}\n"
        f"INNER JOIN {derived(words, 'words')}\n"
        "  ON positions.layer = words.layer"
    )
    select = (
        f"SELECT layer, grp, position, word_no\nFROM {derived(every, 'every')}\n"
        "WHERE (layer, position, word_no) NOT IN (\n"
        f"{textwrap.indent(packed, '  ')})"
    )
    return Statement("words outside the image", names.of("outside"), select)


def _patches(product: Product, before: Relation, names: Names, layer: str) -> str:
    """Return the query that packs the bits below a layer, one word per patch and word number."""
    grp, place = "", "base + channel"
    if product.groups > 1:
        grp, place = "grp, ", "base + channel % group_channels"
    columns = f"position, cell, base{', group_channels' * (product.groups > 1)}"
    packed = (
        f"SELECT id, position, {'intDiv(channel, group_channels) AS ' * bool(grp)}{grp}"
        f"toUInt16(intDiv({place}, {WORD_BITS})) AS word_no,\n"
        f"       toUInt64(sumbin(bit, ({place}) % {WORD_BITS})) AS word\n"
        f"FROM {before.table} AS signs\n"
        f"INNER JOIN {patches_of(names, layer, 'product', columns)}\n"
        "  ON signs.cell = patches.cell\n"
        f"GROUP BY id, position, {grp}word_no"
    )
    if not _has_outside_words(product):
        return packed
    outside = of_layer(names, "outside", layer, f"position, {grp}word_no", "outside")
    return (
        f"{packed}\nUNION ALL\nSELECT id, position, {grp}word_no, toUInt64(0) AS word\n"
        f"FROM {every_id(names)} CROSS JOIN {outside}"
    )


def _distances(product: Product, before: Relation, names: Names, layer: str) -> str:
    """Return the query for the number of differing bits of every patch and filter."""
    is_masked, is_grouped = product.weights.mask is not None, product.groups > 1
    found = "lookup(bitAnd(word, mask), kernel)" if is_masked else "lookup(word, kernel)"
    patches = derived(_patches(product, before, names, layer), "patches")
    columns = f"filter, {'grp, ' * is_grouped}word_no, word AS kernel{', mask' * is_masked}"
    kernels = of_layer(names, "words", layer, columns, "kernels")
    condition = "patches.word_no = kernels.word_no"
    if is_grouped:
        condition += " AND patches.grp = kernels.grp"
    if product.weights.words.shape[1] == 1 and not is_grouped:
        distances = (
            f"SELECT id, position, filter, {found} AS distance\n"
            f"FROM {patches}\nCROSS JOIN {kernels}"
        )
    else:
        distances = (
            f"SELECT id, position, filter, sum({found}) AS distance\n"
            f"FROM {patches}\nINNER JOIN {kernels}\n  ON {condition}\n"
            "GROUP BY id, position, filter"
        )
    if not has_pruned_filter(product.weights.mask):
        return distances
    # Of a filter that lost all its weights no word is there: it differs in no bit.
    return (
        f"{distances}\nUNION ALL\nSELECT id, position, filter, toUInt64(0) AS distance\n"
        f"FROM {every_id(names)}\nCROSS JOIN {every_position(names, layer)}\n"
        f"CROSS JOIN {of_layer(names, 'pruned_filters', layer, 'filter', 'pruned')}"
    )


def _compared(
    product: Product, before: Relation, names: Names, layer: str, table: str, columns: str
) -> str:
    """Return the FROM in which every distance meets the numbers of its border class and filter."""
    distances = derived(_distances(product, before, names, layer), "distances")
    if len(product.classes.inside) == 1:
        numbers = of_layer(names, table, layer, f"filter, {columns}", table)
        return f"FROM {distances}\nINNER JOIN {numbers}\n  ON distances.filter = {table}.filter"
    borders = of_layer(names, "borders", layer, "position, border", "borders")
    numbers = of_layer(names, table, layer, f"border, filter, {columns}", table)
    return (
        f"FROM {distances}\nINNER JOIN {borders}\n  ON distances.position = borders.position\n"
        f"INNER JOIN {numbers}\n"
        f"  ON borders.border = {table}.border AND distances.filter = {table}.filter"
    )


def _decided(stage: SignProductStage, before: Relation, names: Names, polarity: str = "") -> str:
    """Return the query for the bits of a layer of signs, before its pool."""
    source = _compared(stage.product, before, names, stage.name, "limits", "bound, polarity")
    return (
        f"SELECT id, distances.position AS cell, distances.filter AS channel,{polarity}\n"
        "       if(polarity > 0, distance <= bound, distance >= bound) AS bit\n"
        f"{source}"
    )


def _pooled(stage: SignProductStage, before: Relation, names: Names) -> str:
    """Return the query for pooled bits: OR over the window where the limit is an upper, else AND."""
    decided = derived(_decided(stage, before, names, " polarity,"), "decided")
    return (
        "SELECT id, position AS cell, channel,\n"
        "       if(max(polarity) > 0, max(bit), min(bit)) AS bit\n"
        f"FROM {decided}\n"
        f"INNER JOIN {patches_of(names, stage.name, 'pool', 'position, cell')}\n"
        "  ON decided.cell = patches.cell\n"
        "GROUP BY id, position, channel"
    )


def _sums(stage: SumProductStage, before: Relation, names: Names) -> str:
    """Return the query for a layer's sums with their bias."""
    source = _compared(stage.product, before, names, stage.name, "terms", "base, bias")
    return (
        "SELECT id, distances.position AS cell, distances.filter AS channel,\n"
        "       base - 2 * toInt64(distance) + bias AS value\n"
        f"{source}"
    )
