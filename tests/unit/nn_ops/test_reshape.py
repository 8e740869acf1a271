"""Patches, their inverse and flattening on packed words."""

from __future__ import annotations

import numpy as np
import pytest

from nn_ops.conventions import n_words, pack_bits, unpack_bits
from nn_ops.errors import ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.reshape import deposit_bits, extract_bits, flatten, im2col, recover


def random_images(shape: ImageShape, n: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Bits and the images that they pack to."""
    size = (n, shape.height, shape.width, shape.channels)
    bits = np.random.default_rng(seed).random(size) < 0.5
    return bits, pack_bits(bits)


def test_the_patches_of_four_cells_with_a_border():
    """Section 12 of the definitions: a value is three channels here, its binary digits."""
    values = np.array([[[1], [2]], [[3], [4]]])
    images = pack_bits((values >> np.arange(3)) & 1 == 1)[None]
    patches = im2col(images, ImageShape(2, 2, 3), Window((2, 2), padding=(1, 1)))
    digits = unpack_bits(patches, 12).reshape(9, 4, 3)
    rows = (digits @ [1, 2, 4]).tolist()
    assert rows[0] == [0, 0, 0, 1]
    assert rows[4] == [1, 2, 3, 4]
    assert rows[8] == [4, 0, 0, 0]
    assert rows[1] == [0, 0, 1, 2]


@pytest.mark.parametrize("channels", [1, 8, 63, 64, 65, 160])
def test_a_patch_is_contiguous_bits(channels: int):
    shape = ImageShape(3, 4, channels)
    bits, images = random_images(shape)
    (patches,) = im2col(images, shape, Window((2, 3)))
    assert patches.shape == (2, 2 * 2, n_words(6 * channels))
    expected = bits[1, 1:3, 1:4].reshape(-1)
    assert np.array_equal(unpack_bits(patches[1, 3], 6 * channels), expected)


def test_groups_split_the_channels():
    shape = ImageShape(2, 2, 6)
    bits, images = random_images(shape)
    patches = im2col(images, shape, Window((2, 2)), groups=3)
    for group in range(3):
        expected = bits[..., 2 * group : 2 * group + 2].reshape(2, 8)
        assert np.array_equal(unpack_bits(patches[group, :, 0], 8), expected)


@pytest.mark.parametrize("channels", [1, 3, 64, 70])
def test_flatten_runs_by_row_column_channel(channels: int):
    shape = ImageShape(3, 5, channels)
    bits, images = random_images(shape)
    assert np.array_equal(flatten(images, shape), pack_bits(bits.reshape(2, -1)))


def test_no_image_has_no_patches():
    shape = ImageShape(3, 3, 65)
    images = np.zeros((0, 3, 3, 2), dtype=np.uint64)
    assert im2col(images, shape, Window((2, 2))).shape == (1, 0, 4, n_words(4 * 65))
    assert flatten(images, shape).shape == (0, n_words(9 * 65))


@pytest.mark.parametrize("window", [Window((2, 2), (2, 2)), Window((1, 1), padding=(2, 0))])
@pytest.mark.parametrize("groups", [1, 2])
def test_recover_undoes_im2col(window: Window, groups: int):
    shape = ImageShape(4, 6, 70)
    _, images = random_images(shape)
    patches = im2col(images, shape, window, groups)
    assert np.array_equal(recover(patches, shape, window, groups), images)


@pytest.mark.parametrize(
    ("shape", "window", "lost"),
    [
        (ImageShape(4, 4, 1), Window((1, 1), (2, 2)), "row 1"),
        (ImageShape(4, 5, 1), Window((2, 2), (2, 2)), "column 4"),
    ],
)
def test_recover_refuses_patches_that_lose_cells(shape: ImageShape, window: Window, lost: str):
    _, images = random_images(shape)
    patches = im2col(images, shape, window)
    with pytest.raises(ExtensionError, match=lost) as refused:
        recover(patches, shape, window)
    assert refused.value.code.name == "NN_NOT_COVERED"


def test_recover_refuses_patches_that_disagree():
    shape, window = ImageShape(3, 3, 2), Window((2, 2), padding=(1, 1))
    _, images = random_images(shape)
    for position, bit in ((5, 0), (0, 0), (5, 63)):  # an overlap, the border, the tail
        patches = im2col(images, shape, window)
        patches[0, 1, position, 0] ^= np.uint64(1 << bit)
        with pytest.raises(ExtensionError) as refused:
            recover(patches, shape, window)
        assert refused.value.code.name == "NN_PATCHES_DISAGREE"


def test_operands_of_another_shape_are_refused():
    shape, window = ImageShape(3, 3, 65), Window((2, 2))
    _, images = random_images(shape)
    wrong = [
        lambda: im2col(images[:, :2], shape, window),
        lambda: im2col(images.astype(np.int64), shape, window),
        lambda: im2col(images[0], shape, window),
        lambda: im2col(images, shape, window, groups=2),
        lambda: im2col(images, shape, window, groups=0),
        lambda: im2col(images, shape, Window((4, 1))),
        lambda: im2col(images | np.uint64(2), ImageShape(3, 3, 65), window),
        lambda: recover(im2col(images, shape, window)[:, :, :3], shape, window),
        lambda: recover(im2col(images, shape, window)[0], shape, window),
        lambda: flatten(images, ImageShape(3, 2, 65)),
    ]
    for call in wrong:
        with pytest.raises(ExtensionError) as refused:
            call()
        assert refused.value.code.name == "NN_SHAPE_MISMATCH"


@pytest.mark.parametrize("at", [0, 1, 63, 64, 100])
@pytest.mark.parametrize("n_bits", [1, 28, 64, 65, 128, 129])
def test_deposited_bits_are_extracted(at: int, n_bits: int):
    bits = np.random.default_rng(at).random((3, n_bits)) < 0.5
    words = np.moveaxis(pack_bits(bits), -1, 0)
    target = np.zeros((n_words(at + n_bits), 3), dtype=np.uint64)
    deposit_bits(target, words, at, n_bits)
    around = np.zeros((3, at + n_bits), dtype=np.bool_)
    around[:, at:] = bits
    assert np.array_equal(target.T, pack_bits(around))
    target[0] |= np.uint64(at > 0)  # a bit before does not come along
    assert np.array_equal(extract_bits(target, at, n_bits), words)
