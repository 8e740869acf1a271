"""Flips: counting, snapshots and their differences, files, rows in a database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import minidb  # noqa: E402 - after the check that torch is there
from quant import flips_table  # noqa: E402 - torch is looked for first
from quant.binarize import BinarizeConv2d, BinarizeLinear  # noqa: E402 - torch is looked for first
from quant.errors import (  # noqa: E402 - torch is looked for first
    QUANT_BAD_OPTION,
    QUANT_CHECKPOINT_DAMAGED,
    QUANT_CHECKPOINT_FOREIGN,
    QUANT_FILE_UNREADABLE,
    QUANT_UNKNOWN_NAME,
    ExtensionError,
)
from quant.flips import FlipCounter, Flips, read_flips, write_flips  # noqa: E402 - as above
from quant.flips_table import insert_flips  # noqa: E402 - torch is looked for first

pytestmark = pytest.mark.torch


def two_layers() -> torch.nn.Sequential:
    return torch.nn.Sequential(BinarizeConv2d(2, 3, 2), BinarizeLinear(4, 2, zero=1))


def example(until: int, since: int = 0) -> Flips:
    counts = np.arange(6, dtype=np.int32).reshape(2, 3) * until
    return Flips("net", since, until, {"conv": counts, "linear": counts[:, :1] + until})


def test_places_are_counted_by_row_column_channel() -> None:
    network = two_layers()
    counter = FlipCounter(network)
    counter.update()
    with torch.no_grad():
        network[0].weight[1, 0, 1, 0] *= -1  # filter 1, channel 0, row 1, column 0
    counter.update()
    counter.update()
    counts = counter.snapshot("net", 3).counts
    wanted = np.zeros((3, 8), np.int32)
    wanted[1, (1 * 2 + 0) * 2 + 0] = 1
    assert np.array_equal(counts["0"], wanted)
    assert not counts["1"].any()


def test_a_weight_at_zero_has_the_sign_that_its_layer_gives_it() -> None:
    network = two_layers()
    with torch.no_grad():
        for layer in network:
            layer.weight.fill_(0.5)
    counter = FlipCounter(network)
    for value in (0.0, 0.0, 0.5, -0.5):
        with torch.no_grad():
            for layer in network:
                layer.weight.fill_(value)
        counter.update()
    counts = counter.snapshot("net", 4).counts
    assert set(counts["0"].ravel()) == {3}  # to 0, from 0, and to -0.5
    assert set(counts["1"].ravel()) == {1}  # its 0 is +1


def test_only_the_layers_asked_for_are_counted() -> None:
    assert list(FlipCounter(two_layers(), ["1"]).snapshot("net", 0).counts) == ["1"]
    with pytest.raises(ExtensionError) as caught:
        FlipCounter(two_layers(), ["2"])
    assert caught.value.code == QUANT_UNKNOWN_NAME


def test_a_counter_goes_on_from_its_state() -> None:
    network = two_layers()
    counter = FlipCounter(network, since=4)
    with torch.no_grad():
        network[0].weight.neg_()
    counter.update()
    again = FlipCounter(network)
    again.load_state(counter.state())
    with torch.no_grad():
        network[0].weight.neg_()
    counter.update()
    again.update()
    one, two = counter.snapshot("net", 6), again.snapshot("net", 6)
    assert one.epoch_from == two.epoch_from == 4
    assert np.array_equal(one.counts["0"], two.counts["0"])
    assert set(one.counts["0"].ravel()) == {2}
    with pytest.raises(ExtensionError) as caught:
        FlipCounter(torch.nn.Sequential(BinarizeConv2d(2, 4, 2))).load_state(counter.state())
    assert caught.value.code == QUANT_CHECKPOINT_FOREIGN


def test_snapshots_can_be_subtracted() -> None:
    left = example(40) - example(30)
    assert (left.epoch_from, left.epoch_to) == (30, 40)
    assert np.array_equal(left.counts["conv"], np.arange(6).reshape(2, 3) * 10)


@pytest.mark.parametrize("other", [example(41), example(3, since=1), Flips("net", 0, 3, {})])
def test_snapshots_of_other_runs_cannot(other: Flips) -> None:
    with pytest.raises(ExtensionError) as caught:
        _ = example(40) - other
    assert caught.value.code == QUANT_BAD_OPTION


def test_a_snapshots_file_reads_back_and_is_the_same_each_time(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        write_flips(example(7, since=2), path)
    again = read_flips(paths[0])
    assert (again.model, again.epoch_from, again.epoch_to) == ("net", 2, 7)
    assert all(np.array_equal(again.counts[k], v) for k, v in example(7, 2).counts.items())
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_bad_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flips"
    write_flips(example(7), path)
    whole = path.read_bytes()
    for data, code in [
        (b"", QUANT_CHECKPOINT_DAMAGED),
        (whole[:-1], QUANT_CHECKPOINT_DAMAGED),
        (whole[:40], QUANT_CHECKPOINT_DAMAGED),
        (whole.replace(b"minidb-flips", b"another-file"), QUANT_CHECKPOINT_FOREIGN),
        (whole.replace(b"epoch_to", b"epoch_no"), QUANT_CHECKPOINT_FOREIGN),
    ]:
        path.write_bytes(data)
        with pytest.raises(ExtensionError) as caught:
            read_flips(path)
        assert caught.value.code == code
    for act in (
        lambda: read_flips(tmp_path / "x"),
        lambda: write_flips(example(1), tmp_path / "x/y"),
    ):
        with pytest.raises(ExtensionError) as caught:
            act()
        assert caught.value.code == QUANT_FILE_UNREADABLE


def test_rows_in_a_database_are_one_per_weight(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(flips_table, "ROWS_AT_ONCE", 4)  # so that a layer takes several inserts
    parts = [example(10), example(30) - example(10)]
    with minidb.connect(":memory:") as connection:
        assert insert_flips(connection, parts, tmp_path) == 16
        assert (
            insert_flips(connection, parts[1:], tmp_path) == 8
        )  # in place of those that were there
        rows = connection.execute(
            "SELECT layer, channel, place, sum(count) FROM flips WHERE model = 'net' "
            "GROUP BY layer, channel, place ORDER BY layer, channel, place"
        ).rows()
        spans = connection.execute(
            "SELECT DISTINCT epoch_from, epoch_to FROM flips ORDER BY epoch_from"
        ).rows()
    wanted = [
        (layer, channel, place, int(count))
        for layer, counts in example(30).counts.items()
        for (channel, place), count in np.ndenumerate(counts)
    ]
    assert rows == wanted
    assert spans == [(0, 10), (10, 30)]
