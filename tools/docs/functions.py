"""The function reference, written from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from minidb.binder.functions import signature
from minidb.database import build_registry, installed_extensions
from minidb.functions.declaration import AggregateFunction, ScalarFunction, TableFunction
from minidb.functions.window import WindowFunction
from minidb.types import DataType

F = TypeVar("F", ScalarFunction, AggregateFunction, TableFunction, WindowFunction)

HEAD = """# Functions

Every function, by family, as it is declared in the code (`python -m tools.docs` writes this page). The
same rows can be asked for in SQL: `SELECT * FROM system.functions WHERE name = 'lookup'`.
"""


def reference() -> str:
    """Return the whole page."""
    registry = build_registry(installed_extensions()).functions
    families: dict[str, list[str]] = {}
    for scalar in _distinct(registry.scalars.values()):
        families.setdefault(scalar.family, []).append(_row(scalar))
    for aggregate in _distinct(registry.aggregates.values()):
        families.setdefault(f"aggregate: {aggregate.family}", []).append(_row(aggregate))
    for window in _distinct(registry.windows.values()):
        families.setdefault("window functions", []).append(_row(window))
    for table in _distinct(registry.tables.values()):
        families.setdefault("table functions", []).append(_row(table))
    parts = [HEAD]
    for family in sorted(families):
        rows = "\n".join(sorted(families[family], key=str.lower))
        parts.append(
            f"\n## {family}\n\n| function | result | what it gives | example |\n"
            f"|---|---|---|---|\n{rows}\n"
        )
    return "".join(parts)


def _distinct(functions: Iterable[F]) -> list[F]:
    """Return each function once, however many names it has."""
    return list({id(function): function for function in functions}.values())


def _row(function: ScalarFunction | AggregateFunction | TableFunction | WindowFunction) -> str:
    """Return one line of the table."""
    result = "rows"
    if not isinstance(function, TableFunction):
        declared = function.result
        result = declared.name if isinstance(declared, DataType) else "by its arguments"
    aliases = f" (also {', '.join(function.aliases)})" if function.aliases else ""
    cells = [
        f"`{signature(function.name, function.args)}`{aliases}",
        result,
        function.help,
        f"`{function.example}`",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
