"""Training of binarized networks with PyTorch, export to model files, and their rebuilding.

Importing this package does not import torch; its modules do, and only they. Names listed here are
fetched from their modules when first used.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "BinActive": "quant.binarize",
    "BinarizeConv2d": "quant.binarize",
    "BinarizeLinear": "quant.binarize",
    "DigitsNetwork": "quant.networks.digits",
    "FlipCounter": "quant.flips",
    "HingeLoss": "quant.losses",
    "SquaredHingeLoss": "quant.losses",
    "binarize_activation": "quant.estimators",
    "binarize_stochastic": "quant.estimators",
    "binarize_weight": "quant.estimators",
    "build": "quant.networks",
    "clamp_latent_weights": "quant.binarize",
    "export_digits": "quant.export",
    "insert_flips": "quant.flips_table",
    "read_checkpoint": "quant.trainer.checkpoint",
    "read_flips": "quant.flips",
    "rebuild_network": "quant.rebuild",
    "restore_network": "quant.trainer.restore",
    "train": "quant.training",
}

__all__ = [
    "BinActive",
    "BinarizeConv2d",
    "BinarizeLinear",
    "DigitsNetwork",
    "FlipCounter",
    "HingeLoss",
    "SquaredHingeLoss",
    "binarize_activation",
    "binarize_stochastic",
    "binarize_weight",
    "build",
    "clamp_latent_weights",
    "export_digits",
    "insert_flips",
    "read_checkpoint",
    "read_flips",
    "rebuild_network",
    "restore_network",
    "train",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'quant' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
