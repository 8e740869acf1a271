"""Training of binarized networks with PyTorch, export to model files, and their rebuilding.

Importing this package does not import torch; its modules do, and only they. Names listed here are
fetched from their modules when first used.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "DigitsNetwork": "quant.networks.digits",
    "export_digits": "quant.export",
    "rebuild_network": "quant.rebuild",
    "train": "quant.training",
}

__all__ = ["DigitsNetwork", "export_digits", "rebuild_network", "train"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'quant' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
