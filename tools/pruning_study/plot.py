"""The figure of the study: accuracy against the share of pruned weights."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from itertools import product
from pathlib import Path

from quant.files import write_bytes
from tools.pruning_study.sweep import BLOCKS, LAYERS, Point


def draw(points: Sequence[Point], path: Path) -> None:
    """Draw one panel for each length of blocks, one line for each strategy, as PNG.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    figure = import_module("matplotlib.figure").Figure(figsize=(8, 3.4), layout="constrained")
    import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    start = points[0]
    whole = start.database or 0.0
    for axes, block in zip(figure.subplots(1, 2, sharey=True), BLOCKS, strict=True):
        for strategy, layers in product((1, 2), LAYERS):
            line = [start] + [
                point
                for point in points
                if (point.layers, point.block, point.strategy) == (layers, block, strategy)
                and point.pruned is not None
            ]
            line.sort(key=lambda point: point.pruned or 0)
            shares = [100 * (point.pruned or 0) for point in line]
            axes.plot(
                shares,
                [point.database for point in line],
                marker=".",
                label=f"{layers}, strategy {strategy}",
            )
        axes.axhline(whole - 1, color="grey", linewidth=0.8, linestyle=":", label="one point less")
        axes.set(xlabel="pruned weights, %", title=f"blocks of {block}", ylim=(0, 100))
        axes.grid(alpha=0.3)
    axes.legend()
    figure.axes[0].set_ylabel("accuracy, %")
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=80, metadata={"Software": None})
    write_bytes(path, image.getbuffer())
