"""The pruning study: thresholds, the best points, tables and figure; the runs themselves are long."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from tools.pruning_study.sweep import Point, as_csv, as_markdown, best_within, thresholds

pytestmark = pytest.mark.torch

START = Point("none", 0, 0, 0, 0.0, 1.0, 100, 95.0, 95.0, 0)
POINTS = [
    START,
    Point("all", 2, 1, 9, 0.1, 1.0, 100, 94.5, 94.5, 0),
    Point("all", 2, 1, 7, 0.2, 1.0, 100, 94.0, 94.0, 0),
    Point("all", 2, 1, 5, 0.4, 1.0, 100, 93.9, 93.9, 0),
    Point("all", 64, 2, 1, 0.0, 1.0, 100, 95.0, 95.0, 0),
    Point("conv2", 64, 1, 1, None, None, None, None, None, None),
]


def test_thresholds_are_scores_of_blocks_from_many_flips_to_few() -> None:
    counts = {"a": np.arange(200, dtype=np.int32).reshape(1, 200)}
    sums = thresholds(counts, 1, 2)
    assert sums == sorted(set(sums), reverse=True)
    pruned = [(counts["a"].reshape(-1, 2).sum(axis=1) >= one).mean() for one in sums]
    assert pruned[0] <= 0.02
    assert pruned[-1] >= 0.9
    assert thresholds({"a": np.zeros((2, 5), np.int32)}, 2, 64) == [1]


def test_the_most_within_a_point_counts_the_last_that_fits() -> None:
    assert best_within(POINTS, 1.0) == [POINTS[2]]
    assert best_within(POINTS, 0.1) == []


def test_the_tables_have_a_line_for_each_point() -> None:
    rows = as_csv(POINTS).splitlines()
    assert rows[0].startswith("layers,block,strategy,threshold,pruned")
    assert rows[-1] == "conv2,64,1,1,,,,,,"
    lines = as_markdown(POINTS).splitlines()
    assert len(lines) == len(POINTS) + 2
    assert len({line.count("|") for line in lines}) == 1
    assert "would be empty" in lines[-1]


def test_the_figure_is_a_png(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from tools.pruning_study.plot import draw

    draw(POINTS, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
