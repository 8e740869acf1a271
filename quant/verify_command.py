"""``minidb verify``: a model's fused form beside an independent run of the same network."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Connection
from nn_ops import reference
from nn_ops.compare import Comparison, compare
from nn_ops.executor import trace
from nn_ops.export_command import SHIPPED, find_network
from nn_ops.graph import Network, shapes_of
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model

EXIT_DIFFERENT = 1
N_IMAGES, N_IMAGES_BY_LOOPS = 100, 2

Trace = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Verify:
    """The subcommand."""

    help: str = "compare a model, layer by layer, with PyTorch or with plain loops"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "model",
            nargs="?",
            help="a model of the database or a model file; without it, every shipped model",
        )
        parser.add_argument(
            "--against",
            metavar="NET.PT",
            help="a checkpoint of minidb train; without it, the network rebuilt from the model",
        )
        parser.add_argument(
            "--images",
            type=int,
            metavar="N",
            help=f"random images (default: {N_IMAGES}, by plain loops {N_IMAGES_BY_LOOPS})",
        )
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the images")

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Compare, say what came out, and return 0, or 1 when something differs; errors go through.

        The exit code is 2 when the arguments contradict each other.
        """
        if args.against is not None and args.model is None:
            sys.stderr.write("minidb verify: --against needs a model\n")
            return 2
        if args.images is not None and args.images < 1:
            sys.stderr.write("minidb verify: --images is 1 or more\n")
            return 2
        connection = connect(args.db)
        try:
            network, name = (
                find_network(args.model, connection)
                if args.model is not None
                else (load_shipped_model(), SHIPPED)
            )
        finally:
            connection.close()
        comparison, told = verify(network, args.against, args.images, args.seed)
        sys.stdout.write(f"{name}: {told}\n{outcome(comparison)}\n")
        return 0 if comparison.is_equal else EXIT_DIFFERENT


COMMAND = Verify()


def verify(
    network: Network, against: str | None, n_images: int | None, seed: int
) -> tuple[Comparison, str]:
    """Run a network's fused form and an independent form on random images.

    Parameters
    ----------
    network : Network
    against : str or None
        The path of a checkpoint; without it the other form is made from the network itself: by
        PyTorch where it is installed, else by plain loops.
    n_images : int or None
    seed : int

    Returns
    -------
    Comparison
    str
        What it was compared with, in words.

    Raises
    ------
    ExtensionError
        What `lower` and `trace` raise; what reading the checkpoint raises.
    """
    has_torch = find_spec("torch") is not None
    count = n_images or (N_IMAGES if has_torch or against else N_IMAGES_BY_LOOPS)
    pixels = random_pixels(network, count, seed)
    if against is not None:
        expected = import_module("quant.verify").trace_checkpoint(against, pixels)
        told = f"the network in the database beside PyTorch running {against!r}"
    elif has_torch:
        expected = import_module("quant.verify").trace_rebuilt(network, pixels)
        told = "the fused form beside PyTorch, rebuilt from the model in double precision"
    else:
        expected = trace_by_loops(network, pixels)
        told = "the fused form beside plain loops (PyTorch is not installed)"
    program = lower(network)
    comparison = compare(program, trace(program, pixels), expected)
    return comparison, f"{told}, {count} random images (seed {seed})"


def random_pixels(network: Network, n_images: int, seed: int) -> NDArray[np.int64]:
    """Return random images of a network's size."""
    image = network.image
    size = (n_images, image.shape.height, image.shape.width, image.shape.channels)
    return np.random.default_rng(seed).integers(0, image.max_pixel + 1, size)


def trace_by_loops(network: Network, pixels: NDArray[np.int64]) -> Trace:
    """Return what every node gives, by `nn_ops.reference`."""
    rows = [reference.trace(network, image.reshape(-1).tolist()) for image in pixels]
    shapes = shapes_of(network)
    return {
        name: np.array([reference.values_of(row[name]) for row in rows]).reshape(
            len(rows), shape.height, shape.width, shape.channels
        )
        for name, shape in shapes.items()
    }


def outcome(comparison: Comparison) -> str:
    """Return a comparison's result in words."""
    lines = [f"compared: {', '.join(comparison.compared) or 'nothing'}"]
    if comparison.missing:
        lines.append(f"not told by the other side: {', '.join(comparison.missing)}")
    if comparison.difference is not None:
        lines.append(f"first difference: {comparison.difference}")
    elif comparison.is_equal:
        lines.append("no difference in these: signs identical, reals within 1e-9")
    else:
        lines.append("the logits were not compared, so nothing is shown")
    return "\n".join(lines)
