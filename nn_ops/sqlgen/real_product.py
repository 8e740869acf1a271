"""A convolution over numbers: one row per element and per weight, a join and sums of products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nn_ops.conventions import WORD_BITS
from nn_ops.sqlgen.relations import (
    Relation,
    every_id,
    every_position,
    of_layer,
    patches_of,
    places_inside,
)
from nn_ops.sqlgen.statement import Names, Statement, derived, literal


@dataclass(frozen=True, slots=True)
class Products:
    """What the SQL of a convolution has to take care of.

    Attributes
    ----------
    layer : str
        Its name in the model's tables.
    is_grouped : bool
        Whether filters read a group of the channels each.
    has_empty_sums : bool
        Whether a filter has no term at all, at some position.
    pads_minus_one : bool
        Whether there is a border, of -1.
    """

    layer: str
    is_grouped: bool
    has_empty_sums: bool
    pads_minus_one: bool = False


def weights_statement(names: Names, layers: Sequence[str]) -> Statement:
    """Return the statement that unpacks the words of layers: one row per weight that counts."""
    bits = (
        f"SELECT *, arrayJoin(range({WORD_BITS})) AS bit_no\n"
        f"FROM {names.of('words')}\n"
        f"WHERE layer IN ({', '.join(map(literal, layers))})"
    )
    select = (
        f"SELECT layer, grp, toUInt32(word_no * {WORD_BITS} + bit_no) AS place, filter,\n"
        "       toInt8(if(bitTest(word, bit_no) = 1, 1, -1)) AS weight\n"
        f"FROM {derived(bits, 'bits')}\n"
        "WHERE bitTest(mask, bit_no) = 1"
    )
    engine = "MergeTree ORDER BY (layer, place, filter)"
    return Statement("weights, one by one", names.of("weights"), select, engine)


def border_statement(names: Names) -> Statement:
    """Return the statement for the border's places in patches."""
    groups = f"SELECT *, arrayJoin(range(groups)) AS grp\nFROM {names.of('windows')}"
    inside = places_inside(derived(groups, "windows"), is_inside=False)
    select = (
        "SELECT layer, grp, position, toUInt32(base + arrayJoin(range(group_channels))) AS place\n"
        f"FROM {derived(inside, 'border')}\nWHERE part = 'product'"
    )
    return Statement("the border", names.of("border"), select)


def sums_of_products(names: Names, before: Relation, products: Products) -> str:
    """Return the query for the sums of products, and their bias."""
    terms = _terms(names, before, products, "")
    sums = f"SELECT id, position, filter, sum(term) AS total\nFROM {derived(terms, 'terms')}\n"
    return _with_bias(names, products.layer, f"{sums}GROUP BY id, position, filter")


def sums_of_pixels(names: Names, before: Relation, products: Products) -> str:
    """Return the query for the sums of normalized pixels: integers by channel, put together last.

    The sum of ``(pixel / max - mean) / std`` over one channel's places is
    ``sum(pixel) / (max * std) - mean / std * sum(1)``, each term with its weight's sign.
    """
    terms = _terms(names, before, products, "channel, ")
    by_channel = (
        "SELECT id, position, filter, channel, sum(term) AS total, sum(weight) AS weights\n"
        f"FROM {derived(terms, 'terms')}\n"
        "GROUP BY id, position, filter, channel"
    )
    part = "total / (max_pixel * std) - mean / std * weights"
    sums = (
        f"SELECT id, position, filter, arraySum(arraySort(groupArray({part}))) AS total\n"
        f"FROM {derived(by_channel, 'by_channel')}\n"
        f"INNER JOIN {of_layer(names, 'normalize', products.layer, 'channel, mean, std', 'norm')}\n"
        "  ON by_channel.channel = norm.channel\n"
        f"CROSS JOIN {names.of('image')} AS image\n"
        "GROUP BY id, position, filter"
    )
    return _with_bias(names, products.layer, sums)


def _with_bias(names: Names, layer: str, sums: str) -> str:
    """Return sums with each filter's bias."""
    return (
        "SELECT id, position AS cell, sums.filter AS channel, total + bias AS value\n"
        f"FROM {derived(sums, 'sums')}\n"
        f"INNER JOIN {of_layer(names, 'biases', layer, 'filter, bias', 'biases')}\n"
        "  ON sums.filter = biases.filter"
    )


def _terms(names: Names, before: Relation, products: Products, channel: str) -> str:
    """Return the query for one row per product of an element and a weight."""
    layer, is_grouped = products.layer, products.is_grouped
    columns = "filter, place, weight" + ", grp" * is_grouped
    condition = "elements.place = weights.place" + " AND elements.grp = weights.grp" * is_grouped
    weight = ", weight" if channel else ""
    terms = (
        f"SELECT id, position, filter, {channel}number * weight AS term{weight}\n"
        f"FROM {derived(_elements(names, before, products, channel), 'elements')}\n"
        f"INNER JOIN {of_layer(names, 'weights', layer, columns, 'weights')}\n"
        f"  ON {condition}"
    )
    if not products.has_empty_sums:
        return terms
    # A sum without terms is 0: one more term of 0 for every position and filter.
    nothing = "toUInt32(0) AS channel, " if channel else ""
    no_weight = ", 0 AS weight" if channel else ""
    return (
        f"{terms}\nUNION ALL\nSELECT id, position, filter, {nothing}0 AS term{no_weight}\n"
        f"FROM {every_id(names)}\nCROSS JOIN {every_position(names, layer)}\n"
        f"CROSS JOIN {of_layer(names, 'biases', layer, 'filter', 'filters')}"
    )


def _elements(names: Names, before: Relation, products: Products, channel: str) -> str:
    """Return the query for the elements of every patch, by their place in it."""
    layer, is_grouped = products.layer, products.is_grouped
    place, grp, columns = "base + channel", "", "position, cell, base"
    if is_grouped:
        place, columns = "base + channel % group_channels", f"{columns}, group_channels"
        grp = "toUInt32(intDiv(channel, group_channels)) AS grp, "
    elements = (
        f"SELECT id, position, {grp}{channel}toUInt32({place}) AS place,\n"
        f"       {before.number} AS number\n"
        f"FROM {before.table} AS before\n"
        f"INNER JOIN {patches_of(names, layer, 'product', columns)}\n"
        "  ON before.cell = patches.cell"
    )
    if not products.pads_minus_one:
        return elements
    border = of_layer(names, "border", layer, f"{'grp, ' * is_grouped}position, place", "border")
    grp = "grp, " * is_grouped
    return (
        f"{elements}\nUNION ALL\nSELECT id, position, {grp}place, toInt8(-1) AS number\n"
        f"FROM {every_id(names)}\nCROSS JOIN {border}"
    )
