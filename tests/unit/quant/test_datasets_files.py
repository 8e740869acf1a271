"""MNIST, CIFAR and folders of images, from small files written here in the real formats."""

from __future__ import annotations

import gzip
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
Image = pytest.importorskip("PIL.Image")

from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE  # noqa: E402 - after the check
from quant.datasets import load_dataset  # noqa: E402 - as above
from quant.datasets.transforms import cropped_and_flipped, resized  # noqa: E402 - as above
from quant.errors import ExtensionError  # noqa: E402 - as above

pytestmark = pytest.mark.torch

RNG = np.random.default_rng(5)


def write_idx(path: Path, array: np.ndarray) -> None:
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    data = head + array.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def write_mnist(folder: Path, n_images: int = 6, n_labels: int = 6) -> np.ndarray:
    folder.mkdir(parents=True)
    images = RNG.integers(0, 256, (n_images, 28, 28), np.uint8)
    for prefix, ending in (("train", ".gz"), ("t10k", "")):
        write_idx(folder / f"{prefix}-images-idx3-ubyte{ending}", images)
        labels = np.arange(n_labels, dtype=np.uint8)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte{ending}", labels)
    return images


def rows(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.int64)


@pytest.mark.parametrize("folder", ["mnist", "MNIST/raw"])
def test_mnist(tmp_path: Path, folder: str) -> None:
    images = write_mnist(tmp_path / folder)
    data = load_dataset("mnist", tmp_path)
    assert (data.channels, data.image_size, data.max_pixel, len(data.classes)) == (1, 28, 255, 10)
    assert (data.mean, data.std) == ((0.1307,), (0.3081,))
    for split in (data.training, data.validation):
        pixels, labels = split.batch(rows(6), None)
        assert pixels.shape == (6, 1, 28, 28)
        np.testing.assert_array_equal(pixels[:, 0].numpy(), images)
        assert labels.tolist() == [0, 1, 2, 3, 4, 5]


def test_mnist_says_where_it_looked_and_what_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ExtensionError, match="no file 'train-images-idx3-ubyte'") as caught:
        load_dataset("mnist", tmp_path)
    assert caught.value.code == NN_FILE_UNREADABLE
    assert str(tmp_path / "MNIST/raw") in str(caught.value)
    write_mnist(tmp_path / "mnist", 6, 5)
    with pytest.raises(ExtensionError, match="5 labels for 6 images") as caught:
        load_dataset("mnist", tmp_path)
    assert caught.value.code == NN_FILE_DAMAGED


def write_cifar(folder: Path, names: list[str], n_labels: int, *, pickled: bool) -> np.ndarray:
    folder.mkdir(parents=True)
    pixels = RNG.integers(0, 256, (4, 3072), np.uint8)
    labels = RNG.integers(0, 10, (4, n_labels), np.uint8)
    for name in names:
        if pickled:
            kinds = [b"labels"] if n_labels == 1 else [b"coarse_labels", b"fine_labels"]
            batch = {b"data": pixels, **dict(zip(kinds, labels.T.tolist(), strict=True))}
            (folder / name).write_bytes(pickle.dumps(batch, 2))
        else:
            (folder / f"{name}.bin").write_bytes(np.concatenate([labels, pixels], 1).tobytes())
    return pixels


