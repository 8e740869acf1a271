"""The large networks at full width: from PyTorch to an answer of the database (Linux)."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.measure import Row

NETWORKS: Mapping[str, Mapping[str, object]] = {
    "alexnet_binary": {"classes": 1000, "image_size": 224, "zero": 1},
    "vgg_cifar10_binary": {"zero": 1},
    "resnet_binary": {"zero": 1},
}
"""With their arguments; the weights are random, so a sum may be 0, and its sign is +1."""
STEPS = ("export", "create", "answer")
TIMEOUT_S = 900
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one network.

    Attributes
    ----------
    name : str
    facts : mapping
        Parameters and bytes.
    steps : mapping of str to mapping
        Seconds and peak bytes of each step, in order.
    """

    name: str
    facts: Mapping[str, Any]
    steps: Mapping[str, Mapping[str, float]]


def run() -> list[Row]:
    """Run all networks; the names of the rows tell peaks and bytes."""
    found = measure()
    sys.stdout.write(table(found))
    return [
        Row(f"{one.name}: {step}, {values['peak_bytes'] / MEGABYTE:,.0f} MB", values["seconds"])
        for one in found
        for step, values in one.steps.items()
    ]


def measure(networks: Mapping[str, Mapping[str, object]] = NETWORKS) -> list[Measured]:
    """Take each network through all steps, each group of steps in a process of its own.

    Raises
    ------
    subprocess.CalledProcessError
        When a step fails.
    ValueError
        When the file that the database gives back is not the one it got.
    """
    found = []
    for name, arguments in networks.items():
        facts: dict[str, Any] = {}
        steps: dict[str, Mapping[str, float]] = {}
        with tempfile.TemporaryDirectory() as folder:
            for step in STEPS:
                told = _step(step, name, Path(folder), arguments)
                steps |= told.pop("steps")
                facts |= told
        if not facts["is_same"]:
            raise ValueError(f"{name}: the model file came back changed")
        found.append(Measured(name, facts, steps))
    return found


def table(found: list[Measured]) -> str:
    """Return what was measured as Markdown: one column for each network."""
    head = ["", *(one.name for one in found)]
    rows = [
        [label, *(f"{one.facts[key]:,}" for one in found)]
        for label, key in (
            ("parameters", "parameters"),
            ("bytes of the model file", "file_bytes"),
            ("bytes of the database", "database_bytes"),
            ("bytes of the program in memory", "program_bytes"),
        )
    ]
    rows += [
        [f"{step}: seconds, peak", *(_cell(one.steps[step]) for one in found)]
        for step in found[0].steps
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(values: Mapping[str, float]) -> str:
    return f"{values['seconds']:.2f} s, {values['peak_bytes'] / MEGABYTE:,.0f} MB"


def _step(step: str, name: str, folder: Path, arguments: Mapping[str, object]) -> dict[str, Any]:
    """Run one step and return what it printed."""
    command = [sys.executable, "-m", "tools.bench.network_step", step, name, str(folder)]
    done = subprocess.run(
        [*command, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read
