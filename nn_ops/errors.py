"""The error codes of nn_ops, from 11,000 on, and the classes that its modules raise."""

from __future__ import annotations

from minidb.extension import ErrorCode, ExtensionError, InternalError

__all__ = [
    "NN_FILE_DAMAGED",
    "NN_FILE_FOREIGN",
    "NN_FILE_IS_NEWER",
    "NN_FILE_UNREADABLE",
    "NN_MODEL_INVALID",
    "NN_MODEL_DAMAGED",
    "NN_MODEL_EXISTS",
    "NN_MODEL_IN_USE",
    "NN_NOT_BINARY",
    "NN_NOT_COVERED",
    "NN_NO_IMAGES",
    "NN_PATCHES_DISAGREE",
    "NN_PLACE_OUTSIDE_WORD",
    "NN_NOT_CONNECTED",
    "NN_NOT_FINITE",
    "NN_PIXEL_OUT_OF_RANGE",
    "NN_SHAPE_MISMATCH",
    "NN_SIGN_OF_ZERO",
    "NN_TABLES_FOREIGN",
    "NN_UNKNOWN_FAMILY",
    "NN_UNKNOWN_NODE",
    "NN_UNKNOWN_FORM",
    "NN_UNKNOWN_MODEL",
    "ErrorCode",
    "ExtensionError",
    "InternalError",
]

NN_FILE_UNREADABLE = ErrorCode(11_000, "NN_FILE_UNREADABLE")
"""A model or data file cannot be opened or read."""
NN_FILE_DAMAGED = ErrorCode(11_001, "NN_FILE_DAMAGED")
"""The bytes are no whole safetensors (or data) file."""
NN_FILE_FOREIGN = ErrorCode(11_002, "NN_FILE_FOREIGN")
"""A whole safetensors file, but none of minidb's networks."""
NN_FILE_IS_NEWER = ErrorCode(11_003, "NN_FILE_IS_NEWER")
"""The file's format version is not one that this release reads."""
NN_MODEL_INVALID = ErrorCode(11_004, "NN_MODEL_INVALID")
"""The manifest or a tensor contradicts the format or another part of the file."""
NN_SHAPE_MISMATCH = ErrorCode(11_005, "NN_SHAPE_MISMATCH")
"""An operand's shape disagrees with the layer it is given to."""
NN_SIGN_OF_ZERO = ErrorCode(11_006, "NN_SIGN_OF_ZERO")
"""A weight is 0, or an attainable activation is too near 0 to have a certain sign."""
NN_NOT_BINARY = ErrorCode(11_007, "NN_NOT_BINARY")
"""A value is neither +1 nor -1 where only these are possible."""
NN_NOT_COVERED = ErrorCode(11_008, "NN_NOT_COVERED")
"""Patches leave out cells of the image, so that the image cannot be recovered from them."""
NN_PATCHES_DISAGREE = ErrorCode(11_009, "NN_PATCHES_DISAGREE")
"""Patches that overlap have different values for one cell: no image has these patches."""
NN_PLACE_OUTSIDE_WORD = ErrorCode(11_010, "NN_PLACE_OUTSIDE_WORD")
"""A bit has no place in the word that it is packed into."""
NN_NOT_CONNECTED = ErrorCode(11_020, "NN_NOT_CONNECTED")
"""The nodes are no graph from one input to one output: unknown or later inputs, equal names."""
NN_UNKNOWN_NODE = ErrorCode(11_021, "NN_UNKNOWN_NODE")
"""A node is of a kind that this release does not know."""
NN_NOT_FINITE = ErrorCode(11_022, "NN_NOT_FINITE")
"""A parameter, or a value that it leads to, is infinite or not a number."""
NN_PIXEL_OUT_OF_RANGE = ErrorCode(11_023, "NN_PIXEL_OUT_OF_RANGE")
"""A pixel is below 0 or above the greatest that the network takes."""
NN_UNKNOWN_MODEL = ErrorCode(11_030, "NN_UNKNOWN_MODEL")
"""The database has no model of that name."""
NN_MODEL_EXISTS = ErrorCode(11_031, "NN_MODEL_EXISTS")
"""The database has a model of that name."""
NN_MODEL_IN_USE = ErrorCode(11_032, "NN_MODEL_IN_USE")
"""Another model extends the one that would be dropped."""
NN_MODEL_DAMAGED = ErrorCode(11_033, "NN_MODEL_DAMAGED")
"""The rows of a model are not those that were stored."""
NN_UNKNOWN_FORM = ErrorCode(11_034, "NN_UNKNOWN_FORM")
"""A model has no form of that name."""
NN_NO_IMAGES = ErrorCode(11_035, "NN_NO_IMAGES")
"""A table has no column of pixels, or not the number of images that is asked for."""
NN_UNKNOWN_FAMILY = ErrorCode(11_024, "NN_UNKNOWN_FAMILY")
"""A family of networks, or a depth of one, that this release does not build."""
NN_TABLES_FOREIGN = ErrorCode(11_036, "NN_TABLES_FOREIGN")
"""The database `models` has tables that are not those of this release."""
