"""Names and texts in the scripts of a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nn_ops.executor import run
from nn_ops.graph import Add, Input
from nn_ops.lower import lower
from nn_ops.sqlgen.statement import Names, Statement, as_script, identifier, literal
from tests.support.sample_networks import every_node, random_pixels
from tests.support.sql_forms import FORMS


@pytest.mark.parametrize(
    ("name", "sql"), [("a_1", "a_1"), ("1a", "`1a`"), ("a b", "`a b`"), ("a`b\\", "`a\\`b\\\\`")]
)
def test_a_name_that_is_not_plain_stands_in_backticks(name, sql):
    assert identifier(name) == sql


def test_a_text_is_a_literal():
    assert literal("it's a \\") == "'it''s a \\\\'"


def test_tables_of_stages_that_spell_alike_differ():
    names = Names("my net")
    assert names.stage(1, "a.b") == "`my net_1_a_b`"
    assert names.stage(2, "a-b") == "`my net_2_a_b`"


def test_a_script_names_its_stages():
    text = as_script([Statement("one", "t", "SELECT 1 AS x")], "SELECT x FROM t")
    assert text == (
        "-- one\nCREATE OR REPLACE TABLE t ENGINE = Memory AS\nSELECT 1 AS x;\n\nSELECT x FROM t;\n"
    )


def renamed(network):
    """The network with names that are hard to write in SQL, and two that spell alike."""
    names = {node.name: f"layer.{'-' * (n % 2)}{n}" for n, node in enumerate(network.nodes)}
    names |= {"conv2": "a.b", "conv3": "a-b"}
    nodes = []
    for node in network.nodes:
        own = names[node.name]
        match node:
            case Input():
                nodes.append(replace(node, name=own))
            case Add(left=left, right=right):
                nodes.append(replace(node, name=own, left=names[left], right=names[right]))
            case _:
                nodes.append(replace(node, name=own, input=names[node.input]))
    return replace(network, nodes=tuple(nodes))


@pytest.mark.parametrize("form", FORMS)
def test_names_of_nodes_do_not_matter(form):
    network = renamed(every_node())
    pixels = random_pixels(network, 2)
    classes, logits = FORMS[form](network, pixels).answers()
    expected = run(lower(network), pixels)
    assert np.abs(logits - expected).max() <= 1e-9
    assert classes == expected.argmax(axis=1).tolist()
