"""EXPLAIN MODEL, word for word; `pytest --bless` writes the file anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from minidb.database import Database
from minidb.result import Result
from nn_ops.families import build
from nn_ops.model_file import write_network
from nn_ops.register import NeuralOperators
from tests.strategies.model_families import model_family

FILE = Path(__file__).parent / "explain_model.txt"
STATEMENTS = (
    "CREATE MODEL resnet FROM '{resnet}'",
    "EXPLAIN MODEL resnet",
    "CREATE MODEL pruned FROM '{pruned}'",
    "CREATE MODEL tuned EXTENDS pruned FROM '{tuned}'",
    "EXPLAIN MODEL pruned",
    "EXPLAIN MODEL tuned",
    "EXPLAIN MODEL json = 1 tuned",
    "EXPLAIN MODEL mermaid = 1 pruned",
)


def test_the_tree_is_what_the_file_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    pruned, tuned = model_family(1, n_tuned=1)
    networks = {
        "resnet": build("resnet_cifar", image=8, width=0.05, depth=14),
        "pruned": pruned,
        "tuned": tuned,
    }
    files = {name: tmp_path / f"{name}.safetensors" for name in networks}
    for name, network in networks.items():
        write_network(network, files[name])
    shown = []
    with Database.open(":memory:", extensions=[NeuralOperators()]) as database:
        session = database.session()
        for statement in STATEMENTS:
            result = Result(session.execute(statement.format(**files)))
            lines = [str(row[0]) for row in result.rows()]
            shown.append("\n".join([f"> {statement}", *lines]))
    text = "\n\n".join(shown) + "\n"
    if request.config.getoption("--bless"):
        FILE.write_text(text, encoding="utf-8")
    assert text == FILE.read_text(encoding="utf-8")
