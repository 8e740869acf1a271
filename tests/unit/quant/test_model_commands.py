"""``minidb import``, ``evaluate`` and ``verify``: a checkpoint's network in the database."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import minidb  # noqa: E402 - after the check that torch is there
from minidb.extension import ExtensionError  # noqa: E402 - as above
from nn_ops.compare import compare  # noqa: E402 - as above
from nn_ops.conventions import unpack_signs  # noqa: E402 - as above
from nn_ops.errors import NN_SHAPE_MISMATCH, NN_UNKNOWN_MODEL  # noqa: E402 - as above
from nn_ops.executor import trace  # noqa: E402 - as above
from nn_ops.lower import lower  # noqa: E402 - as above
from nn_ops.model_file import load_shipped_model, read_network  # noqa: E402 - as above
from quant import verify_command  # noqa: E402 - as above
from quant.checkpoint_network import read_graph  # noqa: E402 - as above
from quant.errors import QUANT_CHECKPOINT_DAMAGED, QUANT_NO_TORCH  # noqa: E402 - as above
from quant.evaluate_command import EVALUATE  # noqa: E402 - as above
from quant.import_command import IMPORT  # noqa: E402 - as above
from quant.trainer.checkpoint import write_checkpoint  # noqa: E402 - as above
from quant.trainer.settings import Place, make_settings, with_dataset_layout  # noqa: E402 - as above
from quant.trainer.train import prepare  # noqa: E402 - as above

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an untrained digits network, its batch norms as if trained."""
    folder = tmp_path_factory.mktemp("run")
    settings = make_settings({}, {"model": "digits", "arguments": {"width": 0.25}, "seed": 3})
    place = Place(folder=folder, data_root=Path("data"), device="cpu")
    run = prepare(with_dataset_layout(settings), place)
    for module in run.network.modules():
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            module.running_var.fill_(30.0)
            with torch.no_grad():
                module.weight.copy_(torch.randn(module.weight.shape))
                module.bias.copy_(torch.randn(module.bias.shape))
    path = folder / "net.pt"
    write_checkpoint(run.checkpoint(), [path])
    return path


