"""Runs that start from a checkpoint: pruned weights stay pruned, frozen layers stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - torch is looked for first

import minidb  # noqa: E402 - as above
from minidb.cli.commands import run_command  # noqa: E402 - as above
from quant.binarize import binarized_layers  # noqa: E402 - as above
from quant.commands import TRAIN  # noqa: E402 - as above
from quant.errors import (  # noqa: E402 - as above
    QUANT_BAD_OPTION,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_UNKNOWN_NAME,
    ExtensionError,
)
from quant.evaluate_command import EVALUATE  # noqa: E402 - as above
from quant.freeze import frozen_names  # noqa: E402 - as above
from quant.import_command import IMPORT  # noqa: E402 - as above
from quant.networks import build  # noqa: E402 - as above
from quant.networks.parts import PositiveNorm2d  # noqa: E402 - as above
from quant.trainer.checkpoint import read_checkpoint, write_checkpoint  # noqa: E402 - as above
from quant.trainer.restore import restore_network  # noqa: E402 - as above
from quant.trainer.settings import Place  # noqa: E402 - as above
from quant.trainer.train import train  # noqa: E402 - as above
from tests.support.training_runs import assert_same_run, trained  # noqa: E402 - as above

pytestmark = pytest.mark.torch

NORMS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


class Entry:
    """An entry point, as the installed package would have it."""

    def __init__(self, name: str, command: Any) -> None:
        self.name, self.value, self._command = name, f"{type(command).__name__}", command

    def load(self) -> Any:
        return self._command


def call(name: str, command: Any, *arguments: object) -> int:
    return run_command(Entry(name, command), [str(one) for one in arguments])  # type: ignore[arg-type]  # it has what is asked of it


@pytest.fixture(autouse=True)
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test looks at curves, and matplotlib is slow to start."""
    monkeypatch.setattr("quant.trainer.train.can_draw", lambda: False)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small network for two epochs and return its checkpoint."""
    folder = tmp_path_factory.mktemp("base")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("quant.trainer.train.can_draw", lambda: False)
        assert trained(folder, epochs=2) == 0
    return folder / "checkpoint.pt"


def tuned(folder: Path, start: Path, **given: Any) -> int:
    told = {"batch_size": 300, "seed": 5, "epochs": 2, **given}
    return train(told, Place(folder=folder), None, minidb.connect, start)


def state(path: Path) -> Mapping[str, torch.Tensor]:
    return read_checkpoint(path).state_dict


def with_masks(base: Path, path: Path) -> dict[str, torch.Tensor]:
    """Write the checkpoint with a third of the weights of two layers pruned."""
    checkpoint = read_checkpoint(base)
    generator = torch.Generator().manual_seed(1)
    masks = {
        f"{name}.mask": torch.rand(
            checkpoint.state_dict[f"{name}.weight"].shape, generator=generator
        )
        > 0.3
        for name in ("conv2", "linear")
    }
    write_checkpoint(replace(checkpoint, state_dict={**checkpoint.state_dict, **masks}), [path])
    return masks


def test_pruned_weights_stay_zero_while_the_others_learn(base: Path, tmp_path: Path) -> None:
    masks = with_masks(base, tmp_path / "pruned.pt")
    assert tuned(tmp_path / "run", tmp_path / "pruned.pt", lr=0.05, optimizer="Adam") == 0
    checkpoint = read_checkpoint(tmp_path / "run")
    assert (checkpoint.epoch, [row[0] for row in checkpoint.rows]) == (2, [1, 2])
    network = restore_network(checkpoint)
    before = state(base)
    for name, layer in binarized_layers(network):
        mask = masks.get(f"{name}.mask")
        signs = layer.binary_weight().detach()
        kept = torch.ones_like(signs, dtype=torch.bool) if mask is None else mask
        assert (signs[~kept] == 0).all()
        assert (signs[kept] != 0).all()
        assert not torch.equal(signs[kept], torch.sign(before[f"{name}.weight"])[kept])
    db = tmp_path / "x.db"
    assert call("import", IMPORT, tmp_path / "run", "--model", "p", "--db", db) == 0
    assert call("evaluate", EVALUATE, "p", "--db", db, "--against", tmp_path / "run") == 0


def test_a_fine_tuned_run_stops_and_goes_on_to_the_same_weights(base: Path, tmp_path: Path) -> None:
    with_masks(base, tmp_path / "pruned.pt")
    told = {"freeze": ["conv1"], "flips": "step"}
    assert tuned(tmp_path / "whole", tmp_path / "pruned.pt", epochs=4, **told) == 0
    assert tuned(tmp_path / "parts", tmp_path / "pruned.pt", epochs=2, **told) == 0
    assert trained(tmp_path / "parts", tmp_path / "parts", epochs=4) == 0
    assert_same_run(tmp_path / "whole", tmp_path / "parts")
    first, last = state(base), state(tmp_path / "parts")
    assert torch.equal(first["conv1.weight"], last["conv1.weight"])
    assert torch.equal(first["norm1.running_var"], last["norm1.running_var"])


def test_a_sub_model_on_a_frozen_base_stores_its_own_layers_alone(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ("--results_dir", tmp_path, "--save", "sub", "--epochs", 2, "-b", 300)
    told = ("--from", base, "--freeze", "all-but-last", "--lr", 0.5, "--wd", 0.1)
    assert call("train", TRAIN, *told, *at) == 0
    assert "frozen: conv1, norm1, conv2, norm2\n" in capsys.readouterr().out
    before, after = state(base), state(tmp_path / "sub")
    for name in before:
        is_frozen = not name.startswith(("linear", "norm3"))
        assert torch.equal(before[name], after[name]) == is_frozen, name
    db = tmp_path / "x.db"
    assert call("import", IMPORT, base, "--model", "base", "--db", db) == 0
    with minidb.connect(str(db)) as connection:
        words = connection.execute("SELECT count() FROM models.words").scalar()
    sub = ("import", IMPORT, tmp_path / "sub", "--model", "sub", "--extends", "base")
    assert call(*sub, "--db", db) == 0
    capsys.readouterr()
    linear = -(-before["linear.weight"].shape[1] // 64) * len(before["linear.weight"])
    with minidb.connect(str(db)) as connection:
        assert connection.execute("SELECT count() FROM models.words").scalar() == words + linear
    assert call("evaluate", EVALUATE, "sub", "--db", db, "--against", tmp_path / "sub") == 0


def test_other_classes_start_the_last_layer_anew_and_the_log_says_so(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tuned(tmp_path / "same", base, dataset="digits-final", freeze=["all-but-last"]) == 0
    assert "starts anew" not in capsys.readouterr().out
    told = {"arguments": {"classes": 12}, "freeze": ["all-but-last"], "lr": 1e-9}
    assert tuned(tmp_path / "more", base, **told) == 0
    assert "starts anew, for the classes are others: linear, norm3\n" in capsys.readouterr().out
    before, after = state(base), state(tmp_path / "more")
    assert after["linear.weight"].shape[0] == 12
    assert torch.equal(before["conv2.weight"], after["conv2.weight"])
    written = read_checkpoint(base)
    renamed = replace(written, classes=[f"{name}!" for name in written.classes])
    write_checkpoint(renamed, [tmp_path / "renamed.pt"])
    assert tuned(tmp_path / "renamed", tmp_path / "renamed.pt", lr=1e-9, optimizer="SGD") == 0
    after = state(tmp_path / "renamed")
    assert not torch.equal(before["linear.weight"], after["linear.weight"])
    assert torch.allclose(before["conv2.weight"], after["conv2.weight"], atol=1e-6)


def test_another_data_set_keeps_the_normalization_that_was_learned(tmp_path: Path) -> None:
    """The weights of a network for coloured images fit no grey ones; a grey one's mean is kept."""
    checkpoint_settings = {"model": "cnn3", "arguments": {"width": 0.1}, "batch_size": 300}
    told = {**checkpoint_settings, "dataset": "digits", "epochs": 1, "seed": 1}
    place = Place(folder=tmp_path / "first")
    told["arguments"] = {"width": 0.1, "depth": 1}
    assert train(told, place, None, minidb.connect) == 0
    first = tmp_path / "first" / "checkpoint.pt"
    written = read_checkpoint(first)
    assert written.config["mean"] == [0.306]
    changed = replace(written, config={**written.config, "mean": [0.25], "std": [0.5]})
    write_checkpoint(changed, [tmp_path / "other.pt"])
    assert tuned(tmp_path / "run", tmp_path / "other.pt", dataset="digits-final") == 0
    config = read_checkpoint(tmp_path / "run").config
    assert (config["mean"], config["std"]) == ([0.25], [0.5])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["conv1"], ["conv1", "norm1"]),
        (["norm2"], ["norm2"]),
        (["all-but-last-2"], ["conv1", "norm1"]),
        (["all-but-last", "norm3"], ["conv1", "norm1", "conv2", "norm2", "norm3"]),
    ],
)
def test_names_mean_layers_with_their_batch_norms(names: list[str], expected: list[str]) -> None:
    network = build("digits", {"width": 0.1})
    assert sorted(frozen_names(network, names)) == sorted(expected)


