"""The names under which functions are found without loading them are those they declare."""

from __future__ import annotations

from importlib import import_module

import pytest

from minidb.functions.registry import keys_of
from nn_ops.register import FAMILIES


@pytest.mark.parametrize("module", FAMILIES)
def test_keys_are_those_of_the_declarations(module: str) -> None:
    declared = {key for f in import_module(module).FUNCTIONS for key in keys_of(f)}
    assert set(FAMILIES[module]) == declared
