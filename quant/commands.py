"""``minidb train``: the command line of training; PyTorch is imported only when it runs."""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from minidb.extension import Connection
from quant.datasets import DATASETS
from quant.errors import QUANT_BAD_OPTION, QUANT_NO_TORCH, ExtensionError
from quant.networks import NETWORKS
from quant.trainer.settings import COUNTING, DEVICES, Place

LOSS_NAMES = ("cross_entropy", "hinge", "squared_hinge")
FLAGS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--model", "-a"), {"metavar": "NAME", "help": f"the network: {', '.join(NETWORKS)}"}),
    (("--model_config", "--model-config"), {
        "dest": "arguments", "metavar": "DICT",
        "help": "the network's arguments as a dict of JSON or Python, such as \"{'width': 0.5}\"",
    }),
    (("--dataset",), {
        "metavar": "NAME", "help": f"{', '.join(DATASETS)} (default: the network's own)",
    }),
    (("--input_size", "--input-size"), {
        "dest": "image_size", "type": int, "metavar": "N", "help": "rows and columns of images",
    }),
    (("--epochs",), {
        "type": int, "metavar": "N", "help": "the last epoch's number (default: the network's own)",
    }),
    (("--start-epoch",), {"type": int, "metavar": "N", "help": "epochs to leave out (default: 0)"}),
    (("--batch-size", "-b"), {"type": int, "metavar": "N", "help": "images (default: 256; digits: 64)"}),
    (("--loss",), {
        "metavar": "NAME", "help": f"{', '.join(LOSS_NAMES)} (default: cross_entropy)",
    }),
    (("--optimizer",), {
        "metavar": "NAME",
        "help": "SGD, Adam, ...; with this or one of the next three flags, one optimizer for all "
        "epochs in place of the network's own regime (default of the others: SGD 0.1 0.9 1e-4)",
    }),
    (("--lr", "--learning-rate"), {"type": float, "metavar": "X", "help": "learning rate"}),
    (("--momentum",), {"type": float, "metavar": "X", "help": "of SGD and RMSprop"}),
    (("--wd", "--weight-decay"), {
        "dest": "weight_decay", "type": float, "metavar": "X", "help": "weight decay",
    }),
    (("--seed",), {"type": int, "metavar": "N", "help": "of every random choice (default: 0)"}),
    (("--flips",), {
        "metavar": "WHEN", "help": f"when signs are compared: {', '.join(COUNTING)} (default: epoch)",
    }),
    (("--flip-layers",), {
        "metavar": "NAMES", "help": "layers whose signs are compared, by commas (default: all)",
    }),
    (("--freeze",), {
        "metavar": "LAYERS",
        "help": "layers to leave as they are, with their batch norms: names by commas, "
        "all-but-last, all-but-last-2, ...",
    }),
    (("--snapshots",), {
        "metavar": "EPOCHS", "help": "epochs after which flips are kept, by commas",
    }),
    (("--reset-optimizer",), {
        "dest": "resets_optimizer", "action": "store_true",
        "help": "begin with a new optimizer in each epoch, as the original does",
    }),
    (("--keep-signs-only",), {
        "dest": "keeps_signs_only", "action": "store_true",
        "help": "save signs in place of latent weights, as the original does",
    }),
)  # fmt: skip
"""What decides the run; a flag that is not given is absent from the namespace."""
PLACES: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--results_dir", "--results-dir"), {
        "type": Path, "default": Path("results"), "metavar": "DIR",
        "help": "where runs have their folders (default: results)",
    }),
    (("--save",), {
        "metavar": "NAME", "help": "the run's folder in it (default: date and time; "
        "with --resume, the checkpoint's own folder)",
    }),
    (("--data",), {
        "type": Path, "default": Path("data"), "metavar": "DIR",
        "help": "where the data sets' folders are (default: data)",
    }),
    (("--resume",), {"type": Path, "metavar": "FILE", "help": "go on from a checkpoint"}),
    (("--from",), {
        "dest": "start", "type": Path, "metavar": "FILE",
        "help": "start a new run with the network, weights and pruned weights of a checkpoint",
    }),
    (("--evaluate", "-e"), {
        "type": Path, "metavar": "FILE", "help": "only judge a checkpoint; nothing is written",
    }),
    (("--device",), {
        "default": "auto", "metavar": "NAME",
        "help": f"{', '.join(DEVICES)} (default: auto, a GPU when there is one)",
    }),
    (("--workers", "-j"), {
        "type": int, "default": 0, "metavar": "N", "help": "threads that prepare batches (default: 0)",
    }),
    (("--print-freq", "-p"), {
        "type": int, "default": 10, "metavar": "N",
        "help": "batches from line to line of the log (default: 10)",
    }),
    (("--db",), {
        "default": None, "metavar": "PATH", "help": "put the flips into table flips of a database",
    }),
)  # fmt: skip
"""Where the run happens and what is done with it."""


@dataclass(frozen=True, slots=True)
class Train:
    """The subcommand."""

    help: str = "train a binarized network with PyTorch"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        for names, told in FLAGS:
            parser.add_argument(*names, **{"default": argparse.SUPPRESS, **told})
        for names, told in PLACES:
            parser.add_argument(*names, **told)

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Train or judge.

        Returns
        -------
        int
            0; or 130 when Ctrl-C stopped the run, which is saved then.

        Raises
        ------
        MiniDBError
            For unknown names, bad values, damaged files; when the loss is no longer finite.
        """
        if find_spec("torch") is None:
            hint = "pip install 'minidb-nn[torch]'"
            raise ExtensionError(QUANT_NO_TORCH, "training needs PyTorch", hint=hint)
        given, place = given_settings(vars(args)), place_of(args)
        trainer = import_module("quant.trainer.train")
        if args.evaluate is not None:
            trainer.evaluate(given, place, args.evaluate)
            return 0
        code: int = trainer.train(given, place, args.resume, connect, args.start)
        return code


TRAIN = Train()


def given_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that stood on the command line, read.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION for a dict or a list that cannot be read.
    """
    names = {told.get("dest", flags[0].lstrip("-").replace("-", "_")) for flags, told in FLAGS}
    given = {name: value for name, value in values.items() if name in names}
    if "arguments" in given:
        given["arguments"] = parse_arguments(given["arguments"])
    for name in given.keys() & {"flip_layers", "freeze"}:
        given[name] = [one.strip() for one in given[name].split(",")]
    if "snapshots" in given:
        texts = given["snapshots"].split(",")
        if not all(text.strip().isdecimal() for text in texts):
            message = f"--snapshots takes epochs such as 1,10,20, not {given['snapshots']!r}"
            raise ExtensionError(QUANT_BAD_OPTION, message)
        given["snapshots"] = [int(text) for text in texts]
    return given


def parse_arguments(text: str) -> dict[str, Any]:
    """Return a dict that was written as JSON or as a Python literal; nothing in it is run.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION.
    """
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            value = None
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        message = f"--model_config takes a dict, not {text!r}"
        hint = """such as '{"width": 0.5}' or "{'depth': 20}\""""
        raise ExtensionError(QUANT_BAD_OPTION, message, hint=hint)
    return value


def place_of(args: Any) -> Place:
    """Return where the run happens."""
    if args.save is None and args.resume is not None:
        folder = args.resume if args.resume.is_dir() else args.resume.parent
    else:
        folder = args.results_dir / (args.save or f"{datetime.now():%Y-%m-%d_%H-%M-%S}")
    return Place(
        folder=folder,
        data_root=args.data,
        device=args.device,
        workers=max(args.workers, 0),
        print_freq=max(args.print_freq, 1),
        database=args.db,
    )
