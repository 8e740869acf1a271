"""Join plans over small relations, run by the operators, and the same join as plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope
from minidb.catalog.relation import Bounds, Relation
from minidb.columns import Batch, Field, column_from_values
from minidb.errors import UNKNOWN_TABLE, BindError
from minidb.execution.context import ExecutionContext
from minidb.execution.planner import build_operators
from minidb.expr import BoundExpr, ColumnRef, constant_from_value
from minidb.extension import Registry
from minidb.functions.builtin import builtin_functions
from minidb.plan.nodes import Join, JoinKind, Partners, PlanNode, Scan
from minidb.plan.verify import verify
from minidb.settings import default_settings
from minidb.sql.ast import Lambda, ObjectName
from minidb.types import DataType, IntType, NullableType

KEY = NullableType(IntType(8, True))
VALUE = IntType(16, True)
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ListRelation:
    """Rows in a list, as a relation."""

    label: str
    names: tuple[str, ...]
    types: tuple[DataType, ...]
    rows: tuple[Row, ...]

    def estimate_rows(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield the wanted columns."""
        for start in range(0, len(self.rows), batch_rows):
            piece = self.rows[start : start + batch_rows]
            places = [self.names.index(name) for name in columns]
            made = [column_from_values(self.types[i], [row[i] for row in piece]) for i in places]
            yield Batch(tuple(made), len(piece))


def environment() -> Environment:
    """Return an environment with the built-in functions and no tables."""
    registry = Registry()
    registry.add_functions(*builtin_functions())
    return Environment(NoCatalog(), registry.functions, default_settings())


class NoCatalog:
    """A catalog of nothing."""

    def relation(self, name: ObjectName) -> Relation:
        """Refuse every name."""
        raise BindError(UNKNOWN_TABLE, f"no table {name.name!r}")

    def view(self, environment: Environment, name: ObjectName) -> PlanNode | None:
        """Return that there is none."""
        return None

    def sql_function(self, name: str) -> Lambda | None:
        """Return that there is none."""
        return None

    def sql_function_names(self) -> list[str]:
        """Return no names."""
        return []


def scan(env: Environment, name: str, rows: Sequence[Row]) -> Scan:
    """Return a scan of rows (key, value)."""
    names, types = (f"{name}k", f"{name}v"), (KEY, VALUE)
    fields = [Field(env.next_id(), n, t) for n, t in zip(names, types, strict=True)]
    relation = ListRelation(name, names, types, tuple(rows))
    return Scan(relation, tuple(zip(names, fields, strict=True)))


def read(node: PlanNode, place: int) -> ColumnRef:
    """Return a reference to a column of a node."""
    field = node.schema[place]
    return ColumnRef(field.id, field.type, field.name)


def call(env: Environment, name: str, *args: BoundExpr | int) -> BoundExpr:
    """Return a scalar call; whole numbers become constants."""
    bound = [constant_from_value(VALUE, a) if isinstance(a, int) else a for a in args]
    return ExprBinder(env, Scope()).scalar(name, bound)


def run_plan(env: Environment, plan: PlanNode, batch_rows: int) -> list[Row]:
    """Run a plan in batches of a size."""
    verify(plan)
    context = ExecutionContext(env.settings.with_changes({"max_block_size": batch_rows}))
    found: list[Row] = []
    for batch in build_operators(plan).run(context):
        assert batch.n_rows <= batch_rows
        columns = [column.to_pylist() for column in batch.columns]
        found += zip(*columns, strict=True) if columns else [()] * batch.n_rows
    assert context.memory.held == 0
    return found


def loop_join(
    node: Join,
    left: Sequence[Row],
    right: Sequence[Row],
    are_partners: Callable[[Row, Row], bool],
) -> list[Row]:
    """Return what a join yields, by two loops; a side that is filled gets (NULL, 0)."""
    fill: Row = (None, 0)
    kind = node.kind
    found: list[Row] = []
    used: set[int] = set()
    for row in left:
        mine = [i for i, other in enumerate(right) if are_partners(row, other)]
        if kind in (JoinKind.SEMI, JoinKind.ANTI):
            found += [row] if bool(mine) == (kind is JoinKind.SEMI) else []
            continue
        if kind is JoinKind.MARK:
            found.append((*row, int(bool(mine))))
            continue
        if node.partners is not Partners.ALL:
            mine = mine[:1]
        if node.partners is Partners.ONCE:
            mine = [i for i in mine if i not in used]
        used.update(mine)
        found += [(*row, *right[i]) for i in mine]
        if not mine and kind in (JoinKind.LEFT, JoinKind.FULL, JoinKind.SINGLE):
            found.append((*row, *fill))
    if kind in (JoinKind.RIGHT, JoinKind.FULL):
        found += [(*fill, *row) for i, row in enumerate(right) if i not in used]
    return found
