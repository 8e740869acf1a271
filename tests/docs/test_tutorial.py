"""Every block of docs/tutorial.md runs, in order, and says what the page says that it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from tests.support.tutorial import ROOT, blocks_of, declared_points, run_block

pytestmark = pytest.mark.torch

PAGE = ROOT / "docs" / "tutorial.md"
WORD = re.compile(r"[A-Za-z_]{3,}")
MAY_BE_MISSING = {"best"}
"""Whether an epoch was the best one differs from machine to machine."""


def test_every_block_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Figures differ from machine to machine; all words that the page shows must be there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("minidb.cli.commands.entry_points", declared_points)
    monkeypatch.setattr("quant.trainer.train.can_draw", lambda: False)
    blocks = list(blocks_of(PAGE.read_text("utf-8")))
    assert len(blocks) > 10
    for block in blocks:
        capfd.readouterr()
        run_block(block, tmp_path)
        told = capfd.readouterr().out
        missing = set(WORD.findall(block.shown)) - set(WORD.findall(told)) - MAY_BE_MISSING
        assert not missing, (block.code, told)
        assert bool(block.shown) == bool(told), (block.code, told)
