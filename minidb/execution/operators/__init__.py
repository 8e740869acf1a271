"""The physical operators, one per file; each is imported when a plan needs it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minidb.execution.operators.aggregate import AggregateOperator
    from minidb.execution.operators.array_join import ArrayJoinOperator
    from minidb.execution.operators.combine import CombineOperator
    from minidb.execution.operators.distinct import DistinctOperator
    from minidb.execution.operators.expand import ExpandOperator
    from minidb.execution.operators.filter import FilterOperator
    from minidb.execution.operators.join import JoinOperator
    from minidb.execution.operators.kept import KeptOperator, RecursiveOperator, WithTotalsOperator
    from minidb.execution.operators.limit import LimitOperator
    from minidb.execution.operators.limit_by import LimitByOperator
    from minidb.execution.operators.limit_whole import LimitWholeOperator
    from minidb.execution.operators.project import ProjectOperator
    from minidb.execution.operators.scan import OneRowOperator, ScanOperator
    from minidb.execution.operators.sort import SortOperator
    from minidb.execution.operators.union import UnionAllOperator
    from minidb.execution.operators.window import WindowOperator

__all__ = [
    "AggregateOperator",
    "ArrayJoinOperator",
    "CombineOperator",
    "DistinctOperator",
    "ExpandOperator",
    "FilterOperator",
    "JoinOperator",
    "KeptOperator",
    "LimitByOperator",
    "LimitOperator",
    "LimitWholeOperator",
    "OneRowOperator",
    "ProjectOperator",
    "RecursiveOperator",
    "ScanOperator",
    "SortOperator",
    "UnionAllOperator",
    "WindowOperator",
    "WithTotalsOperator",
]

_HOMES = {
    "AggregateOperator": "aggregate",
    "ArrayJoinOperator": "array_join",
    "CombineOperator": "combine",
    "DistinctOperator": "distinct",
    "ExpandOperator": "expand",
    "FilterOperator": "filter",
    "JoinOperator": "join",
    "KeptOperator": "kept",
    "LimitByOperator": "limit_by",
    "LimitOperator": "limit",
    "LimitWholeOperator": "limit_whole",
    "OneRowOperator": "scan",
    "ProjectOperator": "project",
    "RecursiveOperator": "kept",
    "ScanOperator": "scan",
    "SortOperator": "sort",
    "UnionAllOperator": "union",
    "WindowOperator": "window",
    "WithTotalsOperator": "kept",
}


def __getattr__(name: str) -> Any:
    """Load an operator when it is first asked for."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
