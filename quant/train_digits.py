"""Train the digits network: ``python -m quant.train_digits --seed N [--split all] [--out FILE]``.

The last third of the digits is held out; nothing is chosen by looking at it. ``--split validation``
(the default) trains on the first 898 images and answers on the next 300: seeds, epochs and shapes
are compared there. ``--split all`` trains on all 1,198 and answers on the 599 held out.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

try:
    import torch
except ModuleNotFoundError as missing:
    raise SystemExit("training needs PyTorch: pip install '.[torch]'") from missing
from torch import Tensor

from nn_ops.digits import HEIGHT, WIDTH, Digits, load_digits
from nn_ops.errors import ExtensionError
from nn_ops.graph import JsonValue
from nn_ops.model_file import write_network
from quant.export import export_digits
from quant.training import Recipe, accuracy, train

N_FITTED = 898
"""Images that the validation split trains on; the other 300 of the 1,198 judge."""

EPOCHS = 300


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : list of str, optional
        The command line without the program; that of the process by default.

    Returns
    -------
    int
        The exit code: 0, or 1 when the model file could not be made.
    """
    options = _parser().parse_args(arguments)
    fitted, judged = split(load_digits(), options.split)
    recipe = Recipe(seed=options.seed, epochs=options.epochs)
    network = train(*as_tensors(fitted), recipe, _show_progress)
    shares = {
        "fitted": accuracy(network, *as_tensors(fitted)),
        "judged": accuracy(network, *as_tensors(judged)),
    }
    judged_name = "held out" if options.split == "all" else "validation"
    print(
        f"seed {options.seed}: fitted {shares['fitted']:.2%}, {judged_name} "
        f"{shares['judged']:.2%} ({round(shares['judged'] * len(judged))} of {len(judged)})"
    )
    if options.out is None:
        return 0
    try:
        facts = _facts(recipe, options.split, shares)
        write_network(export_digits(network, facts), options.out)
    except ExtensionError as error:
        print(error.report(), file=sys.stderr)
        return 1
    print(f"wrote {options.out}", file=sys.stderr)
    return 0


def split(digits: Digits, name: str) -> tuple[Digits, Digits]:
    """Return the images to train on and those to judge by.

    Parameters
    ----------
    digits : Digits
    name : str
        'validation' or 'all'.

    Returns
    -------
    tuple of Digits
        Both contiguous in the file, whose writers follow each other.
    """
    training = digits.training
    if name == "all":
        return training, digits.held_out
    return training[:N_FITTED], training[N_FITTED:]


def as_tensors(digits: Digits) -> tuple[Tensor, Tensor]:
    """Return images, float32 (n, 8, 8), and labels, int64 (n,)."""
    images = torch.tensor(digits.pixels, dtype=torch.float32).reshape(-1, HEIGHT, WIDTH)
    return images, torch.tensor(digits.labels, dtype=torch.int64)


def _facts(recipe: Recipe, split_name: str, shares: dict[str, float]) -> dict[str, JsonValue]:
    """Return what the model file says about the run; nothing that changes between runs."""
    return {
        "command": f"python -m quant.train_digits --seed {recipe.seed} --epochs {recipe.epochs} "
        f"--split {split_name} --out FILE",
        "seed": recipe.seed,
        "epochs": recipe.epochs,
        "split": split_name,
        "torch": torch.__version__.partition("+")[0],
        "accuracy_fitted": shares["fitted"],
        "accuracy_held_out" if split_name == "all" else "accuracy_validation": shares["judged"],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quant.train_digits", description="train the binarized digits network"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--epochs", type=int, default=EPOCHS, metavar="N")
    parser.add_argument("--split", choices=("validation", "all"), default="validation")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the model file here")
    return parser


def _show_progress(epoch: int, loss: float) -> None:
    if epoch % 20 == 0:
        print(f"epoch {epoch}: loss {loss:.4f}", file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
