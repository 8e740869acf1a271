"""Pruning by sign changes: the strategies, models and checkpoints, and what is refused."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

torch = pytest.importorskip("torch")

import minidb  # noqa: E402 - after the check that torch is there
from minidb.extension import ExtensionError  # noqa: E402 - as above
from nn_ops.conventions import unpack_bits, unpack_signs  # noqa: E402 - as above
from nn_ops.errors import NN_SHAPE_MISMATCH  # noqa: E402 - as above
from nn_ops.executor import run  # noqa: E402 - as above
from nn_ops.graph import Conv, Linear, Network  # noqa: E402 - as above
from nn_ops.lower import lower  # noqa: E402 - as above
from nn_ops.model_file import load_shipped_model  # noqa: E402 - as above
from nn_ops.store.import_network import store_network  # noqa: E402 - as above
from quant.binarize import binarized_layers  # noqa: E402 - as above
from quant.checkpoint_network import read_graph, read_module  # noqa: E402 - as above
from quant.errors import QUANT_BAD_OPTION, QUANT_FILE_UNREADABLE, QUANT_UNKNOWN_NAME  # noqa: E402 - as above
from quant.flip_counts import read_counts  # noqa: E402 - as above
from quant.flips import Flips, write_flips  # noqa: E402 - as above
from quant.flips_table import insert_flips  # noqa: E402 - as above
from quant.prune import Plan, kept_weights, prune_network  # noqa: E402 - as above
from quant.prune_command import PRUNE  # noqa: E402 - as above
from quant.rebuild import rebuild_network  # noqa: E402 - as above
from quant.trainer.checkpoint import write_checkpoint  # noqa: E402 - as above
from quant.trainer.settings import Place, make_settings, with_dataset_layout  # noqa: E402 - as above
from quant.trainer.train import prepare  # noqa: E402 - as above
from quant.verify_command import random_pixels  # noqa: E402 - as above

pytestmark = pytest.mark.torch

COUNTS = hnp.arrays(
    np.int32, st.tuples(st.integers(1, 3), st.integers(1, 20)), elements=st.integers(0, 12)
)


def kept_by_loops(counts: np.ndarray, plan: Plan) -> np.ndarray:
    """Return which weights stay, block by block as the strategies are told."""
    kept = np.ones(counts.shape, bool)
    for row, line in enumerate(counts.tolist()):
        for start in range(0, len(line), plan.block):
            block = line[start : start + plan.block]
            if plan.strategy == 1:
                is_pruned = sum(block) >= plan.threshold
            else:
                is_pruned = all(count >= plan.threshold for count in block)
            kept[row, start : start + plan.block] = not is_pruned
    return kept


@given(COUNTS, st.sampled_from([1, 2]), st.integers(1, 30), st.integers(1, 7))
def test_strategies_block_by_block(
    counts: np.ndarray, strategy: int, threshold: int, block: int
) -> None:
    plan = Plan(strategy, threshold, block)
    np.testing.assert_array_equal(kept_weights(counts, plan), kept_by_loops(counts, plan))


@given(COUNTS, st.integers(1, 12), st.integers(1, 7))
def test_more_is_kept_at_a_higher_threshold_and_by_strategy_2(
    counts: np.ndarray, threshold: int, block: int
) -> None:
    for strategy in (1, 2):
        low = kept_weights(counts, Plan(strategy, threshold, block))
        high = kept_weights(counts, Plan(strategy, threshold + 1, block))
        assert np.all(high | ~low)
    first, second = (kept_weights(counts, Plan(s, threshold, block)) for s in (1, 2))
    assert np.all(second | ~first)


def test_the_vector_of_counts_1_to_12() -> None:
    """Block sums 3, 7, 11, 15, 19, 23; threshold 8 prunes blocks 2 to 5, the last one too."""
    counts = np.arange(1, 13, dtype=np.int32)[None]
    kept = kept_weights(counts, Plan(1, 8, 2))[0].reshape(6, 2).all(axis=1)
    assert kept.tolist() == [True, True, False, False, False, False]


def flips_of(network: Network, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    fan_ins = {"conv1": 45, "conv2": 576, "linear": 512}
    return {
        node.name: rng.integers(0, 6, (len(node.weights.words), fan_ins[node.name])).astype(
            np.int32
        )
        for node in network.nodes
        if isinstance(node, Conv | Linear)
    }


@pytest.mark.parametrize(
    "plan",
    [Plan(1, 6), Plan(2, 3), Plan(1, 160, 64, ("conv2", "linear")), Plan(1, 6, 2, ("conv2",))],
)
def test_a_pruned_network_is_that_of_pytorch_with_these_weights_at_zero(plan: Plan) -> None:
    network = load_shipped_model()
    counts = flips_of(network)
    pruned, reports = prune_network(network, counts, plan)
    assert all(0 < report.pruned < report.weights for report in reports)
    for before, after in zip(network.nodes, pruned.nodes, strict=True):
        if not isinstance(before, Conv | Linear) or after.weights.mask is None:
            continue
        fan_in = counts[before.name].shape[1]
        kept = kept_weights(counts[before.name], plan)
        np.testing.assert_array_equal(unpack_bits(after.weights.mask, fan_in), kept)
        signs = unpack_signs(before.weights.words, fan_in)
        np.testing.assert_array_equal(unpack_bits(after.weights.words, fan_in), (signs > 0) & kept)
    pixels = random_pixels(network, 40, 2)
    expected = rebuild_network(pruned)(torch.from_numpy(pixels).double()).numpy()
    np.testing.assert_allclose(run(lower(pruned), pixels), expected, rtol=0, atol=1e-9)
    again, _ = prune_network(pruned, counts, Plan(plan.strategy, 1 << 30, plan.block))
    assert [node.name for node in again.nodes] == [node.name for node in pruned.nodes]
    assert not np.array_equal(run(lower(again), pixels), run(lower(network), pixels))


def call(db: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    parser.add_argument("--db", default=":memory:")
    PRUNE.add_arguments(parser)
    code: int = PRUNE.run(parser.parse_args(["--db", str(db), *arguments]), minidb.connect)
    return code


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Store the shipped network, and its flips in two parts."""
    path, network = tmp_path / "x.db", load_shipped_model()
    early, late = flips_of(network), flips_of(network, 1)
    with minidb.connect(str(path)) as connection:
        store_network(connection, network, "digits")
        parts = [Flips("digits", 0, 3, early), Flips("digits", 3, 9, late)]
        insert_flips(connection, parts, tmp_path)
    return path


