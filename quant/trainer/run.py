"""A training run: epochs of training and judging, saved so that it can go on where it stopped."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from quant.binarize import binarized_layers, clamp_latent_weights
from quant.datasets import Dataset, Split
from quant.errors import QUANT_BAD_OPTION, QUANT_DIVERGED, ExtensionError
from quant.estimators import generator_for, sign_of
from quant.flips import FlipCounter
from quant.freeze import freeze, train_others
from quant.losses import make_loss
from quant.networks import load_family
from quant.networks.options import Options, read_options
from quant.optimizers import adjusted
from quant.regimes import Regime, Step, settings_at
from quant.trainer.batches import Order, evaluation_order, read_batches, training_order
from quant.trainer.checkpoint import Checkpoint, load_weights
from quant.trainer.metrics import Row, Sums, row_of
from quant.trainer.report import Reporter, show
from quant.trainer.settings import Settings, as_json
from quant.trainer.start import start_network
from quant.trainer.stop import Stop

USUAL = Step(0, "SGD", 0.1, momentum=0.9, weight_decay=1e-4)
"""What the optimizer's flags mean where only some of them are given."""


class Stopped(Exception):  # noqa: N818 - it tells of a wish, not of an error
    """The run was asked to stop; it is between two batches."""


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    epoch : int
        Epochs that are done.
    batch : int
        Batches of the next one that are done.
    sums : Sums
        Of these batches.
    rows : list of Row
    best_epoch : int
    best_error1 : float, optional
    """

    epoch: int
    batch: int
    sums: Sums
    rows: list[Row]
    best_epoch: int = 0
    best_error1: float | None = None


class Run:
    """A network, its optimizer, and how far they are.

    Parameters
    ----------
    settings : Settings
    dataset : Dataset
    device : torch.device
    workers : int
        Threads that prepare batches ahead.
    print_freq : int
        Batches from one line of the log to the next.
    """

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        device: torch.device,
        workers: int = 0,
        print_freq: int = 10,
    ) -> None:
        self.settings, self.dataset, self.device = settings, dataset, device
        self.workers, self.print_freq = workers, print_freq
        self.options = network_options(settings, dataset)
        self.loss = make_loss(settings.loss)
        torch.manual_seed(settings.seed)
        family = load_family(settings.model)
        self.network = family.build(self.options).to(device)
        self.frozen = freeze(self.network, settings.freeze)
        self.regime = _regime(settings, family.regime(self.options))
        self.signs = _share_generator(self.network, settings.seed, device)
        self.flips: FlipCounter | None = None
        if settings.flips != "none":
            self.flips = FlipCounter(self.network, settings.flip_layers, settings.start_epoch)
        self.optimizer: torch.optim.Optimizer | None = None
        self.at = Progress(settings.start_epoch, 0, Sums(), [])

    def train_epoch(self, reporter: Reporter, stop: Stop) -> Row:
        """Train and judge one more epoch; or what is left of it.

        Raises
        ------
        Stopped
            When `stop` asked for it; `checkpoint` then holds what is done.
        ExtensionError
            QUANT_DIVERGED when the loss is no longer finite.
        """
        number = self.at.epoch + 1
        settings = settings_at(self.regime, self.at.epoch)
        is_new = self.at.batch == 0
        anew = self.settings.resets_optimizer and is_new
        self.optimizer = adjusted(self.optimizer, self.network, settings, anew=anew)
        reporter.note(f"epoch {number}: {settings.optimizer}, lr {settings.lr:g}")
        self._train_pass(number, reporter, stop)
        validation = self.evaluate(reporter, stop)
        if self.flips is not None and self.settings.flips == "epoch":
            self.flips.update()
        row = row_of(number, self.at.sums, validation)
        self.at.rows.append(row)
        self.at.epoch, self.at.batch, self.at.sums = number, 0, Sums()
        if self.at.best_error1 is None or row.val_error1 < self.at.best_error1:
            self.at.best_epoch, self.at.best_error1 = number, row.val_error1
        reporter.line(describe(row, settings, self.at.best_epoch == number))
        return row

    def evaluate(self, reporter: Reporter, stop: Stop) -> Sums:
        """Return loss and errors on the validation images.

        Raises
        ------
        Stopped
            When `stop` asked for it.
        """
        self.network.eval()
        split, sums = self.dataset.validation, Sums()
        order = evaluation_order(len(split), self.settings.batch_size)
        with torch.no_grad(), reporter.bar("judging ", len(order.batches), 0) as advance:
            for _, pixels, labels in self._batches(split, order, 0, stop):
                logits = self.network(pixels)
                sums.add(float(self.loss(logits, labels)), logits, labels)
                advance(sums)
        return sums

    def checkpoint(self) -> Checkpoint:
        """Return everything that the run needs to go on."""
        cuda = torch.cuda.get_rng_state_all() if self.device.type == "cuda" else []
        signs = self.signs.get_state() if self.signs is not None else None
        optimizer: dict[str, Any] | None = None
        if self.optimizer is not None:
            name = type(self.optimizer).__name__
            optimizer = {"name": name, "state": self.optimizer.state_dict()}
        return Checkpoint(
            settings=as_json(self.settings),
            config=self.options.as_json(),
            classes=list(self.dataset.classes),
            state_dict=self._weights(),
            epoch=self.at.epoch,
            batch=self.at.batch,
            sums=self.at.sums.as_list(),
            rows=[list(astuple(row)) for row in self.at.rows],
            rng={"cpu": torch.get_rng_state(), "cuda": cuda, "signs": signs},
            optimizer=optimizer,
            best_epoch=self.at.best_epoch,
            best_error1=self.at.best_error1,
            flips=self.flips.state() if self.flips is not None else None,
        )

    def start(self, checkpoint: Checkpoint) -> tuple[str, ...]:
        """Take the weights of another run to start with; return the layers that start anew.

        Raises
        ------
        ExtensionError
            As `quant.trainer.start.start_network`.
        """
        anew = start_network(self.network, checkpoint, self.dataset.classes, self.frozen)
        if self.flips is not None:
            self.flips = FlipCounter(self.network, self.settings.flip_layers, self.at.epoch)
        return anew

    def load(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint.

        Raises
        ------
        ExtensionError
            QUANT_CHECKPOINT_FOREIGN when it is of another network.
        """
        load_weights(self.network, checkpoint.state_dict)
        n_images, loss, *right = checkpoint.sums
        sums = Sums(int(n_images), loss, *map(int, right))
        rows = [Row(int(row[0]), *row[1:]) for row in checkpoint.rows]
        self.at = Progress(
            checkpoint.epoch,
            checkpoint.batch,
            sums,
            rows,
            checkpoint.best_epoch,
            checkpoint.best_error1,
        )
        if checkpoint.optimizer is not None:
            before = settings_at(self.regime, max(self.at.epoch - (self.at.batch == 0), 0))
            self.optimizer = adjusted(None, self.network, before, anew=True)
            if type(self.optimizer).__name__ == checkpoint.optimizer["name"]:
                self.optimizer.load_state_dict(checkpoint.optimizer["state"])
        if self.flips is not None:
            # Without the counts of the epochs before, those from here on are counted.
            self.flips = FlipCounter(self.network, self.settings.flip_layers, checkpoint.epoch)
            if checkpoint.flips is not None:
                self.flips.load_state(checkpoint.flips)
        torch.set_rng_state(checkpoint.rng["cpu"])
        if checkpoint.rng["cuda"] and self.device.type == "cuda":
            torch.cuda.set_rng_state_all(checkpoint.rng["cuda"])
        if self.signs is not None and checkpoint.rng["signs"] is not None:
            self.signs.set_state(checkpoint.rng["signs"])

    def _train_pass(self, number: int, reporter: Reporter, stop: Stop) -> None:
        """Train on the batches of an epoch that are left."""
        split, settings = self.dataset.training, self.settings
        order = training_order(len(split), settings.batch_size, settings.seed, number)
        if not order.batches:
            message = f"{len(split)} images are too few to train on"
            raise ExtensionError(QUANT_BAD_OPTION, message)
        train_others(self.network, self.frozen)
        title, n_batches = f"epoch {number:>3}", len(order.batches)
        with reporter.bar(title, n_batches, self.at.batch) as advance:
            for k, pixels, labels in self._batches(split, order, self.at.batch, stop):
                self._step(pixels, labels)
                self.at.batch = k + 1
                advance(self.at.sums)
                if (k + 1) % self.print_freq == 0:
                    reporter.note(
                        f"epoch {number}, batch {k + 1} of {n_batches}: {show(self.at.sums)}"
                    )

    def _step(self, pixels: Tensor, labels: Tensor) -> None:
        """Make one step on the latent weights."""
        assert self.optimizer is not None  # `train_epoch` made it
        logits = self.network(pixels)
        loss = self.loss(logits, labels)
        value = float(loss.detach())
        if not math.isfinite(value):
            where = f"epoch {self.at.epoch + 1}, batch {self.at.batch + 1}"
            hint = "a lower learning rate (--lr) helps; the last checkpoint is still there"
            raise ExtensionError(QUANT_DIVERGED, f"the loss is {value} in {where}", hint=hint)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        clamp_latent_weights(self.network)
        self.at.sums.add(value, logits, labels)
        if self.flips is not None and self.settings.flips == "step":
            self.flips.update()

    def _batches(self, split: Split, order: Order, first: int, stop: Stop) -> Any:
        """Yield number, pixels and labels on the device; stop between two batches."""
        for number, pixels, labels in read_batches(split, order, first, self.workers):
            if stop.is_asked:
                raise Stopped
            yield number, pixels.to(self.device), labels.to(self.device)
        if stop.is_asked:
            raise Stopped

    def _weights(self) -> dict[str, Tensor]:
        """Return the network's state; signs in place of latent weights where that is asked for."""
        state: dict[str, Tensor] = dict(self.network.state_dict())
        if self.settings.keeps_signs_only:
            for name, layer in binarized_layers(self.network):
                state[f"{name}.weight"] = sign_of(layer.weight.detach(), layer.zero)
        return state


