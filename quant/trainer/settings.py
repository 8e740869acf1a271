"""Everything that decides a training run; read before PyTorch is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from quant.datasets import find_dataset
from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name
from quant.networks import NETWORKS, find_network

SNAPSHOT_EPOCHS = (
    *(1, 10, 15, 20, 25, 30, 40, 50, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200),
    *(250, 300),
)
"""The epochs after which the original kept its flips."""
COUNTING = ("epoch", "step", "none")
DEVICES = ("auto", "cpu", "cuda")
LEAST: Mapping[str, int] = {
    "epochs": 1, "batch_size": 1, "seed": 0, "start_epoch": 0, "image_size": 1,
}  # fmt: skip
SEED_END = 2**63
LISTS = ("flip_layers", "freeze", "snapshots")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run is made of.

    Attributes
    ----------
    model : str
        A name of `quant.networks.NETWORKS`.
    arguments : mapping
        Of the network, as the user gave them.
    dataset : str
        A name of `quant.datasets.DATASETS`.
    image_size : int, optional
        Rows and columns that images are to have, instead of the data set's usual ones.
    epochs : int
        The number of the last epoch; epochs count from 1.
    start_epoch : int
        How many epochs to leave out at the start.
    batch_size : int
    loss : str
        A name of `quant.losses.LOSSES`.
    seed : int
    optimizer, lr, momentum, weight_decay
        Of one optimizer for all epochs; where all are None, the network's own regime holds.
    resets_optimizer : bool
        As in the original: the optimizer begins anew in each epoch.
    keeps_signs_only : bool
        As in the original: checkpoints hold signs in place of latent weights.
    flips : 'epoch', 'step' or 'none'
        When signs are compared.
    flip_layers : tuple of str, optional
        Whose signs; by default those of every binarized layer.
    freeze : tuple of str
        Layers that training leaves as they are, by the names of `quant.freeze.frozen_names`.
    snapshots : tuple of int
        The epochs after which flips are written to a file; the last epoch always is one.
    """

    model: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    dataset: str
    image_size: int | None = None
    epochs: int
    start_epoch: int = 0
    batch_size: int = 256
    loss: str = "cross_entropy"
    seed: int = 0
    optimizer: str | None = None
    lr: float | None = None
    momentum: float | None = None
    weight_decay: float | None = None
    resets_optimizer: bool = False
    keeps_signs_only: bool = False
    flips: str = "epoch"
    flip_layers: tuple[str, ...] | None = None
    freeze: tuple[str, ...] = ()
    snapshots: tuple[int, ...] = SNAPSHOT_EPOCHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a run happens; the result does not depend on it, apart from the device.

    Attributes
    ----------
    folder : Path
        For checkpoints, results, curves, flips and the log.
    data_root : Path
        The folder of the data sets.
    device : 'auto', 'cpu' or 'cuda'
        'auto' takes a GPU when there is one.
    workers : int
        Threads that prepare batches ahead; with 0, each is made when it is needed.
    print_freq : int
        Batches from one line of the log to the next.
    database : str, optional
        Where the flips go as rows.
    """

    folder: Path
    data_root: Path = Path("data")
    device: str = "auto"
    workers: int = 0
    print_freq: int = 10
    database: str | None = None


def make_settings(kept: Mapping[str, Any], given: Mapping[str, Any]) -> Settings:
    """Return the settings of a run: those given, over those kept in a checkpoint, over defaults.

    Parameters
    ----------
    kept : mapping
        `as_json` of the run that goes on; empty for a new one.
    given : mapping
        By the fields' names.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME or QUANT_BAD_OPTION.
    """
    if kept and given.get("model", kept["model"]) != kept["model"]:
        message = f"the checkpoint is of network {kept['model']!r}, not {given['model']!r}"
        raise ExtensionError(QUANT_BAD_OPTION, message, hint="leave --model out")
    told = {**kept, **given}
    if "model" not in told:
        hint = f"give --model, one of {', '.join(NETWORKS)}"
        raise ExtensionError(QUANT_BAD_OPTION, "no network was named", hint=hint)
    entry = find_network(told["model"])
    told.setdefault("dataset", entry.dataset)
    told.setdefault("epochs", entry.epochs)
    told.setdefault("batch_size", entry.batch_size)
    for name in LISTS:
        if told.get(name) is not None:
            told[name] = tuple(told[name])
    settings = Settings(**told)
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse names that are not known and numbers that are out of range.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME or QUANT_BAD_OPTION.
    """
    find_dataset(settings.dataset)
    if settings.flips not in COUNTING:
        raise unknown_name("way to count flips", settings.flips, COUNTING)
    for name, least in LEAST.items():
        value = getattr(settings, name)
        if value is not None and value < least:
            message = f"{name} is {least} or more, not {value}"
            raise ExtensionError(QUANT_BAD_OPTION, message)
    if settings.seed >= SEED_END:
        raise ExtensionError(QUANT_BAD_OPTION, f"seed is below {SEED_END}, not {settings.seed}")


def as_json(settings: Settings) -> dict[str, Any]:
    """Return the settings as values of JSON."""
    values = {one.name: getattr(settings, one.name) for one in fields(settings)}
    values["arguments"] = dict(settings.arguments)
    for name in LISTS:
        if values[name] is not None:
            values[name] = list(values[name])
    return values


def with_dataset_layout(settings: Settings) -> Settings:
    """Return the settings with ResNet's layout for the data set, unless it was given."""
    if settings.model != "resnet_binary" or "layout" in settings.arguments:
        return settings
    layout = "imagenet" if settings.dataset.startswith("imagenet") else "cifar"
    return replace(settings, arguments={**settings.arguments, "layout": layout})
