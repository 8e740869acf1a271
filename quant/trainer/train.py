"""What ``minidb train`` does: make or resume a run, save after each epoch, write what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from minidb.extension import Connection
from quant.datasets import load_dataset
from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name
from quant.flips import Flips, read_flips, write_flips
from quant.flips_table import insert_flips
from quant.freeze import frozen_names
from quant.trainer.checkpoint import (
    BEST_NAME,
    CHECKPOINT_NAME,
    Checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from quant.trainer.metrics import Sums
from quant.trainer.report import Reporter, reporting
from quant.trainer.results import can_draw, draw_curves, write_results
from quant.trainer.run import Run, Stopped
from quant.trainer.settings import DEVICES, Place, Settings, make_settings, with_dataset_layout
from quant.trainer.start import settings_to_start
from quant.trainer.stop import Stop, stop_on_interrupt

Connect = Callable[[str], Connection]
INTERRUPTED = 130


def train(
    given: Mapping[str, Any],
    place: Place,
    resume: Path | None,
    connect: Connect,
    start: Path | None = None,
) -> int:
    """Train a network, or go on with a run.

    Parameters
    ----------
    given : mapping
        The settings that the user gave, by the names of `Settings`.
    place : Place
    resume : Path, optional
        A checkpoint; settings that are not given are those of its run.
    connect : callable
        Opens a database by its path.
    start : Path, optional
        A checkpoint whose network, weights and masks a new run starts with.

    Returns
    -------
    int
        The exit code: 0, or 130 when the user stopped the run; it is saved then.

    Raises
    ------
    MiniDBError
        For unknown names, bad values, damaged files; when the loss is no longer finite.
    """
    kept = read_checkpoint(resume) if resume is not None else None
    if kept is not None and start is not None:
        message = "--resume goes on with a run, --from starts a new one: one of them"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    base = read_checkpoint(start) if start is not None else None
    if base is not None:
        given = settings_to_start(base, given)
    settings = make_settings(kept.settings if kept is not None else {}, given)
    run = prepare(with_dataset_layout(settings), place)
    if kept is not None:
        run.load(kept)
    elif (place.folder / CHECKPOINT_NAME).exists():
        message = f"{place.folder} already holds a run"
        raise ExtensionError(QUANT_BAD_OPTION, message, hint="give --resume, or another --save")
    anew = run.start(base) if base is not None else ()
    with reporting(place.folder) as reporter, stop_on_interrupt() as stop:
        reporter.line(_headline(run, place))
        if base is not None:
            reporter.line(f"weights are those of {start} after epoch {base.epoch}")
        if anew:
            reporter.line(f"starts anew, for the classes are others: {', '.join(anew)}")
        if settings.freeze:
            reporter.line(f"frozen: {', '.join(frozen_names(run.network, settings.freeze))}")
        is_whole = _epochs(run, place, reporter, stop)
        _finish(run, place, reporter, connect)
        if not is_whole:
            again = f"go on with: minidb train --resume {place.folder / CHECKPOINT_NAME}"
            reporter.line(f"stopped in epoch {run.at.epoch + 1}, saved; {again}")
    return 0 if is_whole else INTERRUPTED


def evaluate(given: Mapping[str, Any], place: Place, path: Path) -> Sums:
    """Return loss and errors of a checkpoint on the validation images, and print them.

    Parameters
    ----------
    given : mapping
        Settings over those of the checkpoint, such as another data set.
    place : Place
    path : Path

    Raises
    ------
    MiniDBError
        As `train`.
    """
    kept = read_checkpoint(path)
    run = prepare(with_dataset_layout(make_settings(kept.settings, given)), place)
    run.load(kept)
    reporter = Reporter()
    with stop_on_interrupt() as stop:
        sums = run.evaluate(reporter, stop)
    reporter.line(
        f"{path} after epoch {kept.epoch}, on {sums.n_images} images of "
        f"{run.dataset.name}: loss {sums.mean_loss:.4f}, error {sums.error1:.2f} %, "
        f"top 5 {sums.error5:.2f} %, right {sums.n_right} of {sums.n_images}"
    )
    return sums


def prepare(settings: Settings, place: Place) -> Run:
    """Read the data and build the network.

    Raises
    ------
    MiniDBError
        As `train`.
    """
    device = find_device(place.device)
    dataset = load_dataset(settings.dataset, place.data_root, settings.image_size)
    return Run(settings, dataset, device, place.workers, place.print_freq)


def find_device(name: str) -> torch.device:
    """Return the device of a name; 'auto' takes a GPU when there is one.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME, or QUANT_BAD_OPTION when there is no GPU.
    """
    if name not in DEVICES:
        raise unknown_name("device", name, DEVICES)
    has_gpu = torch.cuda.is_available()
    if name == "cuda" and not has_gpu:
        raise ExtensionError(QUANT_BAD_OPTION, "there is no CUDA device here", hint="--device cpu")
    is_gpu = has_gpu and name != "cpu"
    # On a GPU some kernels have no form that repeats its result; on the processor all used have.
    torch.use_deterministic_algorithms(not is_gpu)
    return torch.device("cuda" if is_gpu else "cpu")


def _epochs(run: Run, place: Place, reporter: Reporter, stop: Stop) -> bool:
    """Run the epochs that are left; return whether the run came to its end."""
    while run.at.epoch < run.settings.epochs:
        try:
            run.train_epoch(reporter, stop)
        except Stopped:
            write_checkpoint(run.checkpoint(), [place.folder / CHECKPOINT_NAME])
            return False
        save_epoch(run, place.folder)
    return True


def save_epoch(run: Run, folder: Path) -> Checkpoint:
    """Write checkpoint, best model, results and flips of the epoch that just ended.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    checkpoint, epoch = run.checkpoint(), run.at.epoch
    paths = [folder / CHECKPOINT_NAME]
    if run.at.best_epoch == epoch:
        paths.append(folder / BEST_NAME)
    is_snapshot = epoch in run.settings.snapshots or epoch == run.settings.epochs
    if run.flips is not None and is_snapshot:
        write_flips(run.flips.snapshot(run.settings.model, epoch), flips_path(folder, epoch))
    write_results(run.at.rows, folder)
    write_checkpoint(checkpoint, paths)
    return checkpoint


