"""The benchmark of the large networks, on a small one."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("torch")

from tools.bench.networks import measure, table

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(sys.platform != "linux", reason="sizes of a process are read from /proc"),
]


@pytest.mark.nightly
def test_each_step_is_measured():
    (found,) = measure({"resnet_binary": {"zero": 1, "width": 0.05, "depth": 14}})
    assert found.facts["file_bytes"] > 0
    assert list(found.steps)[-2:] == ["first image", "next image"]
    assert all(one["seconds"] > 0 and one["peak_bytes"] > 1 << 20 for one in found.steps.values())
    lines = table([found]).splitlines()
    assert lines[0] == "|  | resnet_binary |"
    assert len({line.count("|") for line in lines}) == 1
