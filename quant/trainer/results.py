"""What a run leaves for people: ``results.csv`` and ``results.png``."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from quant.files import write_bytes
from quant.trainer.metrics import Row

CSV_NAME, CURVES_NAME = "results.csv", "results.png"


def write_results(rows: Sequence[Row], folder: Path) -> None:
    """Write the table of all epochs so far.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(astuple(row) for row in rows)
    write_bytes(folder / CSV_NAME, text.getvalue().encode())


def can_draw() -> bool:
    """Return whether matplotlib is there, the extra `plot`."""
    return find_spec("matplotlib") is not None


def draw_curves(rows: Sequence[Row], folder: Path) -> None:
    """Draw losses and errors by epoch.

    Parameters
    ----------
    rows : sequence of Row
    folder : Path

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.

    Notes
    -----
    matplotlib is loaded here and only here; its axes, labels and fonts are worth the extra. No
    window system is touched: the figure is drawn by the Agg canvas.
    """
    figure = import_module("matplotlib.figure").Figure(figsize=(9, 3.6), layout="constrained")
    import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    epochs = [row.epoch for row in rows]
    panels = {
        "loss": {"training": "train_loss", "validation": "val_loss"},
        "error, %": {
            "training": "train_error1", "validation": "val_error1",
            "training, top 5": "train_error5", "validation, top 5": "val_error5",
        },
    }  # fmt: skip
    for axes, (title, lines) in zip(figure.subplots(1, 2), panels.items(), strict=True):
        for label, name in lines.items():
            style = {"linestyle": ":" if "top" in label else "-"}
            style["color"] = "tab:blue" if label.startswith("train") else "tab:orange"
            axes.plot(epochs, [getattr(row, name) for row in rows], label=label, **style)
        axes.set(xlabel="epoch", ylabel=title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
    image = io.BytesIO()
    figure.savefig(image, format="png", dpi=120, metadata={"Software": None})
    write_bytes(folder / CURVES_NAME, image.getbuffer())
