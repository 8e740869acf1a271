"""What both forms share: pixels, patches, and the steps over real columns, as SQL.

Between two stages stands a table of one row per element: (id, cell, channel, and its value). A cell
is a pixel's place by row and column.
"""

from __future__ import annotations

from dataclasses import dataclass

from nn_ops.sqlgen.statement import Names, Statement, derived, literal

WRONG_SIZE = "an image has another number of pixels than the network takes"
WRONG_PIXEL = "a pixel is not one of those that the network takes"
EQUAL_IDS = "two images have the same id"
ZERO_HAS_NO_SIGN = "an activation is exactly 0, which has no sign"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table of elements.

    Attributes
    ----------
    table : str
        As SQL.
    value : str
        The column of the values: ``pixel``, ``bit`` (1 for +1, 0 for -1) or ``value``.
    """

    table: str
    value: str

    @property
    def is_bits(self) -> bool:
        """Whether the elements are signs as bits."""
        return self.value == "bit"

    @property
    def number(self) -> str:
        """The elements as numbers."""
        return "2 * toInt8(bit) - 1" if self.is_bits else self.value


def pixels_statement(names: Names, table: str) -> Statement:
    """Return the statement that lays the images out, one row per pixel and channel."""
    elements = f"{derived(checked_images(names), 'images')}\nARRAY JOIN pixels, places"
    return Statement("pixels", table, pixels_of(elements))


def pixels_of(elements: str) -> str:
    """Return the query for pixels by cell and channel.

    Parameters
    ----------
    elements : str
        A FROM with one row per pixel: (id, pixels, places, channels).
    """
    return (
        "SELECT id, toUInt32(intDiv(places - 1, channels)) AS cell,\n"
        "       toUInt32((places - 1) % channels) AS channel, pixels AS pixel\n"
        f"FROM {elements}"
    )


def checked_images(names: Names) -> str:
    """Return the query for the images; it fails where one cannot be what the network takes."""
    return (
        "SELECT id, pixels, arrayEnumerate(pixels) AS places, channels\n"
        f"FROM {names.images} CROSS JOIN {names.of('image')} AS image\n"
        "WHERE throwIf(length(pixels) != height * width * channels,\n"
        f"              {literal(WRONG_SIZE)}) = 0\n"
        "  AND throwIf(arrayMin(pixels) < 0 OR arrayMax(pixels) > max_pixel,\n"
        f"              {literal(WRONG_PIXEL)}) = 0\n"
        f"  AND (SELECT throwIf(count() != count(DISTINCT id), {literal(EQUAL_IDS)})\n"
        f"       FROM {names.images}) = 0"
    )


def patches_statement(names: Names) -> Statement:
    """Return the statement that says which cells every position of every window reads.

    `base` is the place of a cell's first channel in the patch. Cells of the border have no row.
    """
    select = (
        "SELECT layer, part, position, cell, base, group_channels\n"
        f"FROM {derived(places_inside(names.of('windows'), is_inside=True), 'inside')}"
    )
    engine = "MergeTree ORDER BY (layer, part, position, cell)"
    return Statement("patches", names.of("patches"), select, engine)


def places_inside(windows: str, *, is_inside: bool) -> str:
    """Return the query for all positions and cells of windows, inside their images or outside.

    Parameters
    ----------
    windows : str
        The table of windows, as SQL; a column ``grp`` of it comes along.
    is_inside : bool
    """
    grp = "" if is_inside else "grp, "
    taps = f"SELECT *, arrayJoin(range(kernel_height * kernel_width)) AS tap\nFROM {windows}"
    positions = (
        "SELECT *, arrayJoin(range(out_height * out_width)) AS position\n"
        f"FROM {derived(taps, 'taps')}"
    )
    places = (
        f"SELECT layer, part, {grp}position, tap, in_height, in_width, group_channels,\n"
        "       intDiv(position, out_width) * stride_height\n"
        "         + intDiv(tap, kernel_width) * dilation_height - padding_height AS in_row,\n"
        "       position % out_width * stride_width\n"
        "         + tap % kernel_width * dilation_width - padding_width AS in_column\n"
        f"FROM {derived(positions, 'positions')}"
    )
    condition = "in_row >= 0 AND in_row < in_height AND in_column >= 0 AND in_column < in_width"
    if not is_inside:
        condition = f"NOT ({condition})"
    return (
        f"SELECT layer, part, {grp}toUInt32(position) AS position,\n"
        "       toUInt32(in_row * in_width + in_column) AS cell,\n"
        "       toUInt32(tap * group_channels) AS base, group_channels\n"
        f"FROM {derived(places, 'places')}\n"
        f"WHERE {condition}"
    )


def patches_of(names: Names, layer: str, part: str, columns: str) -> str:
    """Return the patches of one window as a table of a FROM."""
    select = (
        f"SELECT {columns} FROM {names.of('patches')}\n"
        f"WHERE layer = {literal(layer)} AND part = {literal(part)}"
    )
    return derived(select, "patches")


def every_id(names: Names) -> str:
    """Return the images' ids as a table of a FROM."""
    return f"(SELECT id FROM {names.images}) AS ids"


