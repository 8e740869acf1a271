"""Checkpoints: everything a run needs to go on as if it had never stopped."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import torch
from torch import Tensor, nn

from quant.errors import (
    QUANT_CHECKPOINT_DAMAGED,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_FILE_UNREADABLE,
    ExtensionError,
)
from quant.files import write_whole

FORMAT, VERSION = "minidb-checkpoint", 1
CHECKPOINT_NAME, BEST_NAME = "checkpoint.pt", "model_best.pt"
WANTED: Mapping[str, type | tuple[type, ...]] = {
    "settings": dict, "config": dict, "classes": list, "state_dict": dict, "epoch": int,
    "batch": int, "sums": list, "rows": list, "rng": dict, "optimizer": (dict, type(None)),
    "best_epoch": int, "best_error1": (float, type(None)), "flips": (dict, type(None)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """What a checkpoint's file holds: plain values and tensors, nothing that runs.

    Attributes
    ----------
    settings : dict
        `quant.trainer.settings.as_json` of the run.
    config : dict
        The network's arguments, all of them.
    classes : list of str
    state_dict : dict of str to Tensor
        The network's; of binarized layers, the latent weights.
    epoch : int
        Epochs that are done.
    batch : int
        Batches of the next epoch that are done.
    sums : list of float
        Of these batches.
    rows : list of list
        The rows of the results.
    rng : dict
        States of the random generators.
    optimizer : dict or None
        Name and state.
    best_epoch : int
        0 before the first epoch is judged.
    best_error1 : float or None
        Percent.
    flips : dict or None
        Of `FlipCounter.state`.
    """

    settings: dict[str, Any]
    config: dict[str, Any]
    classes: list[str]
    state_dict: dict[str, Tensor]
    epoch: int
    batch: int
    sums: list[float]
    rows: list[list[float]]
    rng: dict[str, Any]
    optimizer: dict[str, Any] | None
    best_epoch: int
    best_error1: float | None
    flips: dict[str, Any] | None


def write_checkpoint(checkpoint: Checkpoint, paths: list[Path]) -> None:
    """Write a checkpoint to one or more files, each whole or not at all.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    told: dict[str, Any] = {name: getattr(checkpoint, name) for name in WANTED}
    value = {"format": FORMAT, "version": VERSION, "model": told["settings"]["model"], **told}
    first, *others = paths
    write_whole(first, lambda file: torch.save(value, file))
    for path in others:
        with first.open("rb") as source:
            write_whole(path, partial(copyfileobj, source))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint; nothing in the file can run as code.

    Parameters
    ----------
    path : Path
        The file, or the folder of the run.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE, QUANT_CHECKPOINT_DAMAGED with the place of the damage, or
        QUANT_CHECKPOINT_FOREIGN for a file of another kind.
    """
    path = path / CHECKPOINT_NAME if path.is_dir() else path
    check_archive(path)
    try:
        read = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, LookupError, ValueError, TypeError, UnpicklingError) as error:
        first = str(error).partition("\n")[0]
        message = f"{path} is no checkpoint: {first}"
        raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message) from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        message = f"{path} is no checkpoint of minidb"
        raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message)
    if read.get("version") != VERSION:
        message = f"{path} has version {read.get('version')!r} of the format, expected {VERSION}"
        raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message)
    for name, kind in WANTED.items():
        if not isinstance(read.get(name), kind):
            message = f"{path} has no {name!r} of the right kind"
            raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message)
    return Checkpoint(**{name: read[name] for name in WANTED})


UnpicklingError: type[Exception] = torch.serialization.pickle.UnpicklingError  # type: ignore[attr-defined]  # what torch.load raises for anything but data


def check_archive(path: Path) -> None:
    """Check that a file of PyTorch is whole, without unpacking it.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE or QUANT_CHECKPOINT_DAMAGED.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message) from error
    with file:
        size = file.seek(0, 2)
        try:
            with zipfile.ZipFile(file) as archive:
                broken = archive.testzip()
                offset = archive.getinfo(broken).header_offset if broken else 0
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError) as error:
            message = f"{path} ({size} bytes) is damaged or cut off: {error}"
            raise ExtensionError(QUANT_CHECKPOINT_DAMAGED, message) from error
    if broken:
        message = f"{path} is damaged: the part {broken!r} at byte {offset} has another checksum"
        raise ExtensionError(QUANT_CHECKPOINT_DAMAGED, message)


def load_weights(network: nn.Module, state_dict: Mapping[str, Tensor]) -> None:
    """Give a network the weights of a checkpoint.

    Raises
    ------
    ExtensionError
        QUANT_CHECKPOINT_FOREIGN when they are those of another network.
    """
    try:
        network.load_state_dict(state_dict)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        message = f"the checkpoint is of another network: {' '.join(lines[1:3])}"
        raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message) from error
