"""Models are made, extended, dropped and found again after a restart, in any order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from minidb.database import Database
from minidb.errors import MiniDBError
from nn_ops.executor import run
from nn_ops.graph import BatchNorm, Conv, Linear, Network
from nn_ops.limits import Limits, Terms
from nn_ops.lower import lower
from nn_ops.model_file import dump_network, write_network
from nn_ops.program import SignProductStage, SumProductStage
from nn_ops.register import NeuralOperators
from nn_ops.store.load import load_model
from tests.strategies.graphs import graph_images, graphs
from tests.strategies.model_families import model_family

NAMES = ("a", "b", "c", "d")
NETWORKS = (*model_family(0), *model_family(1))
PIXELS = np.random.default_rng(0).integers(0, 30, (3, 9))
LOGITS = [run(lower(network), PIXELS) for network in NETWORKS]


def blocks_of(network: Network) -> dict[str, dict[bytes, int]]:
    """Return the rows of each different block of a network, by table and contents."""
    found: dict[str, dict[bytes, int]] = {"words": {}, "parameters": {}, "limits": {}, "terms": {}}
    for node in network.nodes:
        if isinstance(node, Conv | Linear):
            words, mask = node.weights.words, node.weights.mask
            masks = b"" if mask is None else mask.tobytes()
            n_rows = words.size if mask is None else int(np.count_nonzero(mask))
            found["words"][words.tobytes() + masks] = n_rows
        if isinstance(node, Conv | Linear) and node.bias is not None:
            found["parameters"][node.bias.tobytes()] = len(node.bias)
        if isinstance(node, BatchNorm):
            four = np.concatenate([node.gamma, node.beta, node.mean, node.variance])
            found["parameters"][four.tobytes()] = len(four)
    for stage in lower(network).stages:
        if isinstance(stage, SignProductStage):
            limits: Limits = stage.limits
            key = limits.limit.tobytes() + limits.polarity.tobytes()
            found["limits"][key] = limits.limit.size
        if isinstance(stage, SignProductStage | SumProductStage):
            terms: Terms = stage.product.terms
            found["terms"][terms.count.tobytes() + terms.base.tobytes()] = terms.base.size
    return found


BLOCKS = [blocks_of(network) for network in NETWORKS]


class ModelMachine(RuleBasedStateMachine):
    """A folder, an open database, and what models there should be."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        for number, network in enumerate(NETWORKS):
            write_network(network, self.file(number))
        self.models: dict[str, tuple[int, str]] = {}
        self.open()

    def file(self, number: int) -> Path:
        return self.root / f"{number}.safetensors"

    def open(self) -> None:
        self.database = Database.open(self.root / "db", extensions=[NeuralOperators()])
        self.session = self.database.session()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        batches = self.session.execute(sql).batches
        return [
            row
            for batch in batches
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]

    def code_of(self, sql: str) -> str:
        """Return the code's name of the error that a statement ends with; empty for none."""
        try:
            self.session.execute(sql)
        except MiniDBError as error:
            return error.code.name
        return ""

    @rule(name=st.sampled_from(NAMES), number=st.integers(0, len(NETWORKS) - 1))
    def create(self, name: str, number: int) -> None:
        code = self.code_of(f"CREATE MODEL {name} FROM '{self.file(number)}'")
        assert code == ("NN_MODEL_EXISTS" if name in self.models else "")
        self.models.setdefault(name, (number, ""))

    @rule(
        name=st.sampled_from(NAMES),
        base=st.sampled_from(NAMES),
        number=st.integers(0, len(NETWORKS) - 1),
    )
    def extend(self, name: str, base: str, number: int) -> None:
        code = self.code_of(f"CREATE MODEL {name} EXTENDS {base} FROM '{self.file(number)}'")
        if name in self.models:
            assert code == "NN_MODEL_EXISTS"
        elif base not in self.models:
            assert code == "NN_UNKNOWN_MODEL"
        else:
            assert code == ""
            self.models[name] = (number, base)

    @precondition(lambda self: self.models)
    @rule(name=st.sampled_from(NAMES), number=st.integers(0, len(NETWORKS) - 1))
    def replace(self, name: str, number: int) -> None:
        is_used = any(base == name for _, base in self.models.values())
        code = self.code_of(f"CREATE OR REPLACE MODEL {name} FROM '{self.file(number)}'")
        assert code == ("NN_MODEL_IN_USE" if is_used else "")
        if not is_used:
            self.models[name] = (number, "")

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1, max_size=2))
    def drop(self, names: set[str]) -> None:
        code = self.code_of(f"DROP MODEL {', '.join(sorted(names))}")
        left = {name: model for name, model in self.models.items() if name not in names}
        if not names <= self.models.keys():
            assert code == "NN_UNKNOWN_MODEL"
        elif any(base in names for _, base in left.values()):
            assert code == "NN_MODEL_IN_USE"
        else:
            assert code == ""
            self.models = left

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.open()

    @rule()
    def predict(self) -> None:
        for name, (number, _) in self.models.items():
            found = [
                self.rows(f"SELECT predictLogits('{name}', {image.tolist()})")[0][0]
                for image in PIXELS
            ]
            assert np.array_equal(np.array(found), LOGITS[number])

    @invariant()
    def there_are_exactly_these_models(self) -> None:
        found = self.rows("SELECT name, base FROM system.models ORDER BY name")
        assert found == sorted((name, base) for name, (_, base) in self.models.items())
        tables = self.database.store.snapshot().tables
        for name, (number, _) in self.models.items():
            assert dump_network(load_model(tables, name)) == dump_network(NETWORKS[number])

    @invariant()
    def every_block_is_kept_once_and_no_other(self) -> None:
        if not self.rows("SELECT 1 FROM system.databases WHERE name = 'models'"):
            assert not self.models
            return
        n_blocks = 0
        for table in ("words", "parameters", "limits", "terms"):
            expected: dict[bytes, int] = {}
            for number, _ in self.models.values():
                expected.update(BLOCKS[number][table])
            assert self.rows(f"SELECT count() FROM models.{table}") == [(sum(expected.values()),)]
            n_blocks += len(expected)
        assert self.rows("SELECT count() FROM models.blocks") == [(n_blocks,)]

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.root)