def call(command: Any, db: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    parser.add_argument("--db", default=":memory:")
    command.add_arguments(parser)
    code: int = command.run(parser.parse_args(["--db", str(db), *arguments]), minidb.connect)
    return code


@pytest.fixture
def db(tmp_path: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Import the checkpoint as model `d`."""
    path = tmp_path / "x.db"
    assert call(IMPORT, path, str(checkpoint), "--model", "d") == 0
    assert "Model d: 10 classes" in capsys.readouterr().out
    return path


def test_the_database_and_pytorch_agree_image_by_image(
    db: Path, checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(EVALUATE, db, "d") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "d on 300 images of digits"
    assert lines[1].split()[1:] == lines[2].split(",")[0].split()[1:]
    assert "images of another class: 0" in lines[3]
    assert call(EVALUATE, db, "d", "--dataset", "digits-final", "--against", str(checkpoint)) == 0
    assert "d on 599 images of digits-final" in capsys.readouterr().out


def test_another_checkpoint_is_told_apart(
    db: Path, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One latent weight of the second layer changes its sign: verify names layer, cell and bit."""
    kept = torch.load(checkpoint, weights_only=True)
    kept["state_dict"]["conv2.weight"][5, 3, 1, 1] *= -1
    other = tmp_path / "other.pt"
    torch.save(kept, other)
    assert call(verify_command.COMMAND, db, "d", "--against", str(checkpoint)) == 0
    assert "no difference in these" in capsys.readouterr().out
    assert call(verify_command.COMMAND, db, "d", "--against", str(other), "--images", "300") == 1
    told = capsys.readouterr().out
    # Filter 5 of conv2 is channel 5 of the signs that linear takes.
    assert "first difference: linear_sign: image" in told
    assert "word 0 bit 5 is" in told


def test_verify_without_a_model_checks_the_shipped_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(verify_command.COMMAND, tmp_path / "none.db") == 0
    assert "rebuilt from the model in double precision, 100 random" in capsys.readouterr().out
    monkeypatch.setattr(verify_command, "find_spec", lambda name: None)
    assert call(verify_command.COMMAND, tmp_path / "none.db", "--images", "1") == 0
    assert "plain loops (PyTorch is not installed), 1 random" in capsys.readouterr().out
    assert call(verify_command.COMMAND, tmp_path / "none.db", "--against", "x.pt") == 2
    assert call(verify_command.COMMAND, tmp_path / "none.db", "digits", "--images", "0") == 2


def test_every_bit_and_every_real_is_compared() -> None:
    """A planted difference of one bit, and one of 1e-8, are found where they are."""
    network = load_shipped_model()
    program = lower(network)
    pixels = verify_command.random_pixels(network, 3, 1)
    found = trace(program, pixels)
    shapes = {stage.name: stage for stage in program.stages}
    expected = {
        name: unpack_signs(column, shapes[name].output.channels)
        if shapes[name].kind == "signs"
        else column.copy()
        for name, column in found.items()
    }
    assert compare(program, found, expected).difference is None
    assert compare(program, found, expected).is_equal
    assert not compare(program, found, {}).is_equal
    with pytest.raises(ExtensionError, match="sign2 gives"):
        compare(program, found, {"sign2": np.zeros((3, 1, 1, 4))})
    expected["sign2"][2, 1, 0, 97] *= -1
    difference = compare(program, found, expected).difference
    assert difference is not None
    where = (difference.stage, difference.image, difference.row, difference.column)
    assert (where, difference.channels) == (("sign2", 2, 1, 0), (97,))
    assert "word 1 bit 33 is" in str(difference)
    expected["sign2"][2, 1, 0, 97] *= -1
    expected["norm3"].reshape(-1)[7] += 1e-7 * np.abs(expected["norm3"]).max()
    difference = compare(program, found, expected).difference
    assert difference is not None
    assert (difference.stage, difference.image, difference.channels) == ("norm3", 0, (7,))


def test_importing_again_extending_and_a_model_file(
    db: Path, checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "d.safetensors"
    assert call(IMPORT, db, str(checkpoint), "--model", "d", "--replace", "--file", str(file)) == 0
    assert read_network(file).training["dataset"] == "digits"
    assert call(IMPORT, db, str(file), "--model", "e", "--extends", "d") == 0
    capsys.readouterr()
    with minidb.connect(str(db)) as connection:
        words = connection.execute("SELECT count() FROM models.words").scalar()
        assert connection.execute("SHOW MODELS").rows() == [("d",), ("e",)]
        connection.execute("DROP MODEL e")
        assert connection.execute("SELECT count() FROM models.words").scalar() == words
    with pytest.raises(minidb.Error, match="already there"):
        call(IMPORT, db, str(checkpoint), "--model", "d")


def test_wrong_input_is_told_and_nothing_is_stored(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "new.db"
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes(checkpoint.read_bytes()[:-100])
    with pytest.raises(ExtensionError, match="damaged") as caught:
        call(IMPORT, db, str(damaged), "--model", "d")
    assert caught.value.code == QUANT_CHECKPOINT_DAMAGED
    assert not db.exists()
    assert call(IMPORT, Path(":memory:"), str(checkpoint), "--model", "d") == 2
    with pytest.raises(minidb.Error, match="no model named 'absent'") as missing:
        call(EVALUATE, db, "absent")
    assert missing.value.code == NN_UNKNOWN_MODEL
    call(IMPORT, db, str(checkpoint), "--model", "d`; DROP MODEL d")
    with minidb.connect(str(db)) as connection:
        assert connection.execute("SHOW MODELS").rows() == [("d`; DROP MODEL d",)]
    monkeypatch.setattr("quant.needs_torch.find_spec", lambda name: None)
    with pytest.raises(ExtensionError, match="reading a checkpoint needs PyTorch") as no_torch:
        call(IMPORT, db, str(checkpoint), "--model", "d")
    assert no_torch.value.code == QUANT_NO_TORCH


def test_images_of_another_size_are_refused(db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "imagenet"
    image = pytest.importorskip("PIL.Image")
    for split in ("train", "val"):
        for place in range(10):
            (folder / split / str(place)).mkdir(parents=True)
            image.new("RGB", (9, 9)).save(folder / split / str(place) / "a.png")
    with pytest.raises(ExtensionError, match="the model takes images of 8x8x1") as caught:
        call(EVALUATE, db, "d", "--dataset", "imagenet", "--data", str(tmp_path))
    assert caught.value.code == NN_SHAPE_MISMATCH


def test_the_graph_tells_how_it_was_trained(checkpoint: Path) -> None:
    training = read_graph(checkpoint).training
    assert (training["model"], training["dataset"], training["epochs"]) == ("digits", "digits", 0)
