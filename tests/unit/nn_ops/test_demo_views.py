"""What the demo draws fits a terminal of 80 columns."""

from __future__ import annotations

import numpy as np

from nn_ops.demo import PREFIX, SHOWN_LAYER
from nn_ops.demo_form import network_statements
from nn_ops.demo_views import digit_gallery, fold_lines
from nn_ops.model_file import load_shipped_model
from nn_ops.network import as_layers


def test_the_gallery_fits_80_columns() -> None:
    pixels = np.full((20, 64), 16)
    drawn = digit_gallery(pixels, [(image, 1, image % 2) for image in range(20)])
    assert max(map(len, drawn.split("\n"))) <= 80
    assert drawn.count("said") == 8


def test_the_statement_that_is_shown_fits_80_columns() -> None:
    statement = network_statements(as_layers(load_shipped_model()), PREFIX)[SHOWN_LAYER]
    assert max(map(len, statement.sql.split("\n"))) <= 80


def test_long_lines_are_folded_under_their_beginning() -> None:
    text = "Join a = b\n  Scan digits  (rows 1, own time 2 ms)\n\ntotal"
    assert fold_lines(text, 24) == (
        "Join a = b\n  Scan digits  (rows 1,\n        own time 2 ms)\n\ntotal"
    )
    assert fold_lines(text, 80) == text
