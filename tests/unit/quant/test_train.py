"""Training runs: stop and resume, checkpoints, results, flags, and what is refused."""

from __future__ import annotations

import csv
import signal
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
    QUANT_CHECKPOINT_DAMAGED,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_DIVERGED,
    QUANT_FILE_UNREADABLE,
    QUANT_UNKNOWN_NAME,
    ExtensionError,
)
from quant.flips import read_flips  # noqa: E402 - torch is looked for first
from quant.trainer.batches import evaluation_order, read_batches, training_order  # noqa: E402 - as above
from quant.trainer.checkpoint import read_checkpoint  # noqa: E402 - torch is looked for first
from quant.trainer.report import Reporter  # noqa: E402 - torch is looked for first
from quant.trainer.restore import restore_network  # noqa: E402 - torch is looked for first
from quant.trainer.run import Run, Stopped  # noqa: E402 - torch is looked for first
from quant.trainer.settings import Place, Settings, make_settings  # noqa: E402 - as above
from quant.trainer.stop import Stop, stop_on_interrupt  # noqa: E402 - torch is looked for first
from quant.trainer.train import train  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

SMALL: dict[str, Any] = {
    "model": "digits",
    "arguments": {"width": 0.1},
    "batch_size": 300,
    "seed": 3,
}


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
    return run_command(Entry(), [str(one) for one in arguments])  # type: ignore[arg-type]


def trained(folder: Path, resume: Path | None = None, **given: Any) -> int:
    kept = {} if resume else SMALL
    return train({**kept, **given}, Place(folder=folder), resume, minidb.connect)


def assert_same(one: Any, two: Any) -> None:
    """Compare two checkpoints' values bit for bit."""
    assert type(one) is type(two)
    if isinstance(one, torch.Tensor):
        assert one.dtype == two.dtype
        assert torch.equal(one, two)
    elif isinstance(one, dict):
        assert one.keys() == two.keys()
        for key in one:
            assert_same(one[key], two[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(two)
        for left, right in zip(one, two, strict=True):
            assert_same(left, right)
    else:
        assert one == two


def assert_same_run(one: Path, two: Path) -> None:
    first, second = (read_checkpoint(folder / "checkpoint.pt") for folder in (one, two))
    assert first.settings["epochs"] == second.settings["epochs"]
    for name in ("state_dict", "optimizer", "flips", "rng", "rows", "best_epoch", "best_error1"):
        assert_same(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"flips": "step", "arguments": {"width": 0.1, "stochastic": True}},
        {"optimizer": "SGD", "lr": 0.05, "loss": "hinge", "resets_optimizer": True},
    ],
)
def test_stop_and_resume_give_the_weights_of_an_uninterrupted_run(
    tmp_path: Path, given: dict[str, Any]
) -> None:
    assert trained(tmp_path / "whole", epochs=4, **given) == 0
    assert trained(tmp_path / "parts", epochs=2, **given) == 0
    assert trained(tmp_path / "parts", tmp_path / "parts", epochs=4) == 0
    assert_same_run(tmp_path / "whole", tmp_path / "parts")
    for name in ("results.csv", "flips_0004.safetensors", "model_best.pt"):
        kept = [(tmp_path / folder / name) for folder in ("whole", "parts")]
        if name.endswith(".pt"):
            assert_same(*(read_checkpoint(path).state_dict for path in kept))
        else:
            assert kept[0].read_bytes() == kept[1].read_bytes()


