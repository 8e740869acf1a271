"""The function reference, written from the declarations."""

from __future__ import annotations

from minidb.binder.functions import signature
from minidb.database import build_registry, installed_extensions
from minidb.functions.declaration import AggregateFunction, ScalarFunction, TableFunction
from minidb.functions.window import WindowFunction
from minidb.types import DataType

HEAD = """# Functions

Every function, by family, as it is declared in the code (`python -m tools.docs` writes this page). The
same rows can be asked for in SQL: `SELECT * FROM system.functions WHERE name = 'lookup'`.
"""


def reference() -> str:
    """Return the whole page."""
    registry = build_registry(installed_extensions()).functions
    families: dict[str, list[str]] = {}
    for scalar in registry.scalars():
        families.setdefault(scalar.family, []).append(_row(scalar))
    for aggregate in registry.aggregates():
        families.setdefault(f"aggregate: {aggregate.family}", []).append(_row(aggregate))
    for window in registry.windows():
        families.setdefault("window functions", []).append(_row(window))
    for table in registry.tables():
        families.setdefault("table functions", []).append(_row(table))
    parts = [HEAD]
    for family in sorted(families):
        rows = "\n".join(sorted(families[family], key=str.lower))
        parts.append(
            f"\n## {family}\n\n| function | result | what it gives | example |\n"
            f"|---|---|---|---|\n{rows}\n"
        )
    return "".join(parts)


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
