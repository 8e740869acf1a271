"""The check that PyTorch is there, for commands that start without importing it."""

from __future__ import annotations

from importlib.util import find_spec

from quant.errors import QUANT_NO_TORCH, ExtensionError


def check_torch(what: str) -> None:
    """Raise unless PyTorch is installed.

    Parameters
    ----------
    what : str
        What needs it.

    Raises
    ------
    ExtensionError
        QUANT_NO_TORCH.
    """
    if find_spec("torch") is None:
        hint = "pip install 'minidb-nn[torch]'"
        raise ExtensionError(QUANT_NO_TORCH, f"{what} needs PyTorch", hint=hint)
