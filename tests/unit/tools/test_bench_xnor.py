"""The race of the packed product: its layers are right, and rivals that differ are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nn_ops.binary_conv import sign_conv
from nn_ops.conventions import pack_signs, unpack_bits
from tools.bench import xnor
from tools.bench.xnor import Shape, kernels_in, race, race_pruned, random_layer, stage_of

RIVAL = """
import numpy as np

class XnorLinear:
    def __init__(self, weights, thresholds):
        self.weights, self.thresholds = weights.astype(int), thresholds

    def run(self, octets):
        signs = np.unpackbits(octets, axis=-1)[:, : self.weights.shape[1]] * 2 - 1.0
        return np.packbits(signs @ self.weights.T {comparison} self.thresholds, axis=-1)
"""


def test_a_layer_says_whether_the_sum_reaches_the_threshold():
    layer = random_layer(Shape(4, 8, 16))
    padded = np.pad(layer.images.astype(int), ((0, 0), (1, 1), (1, 1), (0, 0)))
    sums = sum(
        padded[:, row : row + 4, column : column + 4] @ layer.weights[:, row, column].T.astype(int)
        for row in range(3)
        for column in range(3)
    )
    found = sign_conv(pack_signs(layer.images), stage_of(layer))
    assert np.array_equal(unpack_bits(found, 16), sums >= layer.thresholds)


def test_a_rival_runs_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xnor, "of_torch", lambda layer: {})
    monkeypatch.setattr(xnor, "ROUNDS", 1)
    path = tmp_path / "rival.py"
    path.write_text(RIVAL.format(comparison=">="))
    shape = Shape(1, 64, 24, n_images=3)
    (row,) = race(shape, kernels_in(path))
    assert row.peer == "the file"
    assert row.peer_seconds is not None
    (row,) = race(shape, None)
    assert row.peer_seconds is None


def test_a_layer_runs_beside_itself_pruned(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xnor, "ROUNDS", 1)
    row = race_pruned(Shape(4, 80, 5))
    assert (row.name, row.peer) == ("16x5x720, half of the words", "all words")


def test_a_rival_with_other_answers_is_refused(tmp_path: Path):
    path = tmp_path / "rival.py"
    path.write_text(RIVAL.format(comparison="<"))
    with pytest.raises(ValueError, match="3x24x64: the two products differ"):
        race(Shape(1, 64, 24, n_images=3), kernels_in(path))
