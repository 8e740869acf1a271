"""Small training runs, and how two of them are compared; needs PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

import minidb
from quant.trainer.checkpoint import read_checkpoint
from quant.trainer.report import Reporter
from quant.trainer.run import Run
from quant.trainer.settings import Place
from quant.trainer.stop import Stop
from quant.trainer.train import train

SMALL: dict[str, Any] = {
    "model": "digits",
    "arguments": {"width": 0.1},
    "batch_size": 300,
    "seed": 3,
}


def trained(folder: Path, resume: Path | None = None, **given: Any) -> int:
    kept = {} if resume else SMALL
    return train({**kept, **given}, Place(folder=folder), resume, minidb.connect)


def assert_same(one: Any, two: Any) -> None:
    """Compare two checkpoints' values bit for bit."""
    assert type(one) is type(two)
    if isinstance(one, torch.Tensor):
        assert one.dtype == two.dtype
        assert torch.equal(one, two)
    elif isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            assert_same(one[key], two[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            assert_same(left, right)
    else:
        assert one == two


def assert_same_run(one: Path, two: Path) -> None:
    first, second = (read_checkpoint(folder / "checkpoint.pt") for folder in (one, two))
    assert first.settings["epochs"] == second.settings["epochs"]
    for name in ("state_dict", "optimizer", "flips", "rng", "rows", "best_epoch", "best_error1"):
        assert_same(getattr(first, name), getattr(second, name))


def run_epochs(run: Run, until: int, stop: Stop) -> None:
    while run.at.epoch < until:
        run.train_epoch(Reporter(), stop)


class StopAt(Stop):
    """Asks to stop when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    @property
    def is_asked(self) -> bool:  # type: ignore[override]  # computed here
        self.left -= 1
        return self.left < 0