# Each example takes over a second: it makes and drops models on disk.
ModelMachine.TestCase.settings = settings(max_examples=8, stateful_step_count=12)
TestModelMachine = ModelMachine.TestCase


@pytest.mark.parametrize("n_tuned", [1, 3])
def test_n_models_take_the_base_and_n_times_their_own_part(tmp_path: Path, n_tuned: int) -> None:
    networks = model_family(2, n_tuned=n_tuned)
    with Database.open(":memory:", extensions=[NeuralOperators()]) as database:
        session = database.session()
        for number, network in enumerate(networks):
            path = tmp_path / f"{number}.safetensors"
            write_network(network, path)
            extends = "EXTENDS m0 " if number else ""
            session.execute(f"CREATE MODEL m{number} {extends}FROM '{path}'")
        (batch,) = session.execute("SELECT sum(bytes) FROM system.model_blocks").batches
        ((total,),) = [column.to_pylist() for column in batch.columns]
        expected = {
            (table, key): n_rows
            for network in networks
            for table, blocks in blocks_of(network).items()
            for key, n_rows in blocks.items()
        }
        sizes = {"words": 8, "parameters": 8, "terms": 8}
        n_bytes = sum(sizes.get(table, 0) * n_rows for (table, _), n_rows in expected.items())
        n_bytes += sum(len(key) for table, key in expected if table == "limits")
        assert total == n_bytes


@settings(max_examples=15)
@given(st.data())
def test_any_network_goes_through_the_database_unchanged(data: st.DataObject) -> None:
    network = data.draw(graphs())
    pixels = data.draw(graph_images(network))
    content = dump_network(network)
    with Database.open(":memory:", extensions=[NeuralOperators()]) as database:
        session = database.session()
        session.execute("CREATE MODEL m FROM ?", [content])
        assert dump_network(load_model(database.store.snapshot().tables, "m")) == content
        session.execute("CREATE TABLE images (pixels Array(UInt16)) ENGINE = Memory")
        images = [
            (image,) for image in pixels.reshape(len(pixels), network.image.shape.size).tolist()
        ]
        session.insert_rows("INSERT INTO images VALUES (?)", images)
        # All in one batch, as `run` has them: sums of reals round by the shape of the product.
        outcome = session.execute("SELECT predictLogits('m', pixels) FROM images")
        found = [row for batch in outcome.batches for row in batch.columns[0].to_pylist()]
        assert found == run(lower(network), pixels).tolist()
