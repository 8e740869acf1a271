"""Pruned share against accuracy: one point for each strategy and threshold."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from importlib import import_module
from pathlib import Path

from nn_ops.graph import Network
from quant.evaluate import Evaluation
from quant.files import write_bytes
from quant.prune import Counts, Plan, Pruned, prune_network, pruned_weights, reports_of

TABLE_NAME, PLOT_NAME = "sweep.csv", "sweep.png"

Judge = Callable[[Network], Evaluation]


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a sweep.

    Attributes
    ----------
    strategy, threshold, block : int
        0, 0, 0 is the network as it was.
    pruned : int
        Weights that do not count now, in the layers that were looked at.
    share : float
        Of all weights of these layers.
    words_left : float
        The share of their packed words that are still stored and read.
    loss, top1, top5 : float or None
        Mean cross-entropy, and accuracies in percent, in the database; None where a layer would
        lose all its weights.
    top1_pytorch : float or None
        In percent, in PyTorch with the pruned weights at zero.
    n_different : int or None
        Images that the two put into different classes.
    """

    strategy: int
    threshold: int
    block: int
    pruned: int
    share: float
    words_left: float
    loss: float | None
    top1: float | None
    top5: float | None
    top1_pytorch: float | None
    n_different: int | None


def sweep(network: Network, counts: Counts, plans: Sequence[Plan], judge: Judge) -> list[Point]:
    """Prune a network once for each plan, and judge each result.

    Parameters
    ----------
    network : Network
    counts : mapping
        As for `quant.prune.prune_network`.
    plans : sequence of Plan
    judge : callable
        Evaluates a network in a database and in PyTorch.

    Returns
    -------
    list of Point
        The first is the network as it was; its counts of weights are those of the first plan's
        layers.

    Raises
    ------
    MiniDBError
        As `prune_network`, except for a layer that would lose all its weights; as `judge`.
    """
    never = Plan(plans[0].strategy, 1 << 40, plans[0].block, plans[0].layers)
    points = [_point(None, _reports(network, counts, never), judge(network))]
    for plan in plans:
        reports = _reports(network, counts, plan)
        is_empty = any(report.pruned == report.weights for report in reports)
        judged = None if is_empty else judge(prune_network(network, counts, plan)[0])
        points.append(_point(plan, reports, judged))
    return points


def _reports(network: Network, counts: Counts, plan: Plan) -> tuple[Pruned, ...]:
    return reports_of(network, pruned_weights(network, counts, plan))


def _point(plan: Plan | None, reports: Sequence[Pruned], judged: Evaluation | None) -> Point:
    """Return one line; the accuracies are left out where nothing was judged."""
    how = (plan.strategy, plan.threshold, plan.block) if plan else (0, 0, 0)
    pruned = sum(report.pruned for report in reports)
    share = pruned / sum(report.weights for report in reports)
    left = sum(report.words_left for report in reports) / sum(report.words for report in reports)
    if judged is None:
        return Point(*how, pruned, share, left, None, None, None, None, None)
    percent = 100 / judged.n_images
    return Point(
        *how,
        pruned,
        share,
        left,
        judged.loss_database,
        percent * judged.n_right_database,
        percent * judged.n_right5_database,
        percent * judged.n_right_torch,
        judged.n_different,
    )


def table_text(points: Sequence[Point]) -> str:
    """Return the points as CSV; what was not judged is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Point)])
    for point in points:
        writer.writerow(
            [f"{value:.6g}" if isinstance(value, float) else value for value in astuple(point)]
        )
    return text.getvalue()


def write_table(points: Sequence[Point], path: Path) -> None:
    """Write the points as a CSV file.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    write_bytes(path, table_text(points).encode())


def best_within(points: Sequence[Point], percent: float) -> dict[int, Point]:
    """Return, by strategy, the point with the greatest share that loses at most so much accuracy.

    Parameters
    ----------
    points : sequence of Point
        The first is the network as it was.
    percent : float
        Points of top-1 accuracy.
    """
    start, *others = points
    best: dict[int, Point] = {}
    for point in others:
        if point.top1 is None or start.top1 is None or point.top1 < start.top1 - percent:
            continue
        if point.strategy not in best or point.share > best[point.strategy].share:
            best[point.strategy] = point
    return best


def draw_sweep(points: Sequence[Point], path: Path) -> None:
    """Draw accuracy against the share of pruned weights, one line for each strategy, as PNG.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.

    Notes
    -----
    matplotlib, the extra `plot`, is loaded here; no window system is touched.
    """
    figure = import_module("matplotlib.figure").Figure(figsize=(6, 4), layout="constrained")
    import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    axes = figure.subplots()
    start, *others = ((point, point.top1) for point in points if point.top1 is not None)
    for strategy in sorted({point.strategy for point, _ in others}):
        line = [start, *(one for one in others if one[0].strategy == strategy)]
        line.sort(key=lambda one: one[0].share)
        shares = [100 * point.share for point, _ in line]
        axes.plot(shares, [top1 for _, top1 in line], marker="o", label=f"strategy {strategy}")
    axes.axhline(start[1], color="grey", linewidth=0.8, label="not pruned")
    axes.axhline(start[1] - 1, color="grey", linewidth=0.8, linestyle=":", label="one point less")
    axes.set(xlabel="pruned weights, %", ylabel="accuracy, %")
    axes.grid(alpha=0.3)
    axes.legend()
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=120, metadata={"Software": None})
    write_bytes(path, image.getbuffer())
