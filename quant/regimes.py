"""Which optimizer and rate a network is trained with, by epoch, as data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeAlias

from quant.errors import QUANT_BAD_OPTION, ExtensionError


@dataclass(frozen=True, slots=True)
class Step:
    """What changes at an epoch; None leaves a setting as it was.

    Attributes
    ----------
    epoch : int
        From 0; the settings hold from the start of this epoch until a later step changes them.
    optimizer : str
        A name of `quant.optimizers.OPTIMIZERS`.
    lr : float
    momentum, weight_decay : float
        Where the optimizer has them.
    betas : (float, float)
        Of Adam and its kin.
    """

    epoch: int
    optimizer: str | None = None
    lr: float | None = None
    momentum: float | None = None
    weight_decay: float | None = None
    betas: tuple[float, float] | None = None


Regime: TypeAlias = tuple[Step, ...]


def falling(first: Step, rates: dict[int, float]) -> Regime:
    """Return a regime that starts with `first` and changes only its rate."""
    return (first, *(Step(epoch, lr=lr) for epoch, lr in rates.items()))


def settings_at(regime: Regime, epoch: int) -> Step:
    """Return all settings that hold in an epoch: those of every step up to it, the latest last.

    Parameters
    ----------
    regime : tuple of Step
        In the order of their epochs.
    epoch : int
        From 0.

    Returns
    -------
    Step
        Its `epoch` is the one asked for.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION when no step says which optimizer and rate the first epoch has.
    """
    held: dict[str, object] = {}
    for step in regime:
        if step.epoch <= epoch:
            told = {field.name: getattr(step, field.name) for field in fields(step)}
            held.update({name: value for name, value in told.items() if value is not None})
    held["epoch"] = epoch
    settings = Step(**held)  # type: ignore[arg-type]  # the fields of Step themselves
    if settings.optimizer is None or settings.lr is None:
        message = f"the regime names no optimizer or rate for epoch {epoch}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    return settings
