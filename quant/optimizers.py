"""The optimizers by name, and how the settings of an epoch reach one that is at work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from inspect import signature
from typing import Any

import torch
from torch import nn

from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name
from quant.regimes import Step

OPTIMIZERS: Mapping[str, type[torch.optim.Optimizer]] = {
    "ASGD": torch.optim.ASGD,
    "Adadelta": torch.optim.Adadelta,
    "Adagrad": torch.optim.Adagrad,
    "Adam": torch.optim.Adam,
    "AdamW": torch.optim.AdamW,
    "Adamax": torch.optim.Adamax,
    "RMSprop": torch.optim.RMSprop,
    "Rprop": torch.optim.Rprop,
    "SGD": torch.optim.SGD,
}


def make_optimizer(parameters: Iterable[nn.Parameter], settings: Step) -> torch.optim.Optimizer:
    """Return a new optimizer.

    Parameters
    ----------
    parameters : iterable of Parameter
    settings : Step
        What the optimizer does not have, as momentum of Adam, is left out.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME for the optimizer, QUANT_BAD_OPTION for a value it does not take.
    """
    name = settings.optimizer or ""
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    kind = OPTIMIZERS[name]
    known = signature(kind).parameters
    told = {key: value for key, value in _values(settings).items() if key in known}
    try:
        return kind(parameters, **told)
    except ValueError as error:
        raise ExtensionError(QUANT_BAD_OPTION, f"{name} does not take this: {error}") from error


def adjusted(
    optimizer: torch.optim.Optimizer | None, network: nn.Module, settings: Step, *, anew: bool
) -> torch.optim.Optimizer:
    """Return the optimizer for an epoch: the one at work with new settings, its state kept.

    Parameters
    ----------
    optimizer : Optimizer, optional
        The one of the epoch before.
    network : nn.Module
    settings : Step
    anew : bool
        Whether to begin with an empty state each time, as the original does.

    Raises
    ------
    ExtensionError
        As `make_optimizer`.
    """
    fresh = make_optimizer(network.parameters(), settings)  # also checks the values
    if optimizer is None or anew or type(optimizer) is not type(fresh):
        return fresh
    told = _values(settings)
    for group in optimizer.param_groups:
        group.update({key: value for key, value in told.items() if key in group})
    return optimizer


def _values(settings: Step) -> dict[str, Any]:
    """Return the settings that are numbers and not None."""
    named = {field.name: getattr(settings, field.name) for field in fields(settings)}
    left_out = {"epoch", "optimizer"}
    return {key: value for key, value in named.items() if key not in left_out and value is not None}
