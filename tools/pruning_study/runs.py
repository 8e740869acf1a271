"""The training runs of the study: one for each seed, judged by the held-out third alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

import torch

import minidb
from quant.trainer.checkpoint import CHECKPOINT_NAME, read_checkpoint
from quant.trainer.settings import Place
from quant.trainer.train import flips_path, train

SEEDS = (0, 1, 2, 3, 4)
DATASET = "digits-final"


@dataclass(frozen=True, slots=True)
class Trained:
    """One run.

    Attributes
    ----------
    seed, epochs : int
    accuracy : float
        Percent, on the held-out third, of the network after the last epoch.
    checkpoint, flips : Path
    """

    seed: int
    epochs: int
    accuracy: float
    checkpoint: Path
    flips: Path


def train_seed(seed: int, epochs: int, folder: Path) -> Trained:
    """Train one seed, or take up the run that is there.

    Parameters
    ----------
    seed, epochs : int
    folder : Path
        Of the run.

    Raises
    ------
    MiniDBError
        What training raises.

    Notes
    -----
    One thread: the sums of a step have then one order on every machine of a kind. The last epoch
    counts, not the best: the best would be chosen on the images that it is judged by.
    """
    torch.set_num_threads(1)
    path = folder / CHECKPOINT_NAME
    given = {"model": "digits", "dataset": DATASET, "flips": "step", "seed": seed}
    resume = path if path.exists() else None
    train({**given, "epochs": epochs}, Place(folder=folder, device="cpu"), resume, minidb.connect)
    last = read_checkpoint(path).rows[-1]
    return Trained(seed, epochs, 100 - last[3 + 1], path, flips_path(folder, epochs))


def spread(runs: list[Trained]) -> tuple[float, float]:
    """Return mean and standard deviation of the accuracies, in percent."""
    found = [run.accuracy for run in runs]
    return mean(found), stdev(found)