def network_options(settings: Settings, dataset: Dataset) -> Options:
    """Return the network's arguments: those given, over what the data set says.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME or QUANT_BAD_OPTION.
    """
    told = {
        "classes": len(dataset.classes),
        "channels": dataset.channels,
        "image_size": dataset.image_size,
        "max_pixel": dataset.max_pixel,
        "mean": dataset.mean,
        "std": dataset.std,
    }
    options = read_options(load_family(settings.model).options, {**told, **settings.arguments})
    if options.classes < len(dataset.classes) or options.channels != dataset.channels:
        message = (
            f"data set {dataset.name!r} has {len(dataset.classes)} classes and "
            f"{dataset.channels} channels, the network {options.classes} and {options.channels}"
        )
        raise ExtensionError(QUANT_BAD_OPTION, message)
    return options


def describe(row: Row, settings: Step, is_best: bool) -> str:
    """Return an epoch as a line for people."""
    return (
        f"epoch {row.epoch}: {settings.optimizer} lr {settings.lr:g} | training loss "
        f"{row.train_loss:.4f}, error {row.train_error1:.2f} % | validation loss "
        f"{row.val_loss:.4f}, error {row.val_error1:.2f} %, top 5 {row.val_error5:.2f} %"
        f"{' | best' if is_best else ''}"
    )


def _regime(settings: Settings, own: Regime) -> Regime:
    """Return the network's own regime, or one step from the flags when any of them was given."""
    told = {
        "optimizer": settings.optimizer,
        "lr": settings.lr,
        "momentum": settings.momentum,
        "weight_decay": settings.weight_decay,
    }
    if all(value is None for value in told.values()):
        return own
    return (USUAL, Step(0, **told))  # type: ignore[arg-type]  # the fields of Step themselves


def _share_generator(network: nn.Module, seed: int, device: torch.device) -> torch.Generator | None:
    """Give all layers that draw their signs one generator on the device, and return it."""
    drawing = [layer for _, layer in binarized_layers(network) if layer.generator is not None]
    if not drawing:
        return None
    shared = generator_for(seed, device)
    for layer in drawing:
        layer.generator = shared
    return shared
