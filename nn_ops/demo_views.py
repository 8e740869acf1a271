"""What the demo draws: digits as blocks of ink, and a confusion table."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nn_ops.digits import HEIGHT, MAX_PIXEL, N_CLASSES, WIDTH
from nn_ops.program import Program

INK = " .:-=+*#%@"
# As many as fit beside each other in 80 columns.
N_SHOWN = 4
GAP = "   "
DEEPER = 6

Answer = tuple[int, int, int]


def digit_gallery(pixels: NDArray[np.generic], answers: Sequence[Answer]) -> str:
    """Draw digits side by side, the first of those read wrong among them.

    Parameters
    ----------
    pixels : ndarray, shape (n, 64)
        Ink from 0 to 16, row-major.
    answers : sequence of (image, label, predicted)
        In the order of `pixels`.

    Returns
    -------
    str
        Two rows of digits with their labels; wrong answers are marked.
    """
    wrong = [place for place, (_, label, found) in enumerate(answers) if label != found]
    right = [place for place, (_, label, found) in enumerate(answers) if label == found]
    return "\n\n".join(
        _row(pixels, answers, places[:N_SHOWN]) for places in (right, wrong) if places
    )


def _row(pixels: NDArray[np.generic], answers: Sequence[Answer], places: Sequence[int]) -> str:
    """Draw one row of digits over their captions."""
    drawings = [draw(pixels[place]) for place in places]
    lines = [GAP.join(drawing[line] for drawing in drawings) for line in range(HEIGHT)]
    captions = []
    for place in places:
        _, label, found = answers[place]
        text = f"is {label}, said {found}" + ("" if label == found else " !")
        captions.append(text.ljust(2 * WIDTH))
    return "\n".join([*(line.rstrip() for line in lines), GAP.join(captions).rstrip()])


def draw(pixels: NDArray[np.generic]) -> list[str]:
    """Return the lines of one digit, two characters a pixel, so that it looks square."""
    steps = (pixels.astype(np.int64) * (len(INK) - 1) + MAX_PIXEL // 2) // MAX_PIXEL
    return ["".join(INK[step] * 2 for step in row) for row in steps.reshape(HEIGHT, WIDTH)]


def fold_lines(text: str, width: int) -> str:
    """Break the long lines of an indented text between words, and indent what follows deeper.

    Parameters
    ----------
    text : str
        A tree of lines.
    width : int
        The most characters of a line; one long word may have more.
    """
    folded = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + DEEPER)
        pieces = textwrap.wrap(
            line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        folded.extend(pieces or [""])
    return "\n".join(folded)


def confusion_table(answers: Sequence[Answer]) -> str:
    """Return a table: one row per digit, one column per answer; zeros are dots."""
    counts = np.zeros((N_CLASSES, N_CLASSES), np.int64)
    for _, label, found in answers:
        counts[label, found] += 1
    header = "     " + "".join(f"{digit:>5}" for digit in range(N_CLASSES))
    rows = [
        f"{digit:>5}" + "".join(f"{count or '.':>5}" for count in row)
        for digit, row in enumerate(counts.tolist())
    ]
    return "\n".join([header, *rows])


def stage_lines(program: Program) -> str:
    """Return a table of a program's stages: name, the nodes that it stands for, and its output."""
    rows = [("stage", "nodes", "output", "of")]
    for stage in program.stages:
        shape = stage.output
        size = f"{shape.height}x{shape.width}x{shape.channels}"
        rows.append((stage.name, " ".join(stage.nodes), size, stage.kind))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(f"  {line}" for line in lines)
