"""What the demo draws fits a terminal of 80 columns."""

from __future__ import annotations

import numpy as np

from nn_ops.demo import SHOWN_STAGE, demo_statements
from nn_ops.demo_views import digit_gallery, fold_lines, stage_lines
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model


def test_the_gallery_fits_80_columns() -> None:
    pixels = np.full((20, 64), 16)
    drawn = digit_gallery(pixels, [(image, 1, image % 2) for image in range(20)])
    assert max(map(len, drawn.split("\n"))) <= 80
    assert drawn.count("said") == 8


def test_the_statement_that_is_shown_fits_80_columns() -> None:
    (statement,) = (each for each in demo_statements() if each.name == SHOWN_STAGE)
    assert max(map(len, statement.sql.split("\n"))) <= 80


def test_the_stages_fit_80_columns() -> None:
    lines = stage_lines(lower(load_shipped_model())).split("\n")
    assert max(map(len, lines)) <= 80
    assert lines[2].split() == ["sign1", "conv1", "pool1", "norm1", "sign1", "4x4x64", "signs"]


def test_long_lines_are_folded_under_their_beginning() -> None:
    text = "Join a = b\n  Scan digits  (rows 1, own time 2 ms)\n\ntotal"
    assert fold_lines(text, 24) == (
        "Join a = b\n  Scan digits  (rows 1,\n        own time 2 ms)\n\ntotal"
    )
    assert fold_lines(text, 80) == text