def test_flips_are_read_back_from_the_table(db: Path) -> None:
    network = load_shipped_model()
    early, late = flips_of(network), flips_of(network, 1)
    with minidb.connect(str(db)) as connection:
        for epochs, expected in (((0, 3), [early]), ((3, 9), [late]), (None, [early, late])):
            found = read_counts(connection, None, epochs)
            assert set(found) == set(early)
            for layer in found:
                np.testing.assert_array_equal(found[layer], sum(one[layer] for one in expected))
        with pytest.raises(ExtensionError, match="do not add up to epochs 1-9"):
            read_counts(connection, "digits", (1, 9))
        with pytest.raises(ExtensionError, match="no model in table flips named 'digit'"):
            read_counts(connection, "digit", None)


def test_seen_first_then_done_beside_the_old_model(
    db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole words go: rows and lookups fall alike, and the old model stays what it was."""
    arguments = ["digits", "--threshold", "320", "--block", "64", "--layers", "conv2"]
    assert call(db, *arguments) == 0
    seen = capsys.readouterr().out
    assert "would be pruned" in seen
    with minidb.connect(str(db)) as connection:
        assert connection.execute("SHOW MODELS").rows() == [("digits",)]
        n_rows = connection.execute("SELECT count() FROM models.words").scalar()
    assert call(db, *arguments, "--as", "half") == 0
    done = capsys.readouterr().out
    assert done.splitlines()[1:] == seen.splitlines()[1:]
    with minidb.connect(str(db)) as connection:
        trees = {
            name: "\n".join(line for (line,) in connection.execute(f"EXPLAIN MODEL {name}").rows())
            for name in ("digits", "half")
        }
        words = connection.execute(
            "SELECT count() FROM models.weights WHERE model = 'half' AND layer = 'conv2'"
        ).scalar()
        total = connection.execute("SELECT count() FROM models.words").scalar()
    assert 0 < words < 1152
    assert total == n_rows + words  # conv1 and linear are shared with the old model
    assert f"{words:,} words" in trees["half"]
    assert f"{words * 4:,} lookups" in trees["half"]  # conv2 has four positions
    assert "1,152 words" in trees["digits"]


def test_a_sweep_writes_table_and_plot_and_both_sides_agree(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    arguments = ["digits", "--sweep", "6,12,19", "--epochs", "0", "9", "--dataset", "digits"]
    assert call(db, *arguments, "--out", str(out)) == 0
    with (out / "sweep.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["strategy"], row["threshold"]) for row in rows] == [
        ("0", "0"), *((s, t) for s in "12" for t in ("6", "12", "19")),
    ]  # fmt: skip
    shares = [float(row["share"]) for row in rows]
    assert shares[0] == 0
    assert shares[1] > shares[2] > shares[3]
    assert shares[4] > shares[5] == shares[6] == 0
    for row in rows:
        assert row["n_different"] == "0"
        assert row["top1"] == row["top1_pytorch"]
    assert float(rows[0]["top1"]) > 90
    assert (out / "sweep.png").read_bytes()[:4] == b"\x89PNG"


def test_a_checkpoint_keeps_its_pruned_weights_at_zero(tmp_path: Path) -> None:
    settings = make_settings({}, {"model": "digits", "arguments": {"width": 0.1}, "seed": 3})
    place = Place(folder=tmp_path, data_root=Path("data"), device="cpu")
    run_ = prepare(with_dataset_layout(settings), place)
    for module in run_.network.modules():
        if isinstance(module, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
            with torch.no_grad():
                module.bias.uniform_(-0.5, 0.5)
    source, target = tmp_path / "net.pt", tmp_path / "pruned.pt"
    write_checkpoint(run_.checkpoint(), [source])
    rng = np.random.default_rng(1)
    counts = {
        name: rng.integers(0, 6, layer.flat_signs().shape).astype(np.int32)
        for name, layer in binarized_layers(run_.network)
    }
    write_flips(Flips("digits", 0, 2, counts), tmp_path / "flips.safetensors")
    arguments = [str(source), "--flips", str(tmp_path / "flips.safetensors"), "--threshold", "7"]
    before = source.read_bytes()
    assert call(Path(":memory:"), *arguments, "--as", str(target)) == 0
    assert source.read_bytes() == before
    with pytest.raises(ExtensionError, match="there is a file"):
        call(Path(":memory:"), *arguments, "--as", str(target))
    module, _, _ = read_module(target)
    for name, layer in binarized_layers(module):
        kept = kept_weights(counts[name], Plan(1, 7))
        np.testing.assert_array_equal(layer.flat_signs() != 0, kept)
    pixels = random_pixels(read_graph(target), 5, 0)
    with torch.no_grad():
        expected = module(torch.from_numpy(pixels).permute(0, 3, 1, 2).double()).numpy()
    found = run(lower(read_graph(target)), pixels)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


WRONG: dict[str, tuple[list[str], Any]] = {
    "would prune every weight of": (
        ["digits", "--threshold", "1", "--block", "600", "--as", "e"],
        QUANT_BAD_OPTION,
    ),
    "there is no --threshold": (["digits"], QUANT_BAD_OPTION),
    "both must be 1 or more": (["digits", "--threshold", "0"], QUANT_BAD_OPTION),
    "no layer with weights named 'conv3'": (
        ["digits", "--threshold", "3", "--layers", "conv3"],
        QUANT_UNKNOWN_NAME,
    ),
    "--sweep takes thresholds": (["digits", "--sweep", "1,x"], QUANT_BAD_OPTION),
    "there is no folder": (["digits", "--sweep", "3", "--out", "nowhere"], QUANT_FILE_UNREADABLE),
    "a checkpoint is pruned by --flips": (["net.pt", "--threshold", "3"], QUANT_BAD_OPTION),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_wishes_are_refused_and_nothing_is_stored(db: Path, what: str) -> None:
    arguments, code = WRONG[what]
    with pytest.raises(ExtensionError, match=what) as caught:
        call(db, *arguments)
    assert caught.value.code == code
    with minidb.connect(str(db)) as connection:
        assert connection.execute("SHOW MODELS").rows() == [("digits",)]


def test_flips_of_other_weights_are_refused() -> None:
    network = load_shipped_model()
    with pytest.raises(ExtensionError, match=r"the flips of conv2 are \(128, 9\)") as caught:
        prune_network(network, {"conv2": np.zeros((128, 9), np.int32)}, Plan(1, 3))
    assert caught.value.code == NN_SHAPE_MISMATCH
