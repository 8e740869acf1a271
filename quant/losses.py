"""The losses that networks are trained with: cross-entropy, hinge, squared hinge."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name


def signed_targets(logits: Tensor, target: Tensor) -> Tensor:
    """Return targets of +1 for the class and -1 for all others.

    Parameters
    ----------
    logits : Tensor, floating point, shape (n, classes)
    target : Tensor
        Labels, int64 (n,); or targets of ±1 already, shape (n, classes).

    Returns
    -------
    Tensor, dtype and shape of `logits`
    """
    if target.shape == logits.shape:
        return target.to(logits.dtype)
    if target.shape != logits.shape[:1]:
        raise ExtensionError(
            QUANT_BAD_OPTION,
            f"targets of shape {tuple(target.shape)} do not fit logits of {tuple(logits.shape)}",
        )
    return torch.full_like(logits, -1.0).scatter(1, target[:, None], 1.0)


class HingeLoss(nn.Module):
    """``mean(max(0, margin - y * t))`` over all images and classes.

    Parameters
    ----------
    margin : float
    """

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the loss; see `signed_targets` for the target's forms."""
        return (self.margin - logits * signed_targets(logits, target)).clamp(min=0).mean()


class SquaredHingeLoss(nn.Module):
    """``mean(max(0, margin - y * t) ** 2)`` over all images and classes.

    Parameters
    ----------
    margin : float
    """

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the loss; see `signed_targets` for the target's forms."""
        short = (self.margin - logits * signed_targets(logits, target)).clamp(min=0)
        return short.square().mean()


LOSSES: Mapping[str, Callable[[], nn.Module]] = {
    "cross_entropy": nn.CrossEntropyLoss,
    "hinge": HingeLoss,
    "squared_hinge": SquaredHingeLoss,
}


def make_loss(name: str) -> nn.Module:
    """Return the loss of a name.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME.
    """
    if name not in LOSSES:
        raise unknown_name("loss", name, LOSSES)
    return LOSSES[name]()