def test_blocks_and_the_databases_spelling_are_known() -> None:
    network = build("resnet_binary", {"width": 0.05})
    block = [f"block2_1.{name}" for name in (
        "body.conv1", "body.norm1", "body.conv2", "shortcut.conv", "shortcut.norm"
    )]  # fmt: skip
    assert list(frozen_names(network, ["block2_1"])) == block
    both = frozen_names(network, ["block2_1_body_conv1", "block2_1.shortcut.conv"])
    assert list(both) == [block[0], block[1], block[3], block[4]]
    last = set(frozen_names(network, ["all-but-last"]))
    assert "norm" in last
    assert not {"linear", "linear_norm"} & last


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        ({"freeze": ["conv3"]}, QUANT_UNKNOWN_NAME, "did you mean 'conv"),
        ({"freeze": ["all-but-last-3"]}, QUANT_BAD_OPTION, "freezes nothing"),
        ({"freeze": ["conv1", "conv2", "linear"]}, QUANT_BAD_OPTION, "nothing left to train"),
        ({"model": "mnist"}, QUANT_BAD_OPTION, "not 'mnist'"),
        ({"arguments": {"width": 0.2}}, QUANT_CHECKPOINT_FOREIGN, "conv1.weight has the shape"),
        ({"arguments": {"classes": 12}, "freeze": ["linear"]}, QUANT_BAD_OPTION, "starts anew"),
    ],
)
def test_what_cannot_be_is_refused(
    base: Path, tmp_path: Path, given: dict[str, Any], code: object, told: str
) -> None:
    with pytest.raises(ExtensionError) as caught:
        tuned(tmp_path / "run", base, **given)
    assert caught.value.code == code
    assert told in f"{caught.value.message} {caught.value.hint}"
    assert not (tmp_path / "run").exists()


def test_from_and_resume_exclude_each_other(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ExtensionError) as caught:
        train({}, Place(folder=tmp_path), base, minidb.connect, base)
    assert caught.value.code == QUANT_BAD_OPTION


def test_a_frozen_positive_norm_does_not_change_when_it_answers() -> None:
    norm = PositiveNorm2d(2).eval()
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([-3.0, 2.0]))
    x = torch.randn(4, 2, 3, 3)
    told = norm(x).detach()
    assert norm.weight.tolist() == [-3.0, 2.0]
    plain = nn.BatchNorm2d(2).eval()
    with torch.no_grad():
        plain.weight.copy_(torch.tensor([0.01, 2.0]))
        np.testing.assert_array_equal(told.numpy(), plain(x).numpy())
    norm.train()(x)
    np.testing.assert_array_equal(norm.weight.detach().numpy(), np.float32([0.01, 2.0]))