def flips_path(folder: Path, epoch: int) -> Path:
    """Return the file of the flips after an epoch."""
    return folder / f"flips_{epoch:04d}.safetensors"


def _finish(run: Run, place: Place, reporter: Reporter, connect: Connect) -> None:
    """Draw the curves and put the flips into the database."""
    if run.at.rows and can_draw():
        draw_curves(run.at.rows, place.folder)
    elif run.at.rows:
        reporter.line("no curves were drawn: pip install 'minidb-nn[plot]'")
    if place.database is not None and run.flips is not None:
        connection = connect(place.database)
        try:
            n_rows = insert_flips(connection, flip_parts(place.folder, run.at.epoch), place.folder)
        finally:
            connection.close()
        reporter.line(f"{n_rows} rows of sign changes are in table flips of {place.database}")
    if run.at.best_error1 is not None:
        reporter.line(f"best: epoch {run.at.best_epoch}, error {run.at.best_error1:.2f} %")


def flip_parts(folder: Path, until: int) -> list[Flips]:
    """Return the flips from snapshot to snapshot, so that sums of rows give any longer part.

    Raises
    ------
    ExtensionError
        What `read_flips` raises.
    """
    kept = [read_flips(path) for path in sorted(folder.glob("flips_*.safetensors"))]
    kept = [one for one in kept if one.epoch_to <= until and one.epoch_from == kept[-1].epoch_from]
    return [*kept[:1], *(later - before for before, later in pairwise(kept))]


def _headline(run: Run, place: Place) -> str:
    n_parameters = sum(one.numel() for one in run.network.parameters())
    return (
        f"{run.settings.model}: {n_parameters:,} parameters, data set {run.dataset.name}: "
        f"{len(run.dataset.training)} images to train on, {len(run.dataset.validation)} to judge "
        f"by; {run.device.type}; {place.folder}"
    )
