"""Readers of published data files, on small files written here in the real formats."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import pickletools
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minidb
from nn_ops.datasets.cifar import CIFAR10, CIFAR100, IMAGE_BYTES, CifarForm, read_cifar
from nn_ops.datasets.idx import DTYPES, parse_idx, read_idx
from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE, ExtensionError

PATH = Path("some-idx")


def idx_bytes(array: np.ndarray) -> bytes:
    """Write an array as the format's description says."""
    code = {np.dtype(d).newbyteorder("=").str[1:]: c for c, d in DTYPES.items()}[
        array.dtype.str[1:]
    ]
    head = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


IDX_ARRAYS = st.sampled_from(["u1", "i1", "i2", "i4", "f4", "f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, max_side=5))
)


@given(IDX_ARRAYS)
def test_idx_gives_back_what_was_written(array: np.ndarray) -> None:
    found = parse_idx(idx_bytes(array), PATH)
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


@given(IDX_ARRAYS, st.data())
def test_every_shorter_idx_file_is_refused_with_its_offset(array: np.ndarray, data) -> None:
    whole = idx_bytes(array)
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ExtensionError, match=r"'some-idx', at byte \d+") as caught:
        parse_idx(whole[:length], PATH)
    assert caught.value.code == NN_FILE_DAMAGED


@given(st.binary(max_size=40))
def test_any_bytes_are_an_array_or_an_error(data: bytes) -> None:
    with suppress(ExtensionError):
        parse_idx(data, PATH)


def test_idx_reads_gzip_and_says_where_a_missing_file_was_looked_for(tmp_path: Path) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(2, 28, 28)
    packed = tmp_path / "t10k-images-idx3-ubyte.gz"
    packed.write_bytes(gzip.compress(idx_bytes(images)))
    np.testing.assert_array_equal(read_idx(packed), images)
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(ExtensionError, match="is not whole"):
        read_idx(packed)
    with pytest.raises(ExtensionError) as caught:
        read_idx(tmp_path / "absent")
    assert caught.value.code == NN_FILE_UNREADABLE
    assert str(tmp_path) in str(caught.value)
    assert "published at" in str(caught.value.hint)


def planes(n_images: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n_images, IMAGE_BYTES), np.uint8)


def binary_batch(labels: np.ndarray, pixels: np.ndarray) -> bytes:
    return np.concatenate([labels.astype(np.uint8), pixels], axis=1).tobytes()


def pickled_batch(labels: np.ndarray, pixels: np.ndarray, form: CifarForm, protocol: int) -> bytes:
    batch = {b"data": pixels, b"batch_label": b"x", b"filenames": [b"a.png"] * len(pixels)}
    for name, column in zip(form.labels, labels.T, strict=True):
        batch[name.encode()] = column.tolist()
    return pickle.dumps(batch, protocol)


@pytest.mark.parametrize("form", [CIFAR10, CIFAR100], ids=lambda form: form.name)
@pytest.mark.parametrize("protocol", [None, 2, 3, 4])
def test_cifar_binary_and_pickled(tmp_path: Path, form: CifarForm, protocol: int | None) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, form.classes, (5, len(form.classes)))
    pixels = planes(5)
    if protocol is None:
        data = binary_batch(labels, pixels)
    else:
        data = pickled_batch(labels, pixels, form, protocol)
    path = tmp_path / "batch"
    path.write_bytes(data)
    found = read_cifar(path, form)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.pixels.shape == (5, 32, 32, 3)
    # One plane after the other in the file, the channel fastest here.
    np.testing.assert_array_equal(found.pixels.transpose(0, 3, 1, 2).reshape(5, -1), pixels)


def test_a_label_outside_its_classes_and_a_short_record_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "batch.bin"
    data = binary_batch(np.array([[3], [10]]), planes(2))
    path.write_bytes(data)
    with pytest.raises(ExtensionError, match="at byte 3073: label 10 of image 1"):
        read_cifar(path, CIFAR10)
    path.write_bytes(data[:4000])
    with pytest.raises(ExtensionError, match="at byte 3073: a record of CIFAR-10 has 3073 bytes"):
        read_cifar(path, CIFAR10)


