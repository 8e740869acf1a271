"""Training: it repeats bit for bit, and what it makes can be exported and rebuilt exactly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import quant  # noqa: E402 - after the check that torch is there
from nn_ops.digits import load_digits  # noqa: E402 - after the check that torch is there
from nn_ops.errors import (  # noqa: E402 - torch is looked for first
    NN_NOT_FINITE,
    NN_SIGN_OF_ZERO,
    ExtensionError,
)
from nn_ops.model_file import dump_network, load_network, read_network  # noqa: E402 - torch is looked for first
from quant.augment import Distortion, distort  # noqa: E402 - torch is looked for first
from quant.export import export_digits  # noqa: E402 - torch is looked for first
from quant.networks.digits import DigitsNetwork, DigitsShape, thermometer  # noqa: E402 - torch is looked for first
from quant.rebuild import rebuild_network  # noqa: E402 - torch is looked for first
from quant.train_digits import as_tensors, main, split  # noqa: E402 - torch is looked for first
from quant.training import Recipe, measure_batch_statistics, train  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch

SMALL = DigitsShape(thresholds=(3, 8), filters1=5, filters2=7)


def small_network(seed: int = 0) -> DigitsNetwork:
    """Return an untrained small network with random batch norms of both signs."""
    torch.manual_seed(seed)
    network = DigitsNetwork(SMALL).double()
    with torch.no_grad():
        for norm in (network.norm1, network.norm2, network.norm3):
            norm.weight.normal_()
            norm.bias.normal_()
        for layer in (network.conv1, network.conv2, network.linear):
            layer.bias.uniform_(-0.9, 0.9)
    images, _ = as_tensors(load_digits()[:200])
    measure_batch_statistics(network, images.double())
    return network


def test_two_runs_give_the_same_bits() -> None:
    images, labels = as_tensors(load_digits()[:200])
    recipe = Recipe(seed=5, epochs=2, shape=SMALL)
    losses: list[list[float]] = [[], []]
    runs = [
        train(images, labels, recipe, lambda _, loss, to=seen: to.append(loss)) for seen in losses
    ]
    assert losses[0] == losses[1]
    first, second = (run.state_dict() for run in runs)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_another_seed_gives_another_network() -> None:
    images, labels = as_tensors(load_digits()[:100])
    one, two = (
        train(images, labels, Recipe(seed=seed, epochs=1, shape=SMALL), lambda *_: None)
        for seed in (1, 2)
    )
    assert not torch.equal(one.conv1.weight, two.conv1.weight)


@pytest.mark.parametrize("seed", range(4))
def test_export_and_rebuild_give_the_same_logits(seed: int) -> None:
    network = small_network(seed)
    again = rebuild_network(load_network(dump_network(export_digits(network, {}))))
    images = as_tensors(load_digits()[:300])[0].double()
    with torch.no_grad():
        assert torch.equal(network(images), again(images))


def test_exporting_twice_gives_the_same_bytes() -> None:
    one, two = (dump_network(export_digits(small_network(), {"seed": 1})) for _ in range(2))
    assert one == two


def test_a_weight_of_zero_counts_as_pruned() -> None:
    network = small_network()
    with torch.no_grad():
        network.conv2.weight[1, 2, 0, 0] = 0.0
    exported = export_digits(network, {})
    (mask,) = (node.weights.mask for node in exported.nodes if node.name == "conv2")
    filters, channels, *_ = network.conv2.weight.shape
    assert np.bitwise_count(mask).sum() == filters * channels * 9 - 1
    images = as_tensors(load_digits()[:9])[0].double()
    with torch.no_grad():
        assert torch.equal(network(images), rebuild_network(exported)(images))


def test_an_activation_of_zero_is_not_exported() -> None:
    network = small_network()
    with torch.no_grad():
        network.norm1.weight[0] = network.norm1.bias[0] = 0.0
    with pytest.raises(ExtensionError) as caught:
        export_digits(network, {})
    assert caught.value.code == NN_SIGN_OF_ZERO


def test_a_parameter_that_is_not_finite_is_not_exported() -> None:
    network = small_network()
    with torch.no_grad():
        network.norm2.weight[0] = float("nan")
    with pytest.raises(ExtensionError) as caught:
        export_digits(network, {})
    assert caught.value.code == NN_NOT_FINITE


def test_the_thermometer_is_strict() -> None:
    planes = thermometer(torch.tensor([[[3.0, 4.0]]]), (3, 8))
    assert planes.tolist() == [[[[-1.0, 1.0]], [[-1.0, -1.0]]]]


def test_no_distortion_changes_nothing() -> None:
    images = as_tensors(load_digits()[:3])[0]
    nothing = Distortion(rotation_degrees=0.0, shift_pixels=0.0, stretch=0.0)
    same = distort(images, nothing, torch.Generator().manual_seed(0))
    assert torch.allclose(same, images, rtol=0, atol=1e-4)


def test_the_splits_never_train_on_held_out_images() -> None:
    digits = load_digits()
    for name, fitted_size, judged_size in [("validation", 898, 300), ("all", 1198, 599)]:
        fitted, judged = split(digits, name)
        assert (len(fitted), len(judged)) == (fitted_size, judged_size)
        assert np.array_equal(fitted.pixels, digits.pixels[:fitted_size])
        assert np.array_equal(judged.pixels, digits.pixels[fitted_size:][:judged_size])


def test_the_command_writes_a_model_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.safetensors"
    assert main(["--seed", "4", "--epochs", "1", "--out", str(path)]) == 0
    assert capsys.readouterr().out.startswith("seed 4: fitted ")
    facts = read_network(path).training
    assert (facts["seed"], facts["epochs"], facts["split"]) == (4, 1, "validation")


def test_the_command_reports_a_path_it_cannot_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "none" / "model.safetensors"
    assert main(["--epochs", "1", "--out", str(path)]) == 1
    assert "NN_FILE_UNREADABLE" in capsys.readouterr().err


def test_importing_quant_does_not_import_torch() -> None:
    code = "import sys, quant; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_quant_fetches_its_names_when_used() -> None:
    assert quant.rebuild_network is rebuild_network
    with pytest.raises(AttributeError, match="nothing"):
        _ = quant.nothing
