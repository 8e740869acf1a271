"""Every oracle finds a bug that is planted for it, and finds nothing in the engine as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from minidb import database
from minidb.binder.environment import Environment
from minidb.catalog.stored import StoredRelation
from minidb.columns import Batch, Column, split_nulls
from minidb.columns.keys import GroupTable
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import frame_of
from minidb.execution.operators.distinct import DistinctOperator
from minidb.execution.operators.filter import FilterOperator
from minidb.expr.evaluate import evaluate
from minidb.functions.builtin.aggregates_sum import NarrowSumAccumulator
from minidb.optimizer.rule import Rule, bottom_up
from minidb.optimizer.rules import BUILTIN_RULES
from minidb.plan.nodes import Filter, PlanNode
from minidb.storage.disk import DiskStore
from minidb.storage.manifest import Manifest
from minidb.storage.store import State
from tools.oracle.cases import KINDS, Kind
from tools.oracle.check import Judge
from tools.oracle.fuzz import Tally, fuzz, report
from tools.oracle.run import run_file

N_CASES = 400
Plant = Callable[[pytest.MonkeyPatch], None]


def null_is_true(patch: pytest.MonkeyPatch) -> None:
    """WHERE and HAVING keep the rows for which they are unknown."""

    def batches(self: FilterOperator, context: ExecutionContext) -> Iterator[Batch]:
        for batch in self.inputs[0].run(context):
            condition = evaluate(self.node.condition, frame_of(self.schema, batch, context))
            values, is_null = split_nulls(condition)
            mask = np.asarray(values.values != 0)
            yield batch.filter(mask if is_null is None else mask | is_null)

    patch.setattr(FilterOperator, "batches", batches)


def filter_drops_a_row(patch: pytest.MonkeyPatch) -> None:
    """The last row that a filter keeps of a batch is lost."""
    right = FilterOperator.batches

    def batches(self: FilterOperator, context: ExecutionContext) -> Iterator[Batch]:
        for batch in right(self, context):
            yield batch.slice(0, max(0, batch.n_rows - 1))

    patch.setattr(FilterOperator, "batches", batches)


def distinct_forgets(patch: pytest.MonkeyPatch) -> None:
    """DISTINCT forgets at each batch what it has seen."""

    def batches(self: DistinctOperator, context: ExecutionContext) -> Iterator[Batch]:
        for batch in self.inputs[0].run(context):
            codes = GroupTable().add([batch.columns[place] for place in self.places])
            first = np.unique(codes, return_index=True)[1]
            yield batch.take(np.sort(first))

    patch.setattr(DistinctOperator, "batches", batches)


def sum_loses_a_row(patch: pytest.MonkeyPatch) -> None:
    """Sum leaves out the first row of what it is given."""
    right = NarrowSumAccumulator.update

    def update(self, columns: list[Column], groups: np.ndarray, n_groups: int) -> None:
        rest = [column.slice(1, len(column)) for column in columns]
        right(self, rest, groups[1:], n_groups)

    patch.setattr(NarrowSumAccumulator, "update", update)


def a_rule_drops_filters(patch: pytest.MonkeyPatch) -> None:
    """A rule takes filters away."""

    def apply(plan: PlanNode, environment: Environment) -> PlanNode:
        return bottom_up(plan, lambda node: node.child if isinstance(node, Filter) else node)

    wrong = [
        Rule(rule.name, rule.help, apply) if rule.name == "merge_projects" else rule
        for rule in BUILTIN_RULES
    ]
    patch.setattr(database, "BUILTIN_RULES", tuple(wrong))


def reopening_loses_a_table(patch: pytest.MonkeyPatch) -> None:
    """What is read from a manifest lacks the rows of one table."""
    right = DiskStore._state_of

    def state_of(self: DiskStore, manifest: Manifest, old: State) -> State:
        found = right(self, manifest, old)
        tables = {
            key: replace(table, parts=()) if key[1] == "t" else table
            for key, table in found.tables.items()
        }
        return replace(found, tables=tables)

    patch.setattr(DiskStore, "_state_of", state_of)


def parts_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A scan reads the newest part alone."""
    right = StoredRelation.scan

    def scan(self, columns, bounds, batch_rows):
        newest = type(self.table)(self.table.definition, self.table.parts[-1:])
        yield from right(StoredRelation(newest), columns, bounds, batch_rows)

    patch.setattr(StoredRelation, "scan", scan)


CAUGHT: tuple[tuple[Kind, Plant], ...] = (
    ("norec", filter_drops_a_row),
    ("tlp_where", null_is_true),
    ("tlp_having", null_is_true),
    ("tlp_distinct", distinct_forgets),
    ("tlp_aggregate", sum_loses_a_row),
    ("pqs", filter_drops_a_row),
    ("metamorphic", distinct_forgets),
    ("metamorphic", parts_are_forgotten),
    ("metamorphic", a_rule_drops_filters),
    ("metamorphic", reopening_loses_a_table),
    ("differential", null_is_true),
)


def run(kind: Kind, n_cases: int, folder: Path | None = None) -> Tally:
    if kind == "differential":
        pytest.importorskip("chdb")
    with Judge(with_clickhouse=kind == "differential") as judge:
        tally = fuzz(judge, range(n_cases), (kind,), most_failures=1)
        if folder is not None:
            report(tally, folder, Console(quiet=True))
    return tally


@pytest.mark.parametrize(("kind", "plant"), CAUGHT)
def test_an_oracle_finds_its_planted_bug(kind, plant, monkeypatch, tmp_path):
    plant(monkeypatch)
    tally = run(kind, N_CASES, tmp_path)
    (failure,) = tally.failures
    assert sum(len(table.rows) for table in failure.case.tables) <= 6
    # What is kept is a script that shows the difference, until the bug is gone.
    (script,) = tmp_path.glob("*.sql")
    against = "clickhouse" if kind == "differential" else None
    assert run_file(script, against, Console(quiet=True)) == 1
    monkeypatch.undo()
    assert run_file(script, against, Console(quiet=True)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_engine_as_it_is_passes(kind):
    tally = run(kind, 16)
    assert not [failure.difference for failure in tally.failures]
    assert tally.compared[kind] > 8
