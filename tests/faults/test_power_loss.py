"""The machine goes off at every call; what the disk may hold then is always a committed state."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from minidb.storage.disk import DiskStore
from minidb.storage.memory import MemoryStore
from tests.faults.faulty_vfs import CountingVfs, PowerLossError, PowerLossVfs
from tests.faults.script import STEPS, contents_of, run_step

# How much of what was not synced survives.
KEEPS = (0.0, 0.5, 1.0)


def run_until_loss(base: Path, vfs: PowerLossVfs) -> int:
    """Run the script; return the number of steps that were acknowledged."""
    done = 0
    try:
        store = DiskStore(str(base / "db"), vfs)
        for step in STEPS:
            run_step(store, step)
            done += 1
        store.close()
    except PowerLossError:
        pass
    return done


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(s, marks=pytest.mark.nightly) for s in range(2, 30))]
)
def test_a_committed_state_survives(tmp_path, seed):
    chance = random.Random(seed)
    states = [contents_of(reference := MemoryStore())]
    for step in STEPS:
        run_step(reference, step)
        states.append(contents_of(reference))
    for at in range(1, 10_000):
        base = tmp_path / f"run{at}"
        base.mkdir()
        vfs = PowerLossVfs(base, at)
        done = run_until_loss(base, vfs)
        for number, keep in enumerate(KEEPS):
            survivors = tmp_path / f"run{at}-{number}"
            survivors.mkdir()
            vfs.write_survivors(survivors, chance, keep)
            check(survivors / "db", states, done, goes_on=number == at % len(KEEPS))
        if not vfs.is_off:
            assert done == len(STEPS)
            return


def check(root: Path, states: list, done: int, *, goes_on: bool) -> None:
    store = DiskStore(str(root), CountingVfs())
    seen = contents_of(store)
    allowed = states[done : done + 2]
    assert seen in allowed
    if goes_on:
        for step in STEPS[states.index(seen, done) :]:
            run_step(store, step)
        assert contents_of(store) == states[-1]
    store.close()
