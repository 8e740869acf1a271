"""The error codes of quant, from 12,000 on, and the class that its modules raise."""

from __future__ import annotations

from collections.abc import Iterable

from minidb.extension import ErrorCode, ExtensionError, InternalError, did_you_mean

__all__ = [
    "QUANT_BAD_OPTION",
    "QUANT_CHECKPOINT_DAMAGED",
    "QUANT_CHECKPOINT_FOREIGN",
    "QUANT_DIVERGED",
    "QUANT_FILE_UNREADABLE",
    "QUANT_NO_GRAPH",
    "QUANT_NO_TORCH",
    "QUANT_UNKNOWN_NAME",
    "ErrorCode",
    "ExtensionError",
    "InternalError",
    "unknown_name",
]

QUANT_UNKNOWN_NAME = ErrorCode(12_000, "QUANT_UNKNOWN_NAME")
"""There is no network, data set, optimizer, loss, layer or option of this name."""
QUANT_BAD_OPTION = ErrorCode(12_001, "QUANT_BAD_OPTION")
"""An option's value has the wrong type, is out of range, or contradicts another."""
QUANT_FILE_UNREADABLE = ErrorCode(12_002, "QUANT_FILE_UNREADABLE")
"""A file of training cannot be opened, read or written."""
QUANT_CHECKPOINT_DAMAGED = ErrorCode(12_003, "QUANT_CHECKPOINT_DAMAGED")
"""The bytes are no whole checkpoint."""
QUANT_CHECKPOINT_FOREIGN = ErrorCode(12_004, "QUANT_CHECKPOINT_FOREIGN")
"""A whole file of PyTorch, but no checkpoint of this network."""
QUANT_DIVERGED = ErrorCode(12_005, "QUANT_DIVERGED")
"""The loss is no longer finite."""
QUANT_NO_TORCH = ErrorCode(12_006, "QUANT_NO_TORCH")
"""PyTorch is not installed."""
QUANT_NO_GRAPH = ErrorCode(12_020, "QUANT_NO_GRAPH")
"""A part of a PyTorch network has no form in the database."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ExtensionError:
    """Return the error for a name that is not known, with the nearest one or all of them."""
    names = sorted(known)
    hint = did_you_mean(name, names) or f"there are: {', '.join(names)}"
    return ExtensionError(QUANT_UNKNOWN_NAME, f"no {kind} named {name!r}", hint=hint)
