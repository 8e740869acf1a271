"""Checkpoints: stop and resume give the same weights; damaged and foreign files are refused."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")


from quant.datasets import load_dataset  # noqa: E402 - torch is looked for first
from quant.errors import (  # noqa: E402 - torch is looked for first
    QUANT_BAD_OPTION,
    QUANT_CHECKPOINT_DAMAGED,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_FILE_UNREADABLE,
    ExtensionError,
)
from quant.trainer.checkpoint import read_checkpoint  # noqa: E402 - torch is looked for first
from quant.trainer.restore import restore_network  # noqa: E402 - torch is looked for first
from quant.trainer.run import Run, Stopped  # noqa: E402 - torch is looked for first
from quant.trainer.settings import Settings  # noqa: E402 - as above
from quant.trainer.stop import Stop, stop_on_interrupt  # noqa: E402 - torch is looked for first
from tests.support.training_runs import (  # noqa: E402 - torch is looked for first
    SMALL,
    StopAt,
    assert_same,
    assert_same_run,
    run_epochs,
    trained,
)

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def no_curves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test of the curves waits for matplotlib."""
    monkeypatch.setattr("quant.trainer.train.can_draw", lambda: False)


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
