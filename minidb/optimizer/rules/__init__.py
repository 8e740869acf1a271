"""The rules, one per file, named by what they do; the order in which they run is here."""

from __future__ import annotations

from minidb.optimizer.rule import Rule

BUILTIN_RULES: tuple[Rule, ...] = ()
