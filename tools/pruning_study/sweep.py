"""The sweep of the study: thresholds over the whole range, each judged twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import minidb
from nn_ops.store.import_network import store_network
from quant.checkpoint_network import read_graph
from quant.errors import QUANT_BAD_OPTION, ExtensionError
from quant.evaluate import evaluate
from quant.prune import BLOCK_SUM, EVERY_WEIGHT, Counts, Plan
from quant.prune_checkpoint import counts_of_file, prune_checkpoint
from tools.pruning_study.runs import Trained

BLOCKS = (2, 64)
LAYERS = {"all": (), "conv2": ("conv2",)}
"""What is pruned: every layer, or the one that holds nine tenths of the weights."""
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9)
"""About what share of all blocks each threshold prunes; thresholds are whole numbers."""


NEVER = 1 << 40
"""More sign changes than there are."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the table; accuracies in percent, None where a layer would lose all weights."""

    layers: str
    block: int
    strategy: int
    threshold: int
    pruned: float | None
    words_left: float | None
    lookups: int | None
    database: float | None
    pytorch: float | None
    different: int | None


def sweep(run: Trained, folder: Path) -> list[Point]:
    """Prune a trained network at each threshold, and judge it in a database and in PyTorch.

    Parameters
    ----------
    run : Trained
    folder : Path
        For the pruned checkpoints; each is written over by the next.

    Returns
    -------
    list of Point
        The first is the network as it was.

    Raises
    ------
    MiniDBError
        As the commands.
    """
    counts = counts_of_file(run.flips, None)
    points = [judge(run.checkpoint, counts, Plan(BLOCK_SUM, NEVER), folder / "pruned.pt")]
    for layers, block, strategy in product(LAYERS.values(), BLOCKS, (BLOCK_SUM, EVERY_WEIGHT)):
        looked_at = {name: counts[name] for name in layers or counts}
        for threshold in thresholds(looked_at, strategy, block):
            plan = Plan(strategy, threshold, block, layers)
            points.append(judge(run.checkpoint, counts, plan, folder / "pruned.pt"))
    return points


def judge(checkpoint: Path, counts: Counts, plan: Plan, out: Path) -> Point:
    """Prune a checkpoint, store it in a database, and ask both for the held-out third.

    PyTorch runs the trained network itself with the pruned weights at zero.
    """
    how = (",".join(plan.layers) or "all", plan.block, plan.strategy, plan.threshold)
    if plan.threshold >= NEVER:
        how = ("none", 0, 0, 0)
    try:
        reports = prune_checkpoint(checkpoint, out, counts, plan)
    except ExtensionError as error:
        if error.code != QUANT_BAD_OPTION:
            raise
        return Point(*how, None, None, None, None, None, None)
    pruned = sum(one.pruned for one in reports) / sum(one.weights for one in reports)
    left = sum(one.words_left for one in reports) / sum(one.words for one in reports)
    with minidb.connect() as connection:
        store_network(connection, read_graph(out), "pruned")
        lookups = int(connection.execute("SELECT lookups FROM system.models").scalar())
        judged = evaluate(connection, "pruned", None, Path("data"), against=out)
    database, pytorch = (
        100 * right / judged.n_images for right in (judged.n_right_database, judged.n_right_torch)
    )
    return Point(*how, pruned, left, lookups, database, pytorch, judged.n_different)


def thresholds(counts: Counts, strategy: int, block: int) -> list[int]:
    """Return thresholds that prune about `SHARES` of the blocks; from many flips to few."""
    scores = np.concatenate([_scores(one, strategy, block) for one in counts.values()])
    found = {max(1, int(np.quantile(scores, 1 - share))) for share in SHARES}
    return sorted(found, reverse=True)


def _scores(counts: NDArray[np.int32], strategy: int, block: int) -> NDArray[np.int64]:
    """Return what each block's threshold is compared with."""
    starts = np.arange(0, counts.shape[1], block)
    reduce = np.add if strategy == BLOCK_SUM else np.minimum
    return reduce.reduceat(counts.astype(np.int64), starts, axis=1).ravel()


def best_within(points: Sequence[Point], percent: float) -> list[Point]:
    """Return, by block and strategy, the most that is pruned at a loss of at most so much."""
    start, *others = points
    best: dict[tuple[str, int, int], Point] = {}
    for point in others:
        if (
            not point.pruned
            or point.database is None
            or (start.database or 0) - point.database > percent + 1e-9
        ):
            continue
        key = (point.layers, point.block, point.strategy)
        if key not in best or point.pruned > (best[key].pruned or 0):
            best[key] = point
    return [best[key] for key in sorted(best)]


def as_csv(points: Sequence[Point]) -> str:
    """Return the table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Point))
    for point in points:
        writer.writerow(f"{one:.6g}" if isinstance(one, float) else one for one in astuple(point))
    return text.getvalue()


def as_markdown(points: Sequence[Point]) -> str:
    """Return the table as Markdown."""
    lines = [
        "| layers | block | strategy | threshold | pruned | words left | lookups | database | PyTorch | differ |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for point in points:
        how = f"{point.layers} | {point.block} | {point.strategy} | {point.threshold:,}"
        if point.layers == "none":
            how = "none | | |"
        if point.pruned is None or point.lookups is None:
            lines.append(f"| {how} | a layer would be empty: refused | | | | | |")
            continue
        lines.append(
            f"| {how} | {point.pruned:.1%} | {point.words_left:.1%} | {point.lookups:,} | "
            f"{point.database:.2f} % | {point.pytorch:.2f} % | {point.different} |"
        )
    return "\n".join(lines) + "\n"
