"""One training run of the digits network, repeatable bit for bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from quant.augment import Distortion, distort
from quant.binarize import clamp_latent_weights
from quant.networks.digits import DigitsNetwork, DigitsShape


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides a run, apart from the images.

    Attributes
    ----------
    seed : int
    epochs : int
    batch_size : int
        Images; the last part of an epoch that does not fill a batch is left out.
    learning_rate : float
        Of Adam, at the start; it falls along half a cosine to nearly 0.
    averaging : float
        Share of the running average of the parameters that one step keeps.
    shape : DigitsShape
    distortion : Distortion
    """

    seed: int
    epochs: int = 300
    batch_size: int = 64
    learning_rate: float = 5e-3
    averaging: float = 0.98
    shape: DigitsShape = field(default_factory=DigitsShape)
    distortion: Distortion = field(default_factory=Distortion)


Progress = Callable[[int, float], None]
"""Called after each epoch with its number, from 1, and its mean loss."""


def train(images: Tensor, labels: Tensor, recipe: Recipe, progress: Progress) -> DigitsNetwork:
    """Train one network and return it in double precision and eval mode.

    Parameters
    ----------
    images : Tensor of float32, shape (n, 8, 8)
        Pixels 0..16.
    labels : Tensor of int64, shape (n,)
    recipe : Recipe
    progress : callable

    Returns
    -------
    DigitsNetwork
        The running average of the parameters, its batch statistics measured again.

    Notes
    -----
    Single steps flip the signs of many weights whose latent value is near 0; the signs of a running
    average flip far less, and such a network answers better. Its batch statistics are not those of
    the steps, so they are measured on the undistorted training images, in double precision.
    """
    make_deterministic(recipe.seed)
    generator = torch.Generator().manual_seed(recipe.seed)
    network = DigitsNetwork(recipe.shape)
    average = copy.deepcopy(network)
    optimizer = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate)
    for epoch in range(recipe.epochs):
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, epoch)
        order = torch.randperm(len(images), generator=generator)
        losses = []
        for start in range(0, len(images) - recipe.batch_size + 1, recipe.batch_size):
            rows = order[start : start + recipe.batch_size]
            batch = distort(images[rows], recipe.distortion, generator)
            losses.append(_step(network, optimizer, batch, labels[rows]))
            _move_average(average, network, recipe.averaging)
        progress(epoch + 1, math.fsum(losses) / max(len(losses), 1))
    average.double()
    measure_batch_statistics(average, images.double())
    return average


def make_deterministic(seed: int) -> None:
    """Seed torch and pin it to one thread and to algorithms that repeat their results.

    Parameters
    ----------
    seed : int
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def measure_batch_statistics(network: nn.Module, images: Tensor) -> None:
    """Set every batch norm's mean and variance to those of `images`, and switch to eval mode.

    Parameters
    ----------
    network : nn.Module
    images : Tensor, dtype of the network, shape (n, 8, 8)
    """
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # one pass over everything: the plain statistics
    network.train()
    with torch.no_grad():
        network(images)
    network.eval()


def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of images, 0..1, whose largest logit is that of their label.

    Parameters
    ----------
    network : nn.Module
        In eval mode and double precision.
    images : Tensor of float32, shape (n, 8, 8)
    labels : Tensor of int64, shape (n,)
    """
    with torch.no_grad():
        answers = network(images.double()).argmax(dim=1)
    return float((answers == labels).double().mean())


def _learning_rate(recipe: Recipe, epoch: int) -> float:
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * epoch / recipe.epochs)) + 1e-5


def _step(
    network: DigitsNetwork, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor
) -> float:
    """Make one step on the latent weights and return the loss before it."""
    loss = functional.cross_entropy(network(images), labels)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch has no types here
    optimizer.step()
    clamp_latent_weights(network)
    return float(loss.detach())


def _move_average(average: nn.Module, network: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for mean, value in zip(average.parameters(), network.parameters(), strict=True):
            mean.mul_(keep).add_(value, alpha=1 - keep)