class Evil:
    """Would run a command where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


HARMFUL = {
    "a command": pickle.dumps({b"data": Evil(), b"labels": []}, 2),
    "a command, protocol 4": pickle.dumps({b"data": Evil(), b"labels": []}, 4),
    "an array of objects": pickle.dumps({b"data": np.array([[1]], object), b"labels": [1]}, 2),
    "a huge memo place": b"\x80\x02}r\xff\xff\xff\x7f.",
    "no dictionary": pickle.dumps([1, 2], 2),
    "other rows": pickle.dumps({b"data": np.zeros((1, 5), np.uint8), b"labels": [1]}, 2),
    "columns first": pickle.dumps({b"data": np.asfortranarray(planes(2)), b"labels": [1, 2]}, 2),
    "labels that are no list": pickle.dumps({b"data": planes(1), b"labels": 1}, 2),
    "a label too high": pickle.dumps({b"data": planes(1), b"labels": [10]}, 2),
    "a label that is no integer": pickle.dumps({b"data": planes(1), b"labels": [1.5]}, 2),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_harmful_and_wrong_pickles_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "data_batch_1"
    path.write_bytes(HARMFUL[name])
    with pytest.raises(ExtensionError, match=r"'data_batch_1', at byte \d+") as caught:
        read_cifar(path, CIFAR10)
    assert caught.value.code == NN_FILE_DAMAGED


@given(st.data())
def test_damaged_pickles_never_leak_an_exception(tmp_path_factory, data) -> None:
    whole = bytearray(pickled_batch(np.array([[1]]), planes(1), CIFAR10, 2))
    # Damage the instructions, not the pixels, and shorten.
    ends = [position for _, _, position in pickletools.genops(bytes(whole))]
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(ends)) + data.draw(st.integers(0, 4))
        whole[min(place, len(whole) - 1)] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("cifar") / "batch"
    path.write_bytes(b"\x80" + bytes(whole[1 : data.draw(st.integers(1, len(whole)))]))
    with suppress(ExtensionError):
        read_cifar(path, CIFAR10)


def test_the_same_files_from_sql(tmp_path: Path) -> None:
    images = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)
    (tmp_path / "images").write_bytes(idx_bytes(images))
    (tmp_path / "labels").write_bytes(idx_bytes(np.array([7, 8, 9], np.uint8)))
    batch = io.BytesIO(binary_batch(np.array([[1], [2]]), planes(2)))
    (tmp_path / "batch.bin").write_bytes(batch.getvalue())
    (tmp_path / "fine.bin").write_bytes(binary_batch(np.array([[1, 99]]), planes(1)))
    with minidb.connect(":memory:") as connection:

        def rows(sql: str, *names: str) -> list[tuple[object, ...]]:
            return connection.execute(sql, [str(tmp_path / name) for name in names]).rows()

        sql = (
            "SELECT id, value, pixels FROM idx(?) AS i INNER JOIN idx(?) AS l USING (id) "
            "WHERE value > 7 ORDER BY id"
        )
        assert rows(sql, "images", "labels") == [(1, 8, [4, 5, 6, 7]), (2, 9, [8, 9, 10, 11])]
        found = rows("SELECT id, label, pixels FROM cifar10(?)", "batch.bin")
        assert [row[:2] for row in found] == [(0, 1), (1, 2)]
        assert found[0][2] == planes(2)[0].reshape(3, 1024).T.reshape(-1).tolist()
        sql = "SELECT coarse_label, fine_label, length(pixels) FROM cifar100(?)"
        assert rows(sql, "fine.bin") == [(1, 99, 3072)]
        with pytest.raises(minidb.Error, match="there is no data file 'absent'"):
            rows("SELECT * FROM idx(?)", "absent")
