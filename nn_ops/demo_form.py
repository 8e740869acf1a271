"""A network as SQL in the smartlite form: reshape with sumbin, join with kernels, sum of lookups.

Each layer is one CREATE TABLE ... AS SELECT whose input is the table that the layer before it made.
Numbers come from the model's tables; the texts hold names and the word width alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from nn_ops.network import ConvLayer, Layer, Network

WORD_BITS = 256


@dataclass(frozen=True, slots=True)
class LayerStatement:
    """The statement that computes one layer.

    Attributes
    ----------
    name : str
        The layer's name, for people.
    table : str
        The table that the statement creates.
    sql : str
        The statement; its ``%(layer)s`` is the layer's number.
    parameters : dict
        Values for the statement's parameters.
    """

    name: str
    table: str
    sql: str
    parameters: dict[str, int]


def n_wide_words(fan_in: int) -> int:
    """Return how many 256-bit words hold `fan_in` bits."""
    return -(-fan_in // WORD_BITS)


def network_statements(network: Network, prefix: str) -> list[LayerStatement]:
    """Return the statements that classify all images, in order.

    Parameters
    ----------
    network : Network
        The layers.
    prefix : str
        What the names of the model's and the activations' tables begin with; a plain SQL name.

    Returns
    -------
    list of LayerStatement
        Input bits, one statement per layer, and last the predictions: a table
        ``{prefix}_predictions`` (image, predicted, highest) with one row per image.
    """
    statements = [_encode(prefix)]
    for number, layer in enumerate(network.layers, start=1):
        if layer is network.last:
            statements.append(_logits(layer, number, prefix))
        else:
            statements.append(_signs(layer, number, prefix))
    statements.append(_predictions(prefix))
    return statements


def _encode(prefix: str) -> LayerStatement:
    """Return the statement that turns pixels into bits, one channel per threshold."""
    sql = f"""\
CREATE TABLE {prefix}_bits_0 ENGINE = MergeTree ORDER BY () AS
SELECT image, cell, channel, value > threshold AS bit
FROM {prefix}_pixels CROSS JOIN {prefix}_thresholds"""
    return LayerStatement("input bits", f"{prefix}_bits_0", sql, {})


def patches_query(number: int, prefix: str, indent: str) -> str:
    """Return the query that packs the bits below a layer into one word per patch and word number.

    `sumbin(bit, place)` sets bit `place`; a cell outside the image has no row, so its bits stay 0,
    which means -1: the padding value.
    """
    lines = [
        "SELECT image, position, any(window) AS window,",
        f"       intDiv(base + channel, {WORD_BITS}) AS word_no,",
        f"       sumbin(bit, (base + channel) % {WORD_BITS}) AS word",
        f"FROM {prefix}_bits_{number - 1} AS bits",
        f"INNER JOIN (SELECT cell, position, window, base FROM {prefix}_patches",
        "            WHERE layer = %(layer)s) AS patches",
        "  ON bits.cell = patches.cell",
        "GROUP BY image, position, word_no",
    ]
    return f"\n{indent}".join(lines)


def distances_query(layer: Layer, number: int, prefix: str, indent: str) -> str:
    """Return the query for the number of differing bits of every patch and kernel.

    Patches of one word meet the kernels in a plain cross join; for several words the lookups of
    equal word numbers are summed.
    """
    patches = patches_query(number, prefix, indent + "      ")
    kernels = f"SELECT channel, word_no, word AS kernel FROM {prefix}_words"
    if n_wide_words(layer.fan_in) == 1:
        lines = [
            "SELECT image, position, window, channel, lookup(word, kernel) AS distance",
            f"FROM ({patches}) AS patches",
            f"CROSS JOIN ({kernels}",
            "            WHERE layer = %(layer)s) AS kernels",
        ]
    else:
        lines = [
            "SELECT image, position, any(window) AS window, channel,",
            "       sum(lookup(word, kernel)) AS distance",
            f"FROM ({patches}) AS patches",
            f"INNER JOIN ({kernels}",
            "            WHERE layer = %(layer)s) AS kernels",
            "  ON patches.word_no = kernels.word_no",
            "GROUP BY image, position, channel",
        ]
    return f"\n{indent}".join(lines)


def _signs(layer: Layer, number: int, prefix: str) -> LayerStatement:
    """Return the statement of a layer that answers with signs.

    The max pool of the sums is the min of the distances: the sum is fan-in - 2 * distance.
    """
    has_pool = isinstance(layer, ConvLayer) and layer.pool > 1
    distances = distances_query(layer, number, prefix, "            " if has_pool else "      ")
    source = distances
    if has_pool:
        source = (
            "SELECT image, window, channel, min(distance) AS distance\n"
            f"      FROM ({distances}) AS distances\n"
            "      GROUP BY image, window, channel"
        )
    sql = f"""\
CREATE TABLE {prefix}_bits_{number} ENGINE = MergeTree ORDER BY () AS
SELECT image, window AS cell, channel,
       polarity > 0 ? distance <= bound : distance >= bound AS bit
FROM ({source}) AS sums
INNER JOIN (SELECT channel, bound, polarity FROM {prefix}_limits
            WHERE layer = %(layer)s) AS limits
  ON sums.channel = limits.channel"""
    return LayerStatement(layer.name, f"{prefix}_bits_{number}", sql, {"layer": number})


def _logits(layer: Layer, number: int, prefix: str) -> LayerStatement:
    """Return the statement of the last layer: integer sums, then the affine map to logits."""
    distances = distances_query(layer, number, prefix, "      ")
    sql = f"""\
CREATE TABLE {prefix}_logits ENGINE = MergeTree ORDER BY () AS
SELECT image, channel AS class, fan_in - 2 * distance AS total, total * scale + shift AS logit
FROM ({distances}) AS sums
INNER JOIN {prefix}_outputs AS outputs
  ON sums.channel = outputs.channel"""
    return LayerStatement(layer.name, f"{prefix}_logits", sql, {"layer": number})


def _predictions(prefix: str) -> LayerStatement:
    """Return the statement that picks the class with the largest logit."""
    sql = f"""\
CREATE TABLE {prefix}_predictions ENGINE = MergeTree ORDER BY () AS
SELECT image, argMax(class, logit) AS predicted, max(logit) AS highest
FROM {prefix}_logits
GROUP BY image"""
    return LayerStatement("argmax", f"{prefix}_predictions", sql, {})
