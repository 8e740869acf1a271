"""The large networks, narrow: two steps of training, then export, import and the same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import minidb  # noqa: E402 - after the check that torch is there
from nn_ops.model_file import write_network  # noqa: E402 - as above
from quant.binarize import clamp_latent_weights  # noqa: E402 - as above
from quant.checkpoint_network import read_graph, read_module  # noqa: E402 - as above
from quant.datasets import Dataset  # noqa: E402 - as above
from quant.datasets.arrays import ArraySplit  # noqa: E402 - as above
from quant.trainer.checkpoint import write_checkpoint  # noqa: E402 - as above
from quant.trainer.report import Reporter  # noqa: E402 - as above
from quant.trainer.run import Run  # noqa: E402 - as above
from quant.trainer.settings import Settings  # noqa: E402 - as above
from quant.trainer.stop import Stop  # noqa: E402 - as above

pytestmark = pytest.mark.torch

N_IMAGES = 8
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""One for each channel: with equal ones, sums of a first layer can be exactly 0, which PyTorch rounds."""
NETWORKS: list[tuple[str, dict[str, Any], int]] = [
    ("alexnet_binary", {"width": 0.015}, 64),
    ("vgg_cifar10_binary", {"width": 0.04}, 32),
    ("resnet_binary", {"width": 0.06, "depth": 14}, 32),
    ("resnet_binary", {"width": 0.06, "layout": "imagenet", "depth": 50}, 64),
]


def images_of(size: int) -> Dataset:
    generator = np.random.default_rng(size)
    split = ArraySplit(
        generator.integers(0, 256, (N_IMAGES, size, size, 3), np.uint8),
        generator.integers(0, 4, N_IMAGES),
    )
    classes = ("a", "b", "c", "d")
    return Dataset("drawn", classes, 3, size, 255, MEAN, STD, split, split)


@pytest.mark.parametrize(("name", "arguments", "size"), NETWORKS, ids=str)
def test_two_steps_then_the_database_answers_as_pytorch_does(
    name: str, arguments: dict[str, Any], size: int, tmp_path: Path
) -> None:
    settings = Settings(
        model=name, arguments={**arguments, "zero": 1}, dataset="imagenet", epochs=1,
        batch_size=N_IMAGES // 2, seed=1,
    )  # fmt: skip
    data = images_of(size)
    run = Run(settings, data, torch.device("cpu"))
    before = {key: one.clone() for key, one in run.network.state_dict().items()}
    run.train_epoch(Reporter(), Stop())
    clamp_latent_weights(run.network)
    after = run.network.state_dict()
    still = [
        key for key in before if key.endswith(".weight") and torch.equal(before[key], after[key])
    ]
    assert still == []
    write_checkpoint(run.checkpoint(), [tmp_path / "net.pt"])
    write_network(read_graph(tmp_path / "net.pt"), tmp_path / "net.safetensors")
    with minidb.connect() as connection:
        path = str(tmp_path / "net.safetensors")
        connection.execute("CREATE MODEL m FROM ?", [path])
        written = connection.execute("SELECT nnModelFile('m')").scalar()
        pixels, _ = data.validation.batch(np.arange(2), None)
        flat = pixels.permute(0, 2, 3, 1).flatten(1).long().tolist()
        logits = [
            connection.execute("SELECT predictLogits('m', ?)", [image]).scalar() for image in flat
        ]
    assert bytes(written) == (tmp_path / "net.safetensors").read_bytes()
    module, _, _ = read_module(tmp_path / "net.pt")
    with torch.no_grad():
        expected = torch.log_softmax(module(pixels.double()), dim=1)
    found = torch.log_softmax(torch.tensor(logits, dtype=torch.float64), dim=1)
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=1e-9)
