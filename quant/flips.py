"""How often the sign of each binary weight changed while a network was trained.

A weight whose sign keeps changing says little: pruning asks for these counts. They can be kept as
snapshots, subtracted from each other, and put into a database as rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from torch import nn, tensor

from quant.binarize import Binarized, binarized_layers
from quant.errors import (
    QUANT_BAD_OPTION,
    QUANT_CHECKPOINT_DAMAGED,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_FILE_UNREADABLE,
    ExtensionError,
    unknown_name,
)
from quant.files import write_bytes

Counts: TypeAlias = Mapping[str, NDArray[np.int32]]
"""Per layer, shape (filters, fan_in): places in the order (kernel row, kernel column, channel)."""
FORMAT = "minidb-flips"


@dataclass(frozen=True, slots=True, eq=False)
class Flips:
    """The sign changes of every weight after epoch `epoch_from`, up to epoch `epoch_to`.

    Attributes
    ----------
    model : str
    epoch_from, epoch_to : int
        Epoch 0 is the network before its first step.
    counts : mapping of layer to ndarray of int32, shape (filters, fan_in)
        Places in the order (kernel row, kernel column, channel).
    """

    model: str
    epoch_from: int
    epoch_to: int
    counts: Counts

    def __sub__(self, earlier: Flips) -> Flips:
        """Return the changes of these epochs without those of an earlier snapshot.

        Raises
        ------
        ExtensionError
            QUANT_BAD_OPTION when the other is no earlier part of the same run.
        """
        shapes, others = ({k: v.shape for k, v in f.counts.items()} for f in (self, earlier))
        starts_together = self.epoch_from == earlier.epoch_from
        if shapes != others or not starts_together or earlier.epoch_to > self.epoch_to:
            raise ExtensionError(
                QUANT_BAD_OPTION,
                f"the flips of {earlier.model!r} up to epoch {earlier.epoch_to} are no part of "
                f"those of {self.model!r} up to epoch {self.epoch_to}",
            )
        left = {name: self.counts[name] - earlier.counts[name] for name in self.counts}
        return Flips(self.model, earlier.epoch_to, self.epoch_to, left)


class FlipCounter:
    """Counts the sign changes of a network's binary weights from call to call.

    Two signs count as changed when they differ. Where sign(0) is 0, a weight that comes to be
    exactly 0 has changed, and so it has when it leaves 0; one that stays 0 has not.

    Parameters
    ----------
    network : nn.Module
        Its signs now are what the first update compares with.
    layers : iterable of str, optional
        Names of the binarized layers to count; all by default.
    since : int
        The epoch whose end is now; 0 before the first step.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME when there is no such layer.
    """

    def __init__(
        self, network: nn.Module, layers: Iterable[str] | None = None, since: int = 0
    ) -> None:
        self._since = since
        known = dict(binarized_layers(network))
        names = list(known) if layers is None else list(layers)
        for name in names:
            if name not in known:
                raise unknown_name("binarized layer", name, known)
        self._layers: dict[str, Binarized] = {name: known[name] for name in names}
        self._signs = {name: layer.flat_signs() for name, layer in self._layers.items()}
        self._counts = {name: np.zeros(s.shape, np.int32) for name, s in self._signs.items()}

    def update(self) -> None:
        """Compare the signs with those of the last call and count the changes."""
        for name, layer in self._layers.items():
            signs = layer.flat_signs()
            self._counts[name] += signs != self._signs[name]
            self._signs[name] = signs

    def snapshot(self, model: str, epoch: int) -> Flips:
        """Return all changes so far, as of the end of an epoch."""
        counts = {name: one.copy() for name, one in self._counts.items()}
        return Flips(model, self._since, epoch, counts)

    def state(self) -> dict[str, Any]:
        """Return signs and counts by layer, and since when, for a checkpoint."""
        layers = {
            name: {"signs": tensor(self._signs[name]), "counts": tensor(self._counts[name])}
            for name in self._layers
        }
        return {"since": self._since, "layers": layers}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take up signs and counts of a checkpoint.

        Raises
        ------
        ExtensionError
            QUANT_CHECKPOINT_FOREIGN when it counted other layers.
        """
        for name in self._layers:
            kept = state["layers"].get(name)
            if kept is None or kept["signs"].shape != self._signs[name].shape:
                message = f"the checkpoint holds no flips of layer {name!r}"
                raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, message)
            self._signs[name] = kept["signs"].numpy().copy()
            self._counts[name] = kept["counts"].numpy().copy()
        self._since = state["since"]


def write_flips(flips: Flips, path: Path) -> None:
    """Write a snapshot as a safetensors file, whole or not at all.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    facts = {"model": flips.model, "epoch_from": flips.epoch_from, "epoch_to": flips.epoch_to}
    # One entry only: the library writes several in no fixed order.
    write_bytes(path, save(dict(flips.counts), {FORMAT: json.dumps(facts)}))


def read_flips(path: Path) -> Flips:
    """Read a snapshot.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE, QUANT_CHECKPOINT_DAMAGED for no whole safetensors file,
        QUANT_CHECKPOINT_FOREIGN for one that holds no flips.
    """
    try:
        with safe_open(path, "numpy") as file:
            facts = _facts((file.metadata() or {}).get(FORMAT, ""))
            counts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except OSError as error:
        message = f"the flips of {path} cannot be read: {error}"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message) from error
    except SafetensorError as error:
        message = f"{path} is no whole file of flips: {error}"
        raise ExtensionError(QUANT_CHECKPOINT_DAMAGED, message) from error
    if facts is None or any(one.dtype != np.int32 or one.ndim != 2 for one in counts.values()):
        raise ExtensionError(QUANT_CHECKPOINT_FOREIGN, f"{path} holds no flips")
    return Flips(facts["model"], facts["epoch_from"], facts["epoch_to"], counts)


def _facts(text: str) -> dict[str, Any] | None:
    """Return model and epochs of a file, or None when they are not there."""
    try:
        facts = json.loads(text)
    except ValueError:
        return None
    kinds = {"model": str, "epoch_from": int, "epoch_to": int}
    if not isinstance(facts, dict):
        return None
    return facts if all(type(facts.get(name)) is kind for name, kind in kinds.items()) else None