def every_position(names: Names, layer: str) -> str:
    """Return the positions of a layer's window as a table of a FROM."""
    select = (
        "SELECT toUInt32(arrayJoin(range(out_height * out_width))) AS position\n"
        f"FROM {names.of('windows')} WHERE layer = {literal(layer)} AND part = 'product'"
    )
    return derived(select, "positions")


def of_layer(names: Names, what: str, layer: str, columns: str, alias: str) -> str:
    """Return one layer's rows of a table of the model as a table of a FROM."""
    select = f"SELECT {columns}\nFROM {names.of(what)} WHERE layer = {literal(layer)}"
    return derived(select, alias)


def max_pool(names: Names, before: Relation, layer: str) -> str:
    """Return the greatest element of each window; of bits, whether one is 1."""
    return (
        f"SELECT id, position AS cell, channel, max({before.value}) AS {before.value}\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {patches_of(names, layer, 'pool', 'position, cell')}\n"
        "  ON before.cell = patches.cell\n"
        "GROUP BY id, position, channel"
    )


def average_pool(names: Names, before: Relation, layer: str) -> str:
    """Return the mean of each window. Sums of reals are taken by size, so in one order always."""
    total = f"sum({before.number})" if before.is_bits else "arraySum(arraySort(groupArray(value)))"
    return (
        f"SELECT id, position AS cell, channel, {total} / count() AS value\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {patches_of(names, layer, 'pool', 'position, cell')}\n"
        "  ON before.cell = patches.cell\n"
        "GROUP BY id, position, channel"
    )


def affine(names: Names, before: Relation, layer: str) -> str:
    """Return ``value * scale + shift`` by channel: a batch norm."""
    factor = f"({before.number})" if before.is_bits else before.number
    return (
        f"SELECT id, cell, before.channel AS channel, {factor} * scale + shift AS value\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {of_layer(names, 'affine', layer, 'channel, scale, shift', 'affine')}\n"
        "  ON before.channel = affine.channel"
    )


def clamp(before: Relation, low: str, high: str | None) -> str:
    """Return ``min(max(value, low), high)``; without `high`, ``max(value, low)``."""
    value = f"greatest({before.number}, {low})"
    if high is not None:
        value = f"least({value}, {high})"
    return f"SELECT id, cell, channel, toFloat64({value}) AS value\nFROM {before.table}"


def add(left: Relation, right: Relation) -> str:
    """Return the sum of two relations, element by element."""
    sides = [
        derived(f"SELECT id, cell, channel, {side.number} AS {name}\nFROM {side.table}", alias)
        for side, name, alias in ((left, "one", "l"), (right, "other", "r"))
    ]
    return (
        "SELECT l.id AS id, l.cell AS cell, l.channel AS channel, one + other AS value\n"
        f"FROM {sides[0]}\n"
        f"INNER JOIN {sides[1]}\n"
        "  ON l.id = r.id AND l.cell = r.cell AND l.channel = r.channel"
    )


def normalize(names: Names, before: Relation, layer: str) -> str:
    """Return ``(pixel / max_pixel - mean) / std`` by channel."""
    return (
        "SELECT id, cell, before.channel AS channel,\n"
        f"       ({before.number} / max_pixel - mean) / std AS value\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {of_layer(names, 'normalize', layer, 'channel, mean, std', 'norm')}\n"
        "  ON before.channel = norm.channel\n"
        f"CROSS JOIN {names.of('image')} AS image"
    )


def thermometer(names: Names, before: Relation, layer: str, answer: str) -> str:
    """Return one element per pixel and threshold; `answer` says what from ``is_above``."""
    compared = (
        f"SELECT id, cell, encoded, {before.number} > threshold AS is_above\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {of_layer(names, 'thresholds', layer, 'channel, encoded, threshold', 'steps')}"
        "\n  ON before.channel = steps.channel"
    )
    return f"SELECT id, cell, encoded AS channel, {answer}\nFROM {derived(compared, 'compared')}"


def answers(logits: Relation) -> str:
    """Return the query for (id, class, logits): the first of the greatest logits decides."""
    gathered = (
        f"SELECT id, arraySort(groupArray((channel, {logits.number}))) AS pairs\n"
        f"FROM {logits.table}\n"
        "GROUP BY id"
    )
    listed = (
        "SELECT id, arrayMap(pair -> pair.2, pairs) AS logits\n"
        f"FROM {derived(gathered, 'gathered')}"
    )
    return (
        "SELECT id, toUInt32(indexOf(logits, arrayMax(logits)) - 1) AS class, logits\n"
        f"FROM {derived(listed, 'listed')}"
    )
