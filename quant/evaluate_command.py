"""``minidb evaluate``: a model in the database and PyTorch on the same images, one by one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from minidb.extension import Connection
from quant.datasets import DATASETS
from quant.needs_torch import check_torch

EXIT_DIFFERENT = 1


@dataclass(frozen=True, slots=True)
class Evaluate:
    """The subcommand."""

    help: str = "the accuracy of a model in the database, and in PyTorch, on the same images"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument("model", help="a model of the database")
        parser.add_argument(
            "--dataset", metavar="NAME", help=f"{', '.join(DATASETS)} (default: the model's own)"
        )
        parser.add_argument(
            "--data", type=Path, default=Path("data"), metavar="DIR",
            help="where the data sets' folders are (default: data)",
        )  # fmt: skip
        parser.add_argument(
            "--against", type=Path, metavar="NET.PT",
            help="a checkpoint; without it, the network rebuilt from the model",
        )  # fmt: skip

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Compare, print both accuracies, and return 0, or 1 when an image's class differs.

        Raises
        ------
        MiniDBError
            For unknown names, missing or damaged files; QUANT_NO_TORCH.
        """
        check_torch("comparing with PyTorch")
        connection = connect(args.db)
        try:
            evaluate = import_module("quant.evaluate").evaluate
            result = evaluate(connection, args.model, args.dataset, args.data, args.against)
        finally:
            connection.close()
        sys.stdout.write(f"{result}\n")
        return EXIT_DIFFERENT if result.n_different else 0


EVALUATE = Evaluate()
