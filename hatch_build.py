"""Build hook: makes the parser's tables, so that installed minidb starts without making them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TABLES = Path("minidb", "sql", "tables.json")


def _make_tables(root: Path) -> str:
    """Run `minidb.sql.tables` from the source tree.

    It needs nothing but Lark, while ``minidb/__init__.py`` may import NumPy, which a build
    environment lacks: an empty package of that name stands in for it.
    """
    package = ModuleType("minidb")
    package.__path__ = [str(root / "minidb")]
    sys.modules["minidb"] = package
    tables = import_module("minidb.sql.tables")
    made: str = tables.tables_as_json(tables.grammar_text())
    return made


class ParserTablesHook(BuildHookInterface[Any]):
    """Writes ``minidb/sql/tables.json`` into the source tree and into the wheel.

    An editable install reads the source tree, a wheel needs the file inside: `TABLES` is named in
    both. The tables are made by `minidb.sql.tables`, which imports nothing but Lark.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the tables before the files of the wheel are collected."""
        target = Path(self.root) / TABLES
        target.write_text(_make_tables(Path(self.root)), encoding="utf-8")
        build_data.setdefault("force_include", {})[str(target)] = TABLES.as_posix()

    def clean(self, versions: list[str]) -> None:
        """Remove the tables."""
        (Path(self.root) / TABLES).unlink(missing_ok=True)
