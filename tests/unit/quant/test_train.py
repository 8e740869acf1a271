"""Training runs: the command, its flags, results, flips, and what is refused."""

from __future__ import annotations

import csv
import subprocess
import sys
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rich.console import Console  # noqa: E402 - after the check that torch is there

import minidb  # noqa: E402 - after the check that torch is there
import quant  # noqa: E402 - torch is looked for first
from minidb.cli.commands import run_command  # noqa: E402 - torch is looked for first
from quant.binarize import binarized_layers  # noqa: E402 - torch is looked for first
from quant.commands import parse_arguments  # noqa: E402 - torch is looked for first
from quant.datasets import Dataset, load_dataset  # noqa: E402 - torch is looked for first
from quant.datasets.arrays import ArraySplit  # noqa: E402 - torch is looked for first
from quant.errors import (  # noqa: E402 - torch is looked for first
    QUANT_BAD_OPTION,
    QUANT_DIVERGED,
    QUANT_UNKNOWN_NAME,
    ExtensionError,
)
from quant.flips import read_flips  # noqa: E402 - torch is looked for first
from quant.trainer.report import Reporter  # noqa: E402 - torch is looked for first
from quant.trainer.run import Run  # noqa: E402 - torch is looked for first
from quant.trainer.settings import Settings, make_settings  # noqa: E402 - as above
from quant.trainer.stop import Stop  # noqa: E402 - torch is looked for first
from tests.support.training_runs import (  # noqa: E402 - torch is looked for first
    SMALL,
    run_epochs,
    trained,
)

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test of the curves waits for matplotlib."""
    monkeypatch.setattr("quant.trainer.train.can_draw", lambda: False)


class Entry:
    """The entry point of the command, as the installed package would have it."""

    name = "train"
    value = "quant.commands:TRAIN"

    def load(self) -> Any:
        from quant.commands import TRAIN

        return TRAIN


def command(*arguments: object) -> int:
    return run_command(Entry(), [str(one) for one in arguments])  # type: ignore[arg-type]  # it has what is asked of it


def test_the_optimizers_state_survives_epochs_unless_the_flag_resets_it() -> None:
    data, cpu = load_dataset("digits", Path()), torch.device("cpu")
    steps = {}
    for resets in (False, True):
        settings = Settings(**SMALL, dataset="digits", epochs=2, resets_optimizer=resets)
        run = Run(settings, data, cpu)
        for _ in range(2):
            run.train_epoch(Reporter(), Stop())
        assert run.optimizer is not None
        state = run.optimizer.state_dict()["state"]
        steps[resets] = int(state[0]["step"])
    assert steps == {False: 6, True: 3}


def test_the_command_trains_and_evaluates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quant.trainer.train.can_draw", lambda: True)
    at = ("--results_dir", tmp_path, "--save", "run")
    told = (
        "-a", "digits", "--model_config", "{'width': 0.1}", "-b", 300, "--snapshots", "1,2",
        "--db", tmp_path / "flips.db", "-p", 2,
    )  # fmt: skip
    assert command(*told, *at, "--epochs", 3, "--workers", 2) == 0
    folder = tmp_path / "run"
    with (folder / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    errors = ["train_error1", "val_error1", "train_error5", "val_error5"]
    assert list(rows[0]) == ["epoch", "train_loss", "val_loss", *errors]
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert (folder / "results.png").read_bytes().startswith(b"\x89PNG")
    log = (folder / "log.txt").read_text()
    assert "epoch 2: Adam, lr 0.005" in log
    assert "epoch 2, batch 2 of 3: loss" in log
    capsys.readouterr()
    assert command("--evaluate", folder / "checkpoint.pt") == 0
    error = float(rows[-1]["val_error1"])
    assert f"error {error:.2f} %" in capsys.readouterr().out
    counted = {
        (one.epoch_from, one.epoch_to): one
        for one in map(read_flips, sorted(folder.glob("flips_*.safetensors")))
    }
    assert sorted(counted) == [(0, 1), (0, 2), (0, 3)]
    with minidb.connect(str(tmp_path / "flips.db")) as connection:
        rows = connection.execute(
            "SELECT epoch_from, epoch_to, count(), sum(count) FROM flips "
            "GROUP BY epoch_from, epoch_to ORDER BY epoch_from"
        ).rows()
    sums = [sum(int(one.sum()) for one in counted[0, end].counts.values()) for end in (1, 2, 3)]
    n = sum(one.size for one in counted[0, 1].counts.values())
    assert rows == [(0, 1, n, sums[0]), (1, 2, n, sums[1] - sums[0]), (2, 3, n, sums[2] - sums[1])]


def test_flips_equal_a_comparison_of_the_kept_signs() -> None:
    settings = Settings(**SMALL, dataset="digits", epochs=3)
    run = Run(settings, load_dataset("digits", Path()), torch.device("cpu"))
    signs = [{name: layer.flat_signs() for name, layer in binarized_layers(run.network)}]
    for _ in range(3):
        run.train_epoch(Reporter(), Stop())
        signs.append({name: layer.flat_signs() for name, layer in binarized_layers(run.network)})
    assert run.flips is not None
    flips = run.flips.snapshot("digits", 3)
    for name, counts in flips.counts.items():
        wanted = sum((a[name] != b[name]).astype(int) for a, b in pairwise(signs))
        assert np.array_equal(counts, wanted)
    assert any(counts.any() for counts in flips.counts.values())


def test_each_flag_changes_what_it_names() -> None:
    settings = make_settings({}, {"model": "resnet_binary", "dataset": "digits", "epochs": 7})
    assert (settings.epochs, settings.dataset, settings.batch_size) == (7, "digits", 256)
    kept = {"model": "digits", "dataset": "digits-final", "epochs": 5, "lr": 0.5}
    settings = make_settings(kept, {"lr": 0.25})
    assert (settings.dataset, settings.epochs, settings.lr) == ("digits-final", 5, 0.25)


def test_a_run_without_a_network_is_refused() -> None:
    with pytest.raises(ExtensionError) as caught:
        make_settings({}, {"epochs": 3})
    assert "resnet_binary" in str(caught.value.hint)


def test_optimizer_flags_take_the_place_of_the_networks_regime(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path / "a", epochs=1, optimizer="RMSprop", lr=0.25)
    trained(tmp_path / "b", epochs=1, lr=0.125)
    told = capsys.readouterr().out
    assert "epoch 1: RMSprop lr 0.25" in told
    assert "epoch 1: SGD lr 0.125" in told


def test_start_epoch_leaves_epochs_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained(tmp_path / "run", epochs=101, start_epoch=100)
    assert "epoch 101: Adam lr 0.0005" in capsys.readouterr().out
    assert (read_flips(tmp_path / "run/flips_0101.safetensors").epoch_from) == 100


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{'depth': 20, 'width': 0.5}", {"depth": 20, "width": 0.5}),
        ('{"zero": 1, "real_weights": true}', {"zero": 1, "real_weights": True}),
        (" ", {}),
    ],
)
def test_arguments_are_read_as_json_or_python(text: str, value: object) -> None:
    assert parse_arguments(text) == value


@pytest.mark.parametrize(
    "text", ["[1]", "{1: 2}", "{'a': open('x')}", "{'a'", "x" * 10, "(" * 9999]
)
def test_arguments_that_are_no_dict_are_refused(text: str) -> None:
    with pytest.raises(ExtensionError) as caught:
        parse_arguments(text)
    assert caught.value.code == QUANT_BAD_OPTION


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"model": "digit"}, QUANT_UNKNOWN_NAME),
        ({"dataset": "digitz"}, QUANT_UNKNOWN_NAME),
        ({"optimizer": "adam"}, QUANT_UNKNOWN_NAME),
        ({"loss": "hing"}, QUANT_UNKNOWN_NAME),
        ({"flips": "steps"}, QUANT_UNKNOWN_NAME),
        ({"flip_layers": ("conv3",)}, QUANT_UNKNOWN_NAME),
        ({"arguments": {"widht": 1}}, QUANT_UNKNOWN_NAME),
        ({"arguments": {"classes": 3}}, QUANT_BAD_OPTION),
        ({"arguments": {"channels": 3}}, QUANT_BAD_OPTION),
        ({"image_size": 16}, QUANT_BAD_OPTION),
        ({"epochs": 0}, QUANT_BAD_OPTION),
        ({"batch_size": 0}, QUANT_BAD_OPTION),
        ({"seed": -1}, QUANT_BAD_OPTION),
        ({"seed": 2**63}, QUANT_BAD_OPTION),
        ({"lr": -1.0}, QUANT_BAD_OPTION),
        ({"lr": 1e38, "optimizer": "SGD", "epochs": 2}, QUANT_DIVERGED),
    ],
)
def test_bad_settings_are_refused(tmp_path: Path, given: dict[str, Any], code: object) -> None:
    with pytest.raises(ExtensionError) as caught:
        trained(tmp_path / "run", **given)
    assert caught.value.code == code
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_a_folder_with_a_run_is_not_written_over(tmp_path: Path) -> None:
    trained(tmp_path / "run", epochs=1)
    before = (tmp_path / "run" / "checkpoint.pt").read_bytes()
    with pytest.raises(ExtensionError) as caught:
        trained(tmp_path / "run", epochs=1)
    assert caught.value.code == QUANT_BAD_OPTION
    assert (tmp_path / "run" / "checkpoint.pt").read_bytes() == before


def test_too_few_images_are_refused() -> None:
    one = ArraySplit(np.zeros((1, 8, 8, 1), np.uint8), np.zeros(1, np.int64))
    data = Dataset("one", ("0",), 1, 8, 16, (0.5,), (0.5,), one, one)
    run = Run(Settings(**{**SMALL, "dataset": "digits", "epochs": 1}), data, torch.device("cpu"))
    with pytest.raises(ExtensionError) as caught:
        run.train_epoch(Reporter(), Stop())
    assert caught.value.code == QUANT_BAD_OPTION


def test_the_commands_help_needs_no_torch() -> None:
    code = (
        "import sys, argparse, quant.commands as c; p = argparse.ArgumentParser();"
        "c.TRAIN.add_arguments(p); p.format_help(); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_quant_names_its_parts() -> None:
    for name in quant.__all__:
        assert getattr(quant, name) is not None


def test_the_bar_shows_loss_and_accuracy() -> None:
    screen = StringIO()
    reporter = Reporter(console=Console(file=screen, force_terminal=True, width=120))
    settings = Settings(**SMALL, dataset="digits", epochs=1)
    Run(settings, load_dataset("digits", Path()), torch.device("cpu")).train_epoch(reporter, Stop())
    shown = screen.getvalue()
    assert "epoch   1" in shown
    assert "judging" in shown
    assert "loss " in shown
    assert "right " in shown


@pytest.mark.nightly
def test_the_digits_are_learned() -> None:
    settings = make_settings({}, {"model": "digits", "epochs": 70})
    run = Run(settings, load_dataset("digits", Path()), torch.device("cpu"))
    run_epochs(run, 70, Stop())
    assert run.at.best_error1 is not None
    assert run.at.best_error1 < 8
