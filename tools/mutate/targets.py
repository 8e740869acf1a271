"""Which modules are made wrong, which tests must notice, and which mistakes are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

UNIT = "tests/unit/nn_ops/"
LOOPS = UNIT + "test_products_by_loops.py"
PACKED = "tests/properties/test_packed_products.py"


@dataclass(frozen=True, slots=True)
class Target:
    """A module and the fast tests that guard it.

    Attributes
    ----------
    module : str
        Its dotted name.
    tests : tuple of str
        What pytest is given; the one that notices most comes first.
    """

    module: str
    tests: tuple[str, ...]


TARGETS = (
    Target("nn_ops.conventions", (UNIT + "test_conventions.py",)),
    Target("nn_ops.geometry", (UNIT + "test_limits.py", UNIT + "test_geometry.py")),
    Target("nn_ops.limits", (UNIT + "test_limits.py",)),
    Target("nn_ops.pooling", (UNIT + "test_pooling.py",)),
    Target("nn_ops.first_layer", (UNIT + "test_first_layer.py",)),
    Target("nn_ops.residual", (UNIT + "test_residual.py",)),
    Target("nn_ops.reshape", (LOOPS, UNIT + "test_reshape.py", PACKED)),
    Target("nn_ops.binary_conv", (LOOPS, UNIT + "test_binary_conv.py", PACKED)),
    Target("nn_ops.xnor", (UNIT + "test_xnor.py", LOOPS)),
    Target("nn_ops.sparse_product", (UNIT + "test_xnor.py", LOOPS)),
    Target("nn_ops.lower", (UNIT + "test_lower.py",)),
    Target("nn_ops.executor", (UNIT + "test_executor.py",)),
    Target(
        "nn_ops.validate",
        (UNIT + "test_model_file_parts.py", UNIT + "test_validate.py"),
    ),
    Target("nn_ops.lookup", (UNIT + "test_lookup.py",)),
    Target("nn_ops.lookup_tables", (UNIT + "test_lookup.py",)),
    Target("nn_ops.sumbin_bits", (UNIT + "test_sumbin_bits.py", UNIT + "test_sumbin.py")),
)

Key: TypeAlias = tuple[str, str, str, str]
"""Module, function, before and after."""

CHOICE = "where certainty ends is a choice"
MORE = "more rows are read than any position needs"
SIGN = "NumPy shifts the sign in beyond the width, too"
SPEED = "it decides how fast, not what"

EQUIVALENT: dict[Key, str] = {
    (
        "nn_ops.binary_conv",
        "_decide",
        "product.output.cells < product.output.channels // product.groups",
        "product.output.cells <= product.output.channels // product.groups",
    ): SPEED,
    (
        "nn_ops.binary_conv",
        "_bounds_by_filter",
        "by_filter.shape[0] * classes.size <= BOUNDS_AT_ONCE",
        "by_filter.shape[0] * classes.size < BOUNDS_AT_ONCE",
    ): SPEED,
    ("nn_ops.binary_conv", "_parts", "n_bands == 1", "n_bands != 1"): SPEED,
    (
        "nn_ops.first_layer",
        "_exact_dtype",
        "greatest * terms < EXACT_IN_FLOAT32",
        "greatest * terms <= EXACT_IN_FLOAT32",
    ): "2**24 itself is a float32 too",
    (
        "nn_ops.limits",
        "_Chain.evaluate",
        "values < -CERTAINTY * sizes",
        "values <= -CERTAINTY * sizes",
    ): CHOICE,
    (
        "nn_ops.limits",
        "_Chain.evaluate",
        "np.abs(values) - 1 > CERTAINTY * sizes",
        "np.abs(values) - 1 >= CERTAINTY * sizes",
    ): CHOICE,
    (
        "nn_ops.reshape",
        "_band",
        "rows.stop - 1 - rows.start",
        "rows.stop - 1 + rows.start",
    ): MORE,
    ("nn_ops.reshape", "_band", "window.kernel[0] - 1", "window.kernel[0] + 1"): MORE,
    ("nn_ops.reshape", "_band", "window.taps == 1", "window.taps != 1"): SPEED,
    (
        "nn_ops.sparse_product",
        "sparse_distances",
        "m < FEW_PATCHES",
        "m <= FEW_PATCHES",
    ): SPEED,
    ("nn_ops.sparse_product", "_tile_by_filter", "n <= 0", "n < 0"): SPEED,
    (
        "nn_ops.sparse_product",
        "_tile_by_filter",
        "n_pending + 1",
        "n_pending - 1",
    ): "it counts the same three steps down instead of up",
    ("nn_ops.lookup", "words_of", "LANE_BITS - 1", "LANE_BITS + 1"): SIGN,
    ("nn_ops.lookup", "words_of", "LANE_BITS - 1", "LANE_BITS - 0"): SIGN,
    ("nn_ops.lookup", "_number_words", "n_bits <= LANE_BITS", "n_bits < LANE_BITS"): SPEED,
    (
        "nn_ops.lookup",
        "_number_words",
        "8 * values.itemsize - 1",
        "8 * values.itemsize + 1",
    ): SIGN,
    (
        "nn_ops.lookup",
        "_number_words",
        "8 * values.itemsize - 1",
        "8 * values.itemsize - 0",
    ): SIGN,
    (
        "nn_ops.sumbin_bits",
        "sums_before",
        "groups[1:] < groups[:-1]",
        "groups[1:] <= groups[:-1]",
    ): SPEED,
    ("nn_ops.reshape", "_band", "rows.stop - 1", "rows.stop + 1"): MORE,
    (
        "nn_ops.binary_conv",
        "distances",
        "to.size // output.channels >= output.channels // product.groups",
        "to.size // output.channels > output.channels // product.groups",
    ): SPEED,
    ("nn_ops.binary_conv", "_pack_filters", "np.all", "np.any"): SPEED,
    (
        "nn_ops.binary_conv",
        "_decide",
        "limits.polarity < 0",
        "limits.polarity <= 0",
    ): "a polarity is +1 or -1",
    (
        "nn_ops.binary_conv",
        "_bounds_by_filter",
        "stop - start",
        "stop + start",
    ): "the same row, repeated more often than it is read",
    (
        "nn_ops.binary_conv",
        "_decided",
        "m < filters // product.groups",
        "m <= filters // product.groups",
    ): SPEED,
    ("nn_ops.binary_conv", "_decided", "start < stop", "start <= stop"): SPEED,
}
"""Mistakes that change no result, and why."""
