"""Both stores against a dictionary: any order of changes, snapshots and restarts."""

from __future__ import annotations

import shutil
import tempfile
from itertools import chain
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from minidb.storage import MemoryStore, TableDef, Transaction
from minidb.storage.disk import DiskStore
from tests.faults.faulty_vfs import CountingVfs
from tests.faults.script import COLUMNS, GRANULE_ROWS, contents, contents_of, rows

NAMES = ("t", "u", "v")
Model = dict[tuple[str, str], list[list[int]]]


class StorageMachine(RuleBasedStateMachine):
    """Tables are lists of parts, parts are lists of numbers; `rows` makes the other column."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.memory = MemoryStore()
        self.disk = self.open()
        self.model: Model = {}
        self.held: list[tuple[object, object]] = []

    def open(self) -> DiskStore:
        return DiskStore(str(self.folder / "db"), CountingVfs())

    def change(self, action, *, commits: bool = True) -> None:
        for store in (self.memory, self.disk):
            with store.begin() as transaction:
                action(transaction)
                if commits:
                    transaction.commit()

    @rule(name=st.sampled_from(NAMES))
    def create_or_drop(self, name: str) -> None:
        key = ("default", name)
        if key in self.model:
            del self.model[key]
            self.change(lambda transaction: transaction.drop_table(*key))
        else:
            self.model[key] = []
            self.change(lambda transaction: transaction.create_table(TableDef(*key, COLUMNS)))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), first=st.integers(0, 50), n_rows=st.integers(0, 5), commits=st.booleans())
    def append(self, data: st.DataObject, first: int, n_rows: int, commits: bool) -> None:
        keys = data.draw(st.sets(st.sampled_from(sorted(self.model)), min_size=1))

        def act(transaction: Transaction) -> None:
            for key in sorted(keys):
                transaction.append(*key, rows(first, n_rows), GRANULE_ROWS)

        self.change(act, commits=commits)
        if commits and n_rows:
            for key in keys:
                self.model[key].append(list(range(first, first + n_rows)))

    @precondition(lambda self: any(self.model.values()))
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(key for key, parts in self.model.items() if parts)))
        place = data.draw(st.integers(0, len(self.model[key]) - 1))
        numbers = self.model[key][place]
        kept = data.draw(st.lists(st.integers(0, len(numbers) - 1), unique=True).map(sorted))

        def act(transaction: Transaction) -> None:
            part = transaction.tables[key].parts[place]
            batch = part.read([c.name for c in COLUMNS]).take(np.array(kept, np.intp))
            transaction.replace_parts(*key, [part], [batch], GRANULE_ROWS)

        self.change(act)
        self.model[key][place : place + 1] = [[numbers[i] for i in kept]] if kept else []

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.model)))
        free = [name for name in NAMES if ("default", name) not in self.model]
        if free:
            self.change(lambda transaction: transaction.rename_table(*key, "default", free[0]))
            self.model["default", free[0]] = self.model.pop(key)

    @rule()
    def take_a_snapshot(self) -> None:
        snapshot = self.disk.snapshot()
        self.held.append((snapshot, contents(snapshot)))

    @precondition(lambda self: self.held)
    @rule()
    def release_a_snapshot(self) -> None:
        snapshot, seen = self.held.pop(0)
        assert contents(snapshot) == seen
        snapshot.release()

    @rule()
    def restart(self) -> None:
        self.disk.close()
        self.disk = self.open()

    @invariant()
    def all_agree(self) -> None:
        seen = contents_of(self.disk)
        assert seen == contents_of(self.memory)
        numbers = {key: [row[0] for row in found] for key, found in seen[0].items()}
        assert numbers == {key: list(chain(*parts)) for key, parts in self.model.items()}

    def teardown(self) -> None:
        for snapshot, seen in self.held:
            assert contents(snapshot) == seen
            snapshot.release()
        if self.model:
            self.disk.begin().rollback()
            n_parts = sum(len(parts) for parts in self.model.values())
            folder = self.folder / "db" / "parts"
            assert len(list(folder.iterdir()) if folder.exists() else []) == n_parts
        self.disk.close()
        shutil.rmtree(self.folder)


TestStorage = StorageMachine.TestCase
TestStorage.settings = settings(max_examples=settings().max_examples // 2)