class StopAt(Stop):
    """Asks to stop when it has been looked at so many times."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    @property
    def is_asked(self) -> bool:  # type: ignore[override]
        self.left -= 1
        return self.left < 0


def run_epochs(run: Run, until: int, stop: Stop) -> None:
    while run.at.epoch < until:
        run.train_epoch(Reporter(), stop)


@pytest.mark.parametrize("looks", [0, 1, 2, 3, 4, 5, 6, 8])
def test_a_run_that_stops_between_any_two_batches_goes_on_to_the_same_weights(looks: int) -> None:
    """898 images make three batches of training, 300 one of judging; each looks once, and at its end."""
    settings = Settings(**SMALL, dataset="digits", epochs=2, flips="step")
    data, cpu = load_dataset("digits", Path()), torch.device("cpu")
    whole = Run(settings, data, cpu)
    run_epochs(whole, 2, Stop())
    first = Run(settings, data, cpu)
    stop = StopAt(looks)
    with pytest.raises(Stopped):
        run_epochs(first, 2, stop)
    second = Run(settings, data, cpu)
    second.load(first.checkpoint())
    run_epochs(second, 2, Stop())
    one, two = whole.checkpoint(), second.checkpoint()
    for name in ("state_dict", "optimizer", "flips", "rows", "best_epoch"):
        assert_same(getattr(one, name), getattr(two, name))


def test_ctrl_c_saves_and_tells_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = Run._step

    def step(self: Run, *batch: Any) -> None:
        taken(self, *batch)
        signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Run, "_step", step)
    assert trained(tmp_path / "run", epochs=2) == 130
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGINT) is before
    told = capsys.readouterr()
    assert "--resume" in told.out
    assert "stopping" in told.err
    kept = read_checkpoint(tmp_path / "run")
    assert (kept.epoch, kept.batch) == (0, 1)
    assert trained(tmp_path / "run", tmp_path / "run") == 0
    assert trained(tmp_path / "whole", epochs=2) == 0
    assert_same_run(tmp_path / "run", tmp_path / "whole")


def test_a_second_interrupt_ends_at_once() -> None:
    with stop_on_interrupt() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_checkpoints_hold_latent_weights_unless_the_flag_says_signs(tmp_path: Path) -> None:
    trained(tmp_path / "latent", epochs=1)
    trained(tmp_path / "signs", epochs=1, keeps_signs_only=True)
    latent, signs = (
        read_checkpoint(tmp_path / name).state_dict["conv2.weight"] for name in ("latent", "signs")
    )
    assert set(signs.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(torch.sign(latent), signs)
    assert not torch.equal(latent, signs)


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


def test_damaged_checkpoints_are_refused(tmp_path: Path) -> None:
    trained(tmp_path / "run", epochs=1)
    path = tmp_path / "run" / "checkpoint.pt"
    whole = path.read_bytes()
    place = whole.index(b"PK\x01\x02") // 2  # inside of some tensor
    for data in (b"", whole[:-1], whole[: len(whole) // 2], b"text", whole[place:]):
        path.write_bytes(data)
        with pytest.raises(ExtensionError) as caught:
            trained(tmp_path / "run", path, epochs=2)
        assert caught.value.code == QUANT_CHECKPOINT_DAMAGED
        assert path.read_bytes() == data
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
    with pytest.raises(ExtensionError) as caught:
        read_checkpoint(path)
    assert caught.value.code == QUANT_CHECKPOINT_DAMAGED
    assert "at byte" in caught.value.message


def test_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    trained(tmp_path / "run", epochs=1)
    path = tmp_path / "other.pt"
    for value in ({"a": torch.zeros(2)}, [1], {"format": "minidb-checkpoint", "version": 2}):
        torch.save(value, path)
        with pytest.raises(ExtensionError) as caught:
            read_checkpoint(path)
        assert caught.value.code == QUANT_CHECKPOINT_FOREIGN
    torch.save(torch.nn.Linear(1, 1), path)  # a module is code, not data
    with pytest.raises(ExtensionError) as caught:
        read_checkpoint(path)
    assert caught.value.code == QUANT_CHECKPOINT_FOREIGN
    with pytest.raises(ExtensionError) as caught:
        trained(tmp_path / "run", tmp_path / "run", arguments={"width": 0.2})
    assert caught.value.code == QUANT_CHECKPOINT_FOREIGN
    with pytest.raises(ExtensionError) as caught:
        trained(tmp_path / "run", tmp_path / "run", model="mnist")
    assert caught.value.code == QUANT_BAD_OPTION
    with pytest.raises(ExtensionError) as caught:
        read_checkpoint(tmp_path / "none.pt")
    assert caught.value.code == QUANT_FILE_UNREADABLE


def test_every_image_is_in_one_batch_of_an_epoch() -> None:
    first, again, later = (training_order(898, 60, 5, epoch).batches for epoch in (1, 1, 2))
    assert np.array_equal(np.sort(np.concatenate(first)), np.arange(898))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], later[0])


def test_a_last_batch_of_few_images_is_left_out() -> None:
    sizes = {
        n: [len(one) for one in training_order(n, 8, 0, 1).batches]
        for n in (0, 1, 3, 8, 11, 12, 17)
    }
    assert sizes == {0: [], 1: [], 3: [3], 8: [8], 11: [8], 12: [8, 4], 17: [8, 8]}


def test_workers_change_nothing_in_the_batches() -> None:
    split = load_dataset("digits", Path()).training
    order = training_order(len(split), 100, 1, 2)
    plain, ahead = (list(read_batches(split, order, 3, workers)) for workers in (0, 3))
    assert_same(plain, ahead)
    assert [number for number, *_ in plain] == [3, 4, 5, 6, 7, 8]


def test_the_evaluation_transform_repeats_and_the_training_transform_follows_the_seed() -> None:
    split = load_dataset("digits", Path()).training
    order = evaluation_order(6, 4)
    once, twice = (list(read_batches(split, order, 0, 0)) for _ in range(2))
    assert_same(once, twice)
    assert once[0][1].shape == (4, 1, 8, 8)
    trained_once = next(read_batches(split, training_order(20, 4, 1, 1), 0, 0))
    other_seed = next(read_batches(split, training_order(20, 4, 2, 1), 0, 0))
    assert not torch.equal(trained_once[1], other_seed[1])


@pytest.mark.parametrize("name", ["digits", "digits-final"])
def test_the_shipped_digits_are_split_as_documented(name: str) -> None:
    data = load_dataset(name, Path())
    sizes = {"digits": (898, 300), "digits-final": (1198, 599)}
    assert (len(data.training), len(data.validation)) == sizes[name]


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


@pytest.mark.parametrize("model", ["digits", "cnn3"])
def test_a_checkpoint_gives_its_network_back(tmp_path: Path, model: str) -> None:
    arguments = {"depth": 2} if model == "cnn3" else {}  # 8x8 pixels are too few for three layers
    given = {"model": model, "dataset": "digits", "arguments": {"width": 0.2, **arguments}}
    trained(tmp_path / "run", epochs=1, **given)
    kept = read_checkpoint(tmp_path / "run")
    split = load_dataset("digits", Path()).validation
    pixels, labels = split.batch(np.arange(300), None)
    with torch.no_grad():
        answers = restore_network(kept)(pixels).argmax(dim=1)
    error = 100 * (answers != labels).double().mean().item()
    assert error == pytest.approx(kept.rows[-1][4], abs=1e-9)


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