@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
def test_cifar(tmp_path: Path, name: str, pickled: bool) -> None:
    if name == "cifar10":
        names, folder = (
            [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"],
            "cifar-10-batches-",
        )
    else:
        names, folder = ["train", "test"], "cifar-100-"
    ending = "py" if name == "cifar10" else "python"
    home = tmp_path / (folder + (ending if pickled else "bin" if name == "cifar10" else "binary"))
    planes = write_cifar(home, names, 1 if name == "cifar10" else 2, pickled=pickled)
    data = load_dataset(name, tmp_path)
    assert len(data.training) == 4 * (len(names) - 1)
    assert len(data.classes) == (10 if name == "cifar10" else 100)
    pixels, labels = data.validation.batch(rows(4), None)
    np.testing.assert_array_equal(pixels.numpy().reshape(4, 3072), planes)
    assert labels.dtype == torch.int64
    first = data.training.batch(rows(4), torch.Generator().manual_seed(0))[0]
    again = data.training.batch(rows(4), torch.Generator().manual_seed(0))[0]
    assert torch.equal(first, again)
    assert first.shape == (4, 3, 32, 32)
    (home / ("test_batch" if name == "cifar10" else "test")).unlink(missing_ok=True)
    for file in home.glob("test*"):
        file.unlink()
    with pytest.raises(ExtensionError, match="there is no file 'test"):
        load_dataset(name, tmp_path)


def test_a_crop_is_a_window_of_the_padded_image_perhaps_mirrored() -> None:
    pixels = torch.arange(1.0, 2 * 5 * 4 + 1).reshape(2, 1, 5, 4)
    transform = cropped_and_flipped(2)
    assert transform(pixels, None) is pixels
    padded = torch.nn.functional.pad(pixels, (2, 2, 2, 2))
    seen = set()
    for seed in range(60):
        found = transform(pixels, torch.Generator().manual_seed(seed))
        for image in range(2):
            places = [
                (down, along, mirrored)
                for down in range(5)
                for along in range(5)
                for mirrored in (False, True)
                if torch.equal(
                    found[image, 0].flip(-1) if mirrored else found[image, 0],
                    padded[image, 0, down : down + 5, along : along + 4],
                )
            ]
            assert places
            seen.add(places[0])
    assert len(seen) > 30
    assert {mirrored for _, _, mirrored in seen} == {False, True}


def test_resizing_keeps_whole_pixels_and_leaves_the_right_size_alone() -> None:
    pixels = torch.from_numpy(RNG.integers(0, 256, (3, 1, 28, 28))).float()
    assert resized(28)(pixels, None) is pixels
    larger = resized(32)(pixels, None)
    assert larger.shape == (3, 1, 32, 32)
    assert torch.equal(larger, larger.round())
    assert larger.min() >= 0
    assert larger.max() <= 255


def write_images(home: Path, classes: tuple[str, ...]) -> None:
    for split in ("train", "val"):
        for place, name in enumerate(classes):
            folder = home / split / name
            folder.mkdir(parents=True)
            for number in range(2):
                solid = np.full((40, 60 + number, 3), 50 * place + 20, np.uint8)
                Image.fromarray(solid).save(folder / f"{number}.png")


def test_folders_of_images(tmp_path: Path) -> None:
    write_images(tmp_path / "imagenet", ("ant", "bee"))
    data = load_dataset("imagenet", tmp_path, 32)
    assert (data.classes, data.image_size, len(data.training)) == (("ant", "bee"), 32, 4)
    for split, generator in (
        (data.training, torch.Generator().manual_seed(1)),
        (data.validation, None),
    ):
        pixels, labels = split.batch(rows(4), generator)
        assert labels.tolist() == [0, 0, 1, 1]
        assert pixels.shape == (4, 3, 32, 32)
        assert [int(image.unique()) for image in pixels] == [20, 20, 70, 70]


def test_a_file_that_is_no_image_and_other_classes_are_refused(tmp_path: Path) -> None:
    write_images(tmp_path, ("ant", "bee"))
    data = load_dataset("imagenet", tmp_path, 16)
    whole = (tmp_path / "val/ant/0.png").read_bytes()
    for damaged in (b"", b"no image", whole[: len(whole) // 2]):
        (tmp_path / "val/ant/0.png").write_bytes(damaged)
        with pytest.raises(ExtensionError, match=r"ant/0\.png' is no whole image") as caught:
            data.validation.batch(rows(1), None)
        assert caught.value.code == NN_FILE_DAMAGED
    (tmp_path / "val/ant").rename(tmp_path / "val/ape")
    with pytest.raises(ExtensionError, match="has other classes"):
        load_dataset("imagenet", tmp_path)
    with pytest.raises(ExtensionError, match="no folders of images"):
        load_dataset("imagenet", tmp_path / "nowhere")
