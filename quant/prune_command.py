"""``minidb prune``: weights whose sign keeps changing are left out of a model or a checkpoint."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from minidb.extension import Connection
from nn_ops.export_command import find_network
from nn_ops.graph import Network
from nn_ops.store.import_network import store_network
from quant.errors import QUANT_BAD_OPTION, QUANT_FILE_UNREADABLE, ExtensionError
from quant.flip_counts import read_counts
from quant.needs_torch import check_torch
from quant.prune import Counts, Plan, Pruned, prune_network

CHECKPOINT_SUFFIX = ".pt"
POINTS_LOST = 1.0


FLAGS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("source",), {"help": f"a model of the database, or a checkpoint (*{CHECKPOINT_SUFFIX})"}),
    (("--as",), {
        "dest": "target", "metavar": "NAME",
        "help": "the new model, or the new checkpoint; without it nothing is done, only told",
    }),
    (("--replace",), {"action": "store_true", "help": "let what has that name give way"}),
    (("--strategy",), {
        "type": int, "choices": (1, 2), "default": 1,
        "help": "1: a block's flips sum to the threshold; 2: each of its weights reaches it",
    }),
    (("--threshold",), {"type": int, "metavar": "N", "help": "flips; 1 or more"}),
    (("--block",), {
        "type": int, "default": 2, "metavar": "N",
        "help": "weights in a block (default: 2; 64 is one packed word, which saves work)",
    }),
    (("--layers",), {"metavar": "NAMES", "help": "by commas (default: all with flips)"}),
    (("--flips",), {
        "type": Path, "metavar": "FILE",
        "help": "a snapshot of minidb train (default: the table flips of the database)",
    }),
    (("--since",), {"type": Path, "metavar": "FILE", "help": "an earlier snapshot to subtract"}),
    (("--run",), {"metavar": "NAME", "help": "the model in the table flips"}),
    (("--epochs",), {
        "type": int, "nargs": 2, "metavar": ("FROM", "TO"), "help": "of the table flips",
    }),
    (("--sweep",), {
        "metavar": "THRESHOLDS",
        "help": "by commas: judge both strategies at each, write a table and a plot",
    }),
    (("--dataset",), {"metavar": "NAME", "help": "judges a sweep (default: the model's)"}),
    (("--data",), {
        "type": Path, "default": Path("data"), "metavar": "DIR",
        "help": "where the data sets' folders are (default: data)",
    }),
    (("--out",), {
        "type": Path, "default": Path(), "metavar": "DIR", "help": "for sweep.csv and sweep.png",
    }),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prune:
    """The subcommand."""

    help: str = "leave out the weights whose sign keeps changing while training"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        for names, told in FLAGS:
            parser.add_argument(*names, **told)

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Prune, print what is left of each layer, and return 0; errors go through.

        Raises
        ------
        MiniDBError
            For unknown names and layers, thresholds that prune everything, damaged files.
        """
        if args.source.endswith(CHECKPOINT_SUFFIX):
            reports = _prune_checkpoint(args)
        else:
            connection = connect(args.db)
            try:
                network, _ = find_network(args.source, connection)
                counts = _counts(args, connection)
                if args.sweep is not None:
                    _sweep(args, network, counts, connect)
                    return 0
                pruned, reports = prune_network(network, counts, _plan(args))
                if args.target is not None:
                    store_network(
                        connection, pruned, args.target, base=_base(args), replaces=args.replace
                    )
            finally:
                connection.close()
        _show(reports, is_done=args.target is not None)
        return 0


PRUNE = Prune()


def _base(args: Any) -> str | None:
    """Return the model whose other layers are shared; a model file has none."""
    return None if args.source.endswith(".safetensors") or args.replace else args.source


def _plan(args: Any) -> Plan:
    if args.threshold is None:
        raise ExtensionError(
            QUANT_BAD_OPTION, "there is no --threshold", hint="--sweep tries several"
        )
    return Plan(args.strategy, args.threshold, args.block, _names(args.layers))


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip().replace(".", "_") for name in text.split(",")) if text else ()


def _counts(args: Any, connection: Connection) -> Counts:
    """Return the flips, from the file named or from the database."""
    if args.flips is None:
        return read_counts(connection, args.run, tuple(args.epochs) if args.epochs else None)
    check_torch("reading a snapshot of flips")
    counts: Counts = import_module("quant.prune_checkpoint").counts_of_file(args.flips, args.since)
    return counts


def _prune_checkpoint(args: Any) -> tuple[Pruned, ...]:
    """Prune a checkpoint by the flips of a snapshot."""
    check_torch("pruning a checkpoint")
    module = import_module("quant.prune_checkpoint")
    if args.flips is None or args.sweep is not None:
        raise ExtensionError(
            QUANT_BAD_OPTION,
            "a checkpoint is pruned by --flips FILE and --threshold",
            hint="import it as a model for a sweep",
        )
    out = None if args.target is None else Path(args.target)
    if out is not None and out.exists() and not args.replace:
        message = f"there is a file {str(out)!r} already"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message, hint="--replace lets it give way")
    counts = module.counts_of_file(args.flips, args.since)
    reports: tuple[Pruned, ...] = module.prune_checkpoint(
        Path(args.source), out, counts, _plan(args)
    )
    return reports


def _sweep(
    args: Any, network: Network, counts: Counts, connect: Callable[[str], Connection]
) -> None:
    """Judge both strategies at each threshold, write the table and the plot, tell the best."""
    check_torch("a sweep")
    texts = args.sweep.split(",")
    if not all(text.strip().isdecimal() for text in texts):
        message = f"--sweep takes thresholds such as 1,2,4, not {args.sweep!r}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    plans = [
        Plan(strategy, int(text), args.block, _names(args.layers))
        for strategy in (1, 2)
        for text in texts
    ]
    if not args.out.is_dir():
        message = f"there is no folder {str(args.out)!r} for the table and the plot"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message, hint="--out names one")
    judging, sweeping = import_module("quant.evaluate"), import_module("quant.sweep")

    def judge(candidate: Network) -> Any:
        with_model = connect(":memory:")
        try:
            store_network(with_model, candidate, "pruned")
            return judging.evaluate(with_model, "pruned", args.dataset, args.data)
        finally:
            with_model.close()

    points = sweeping.sweep(network, counts, plans, judge)
    sweeping.write_table(points, args.out / sweeping.TABLE_NAME)
    sys.stdout.write(sweeping.table_text(points))
    if import_module("quant.trainer.results").can_draw():
        sweeping.draw_sweep(points, args.out / sweeping.PLOT_NAME)
    for strategy, point in sweeping.best_within(points, POINTS_LOST).items():
        sys.stdout.write(
            f"strategy {strategy}: {point.share:.1%} pruned within one point of accuracy "
            f"(threshold {point.threshold}, {point.top1:.2f} %)\n"
        )


def _show(reports: Sequence[Pruned], *, is_done: bool) -> None:
    """Print what is left of each layer."""
    table = Table(title="pruned" if is_done else "would be pruned; --as NAME does it")
    for name in ("layer", "weights", "pruned", "share", "words", "words left"):
        table.add_column(name, justify="left" if name == "layer" else "right")
    for one in reports:
        cells = (one.weights, one.pruned, f"{one.share:.1%}", one.words, one.words_left)
        table.add_row(one.layer, *map(str, cells))
    Console().print(table)
