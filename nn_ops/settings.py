"""The session settings that nn_ops adds."""

from __future__ import annotations

from minidb.extension import SettingSpec

LOOKUP_METHOD = SettingSpec(
    "lookup_method",
    "popcount",
    "how lookup counts bits: by the processor, or from a table; the counts are the same",
    choices=("popcount", "table8x8", "table16"),
)

SUMBIN_COMPATIBILITY = SettingSpec(
    "sumbin_compatibility",
    "",
    "'smartlite': sumbin and sumbinWithOverflow of one argument do what the published code does",
    choices=("", "smartlite"),
)

SETTINGS: tuple[SettingSpec, ...] = (LOOKUP_METHOD, SUMBIN_COMPATIBILITY)
