"""What models add to a database; the modules behind it are imported at their first use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from minidb.extension import (
    AnyFunction,
    CreateModel,
    Drop,
    ExistsStatement,
    ExplainModel,
    Outcome,
    Registry,
    Show,
    ShowCreate,
    StatementContext,
    StatementHandler,
    SystemSource,
    SystemTable,
)
from nn_ops.store.cache import ProgramCache
from nn_ops.store.schema import DATABASE, FLOAT64, READ_ONLY_HINT, STRING, STRINGS, UINT32, UINT64

FUNCTION_NAMES = (
    *("predict", "predictLogits", "predictClass", "nnModelFile"),
    *("model_processing", "multi_model"),
)
"""The functions over models."""

STATEMENTS = (
    (CreateModel, None, "create"),
    (ExplainModel, None, "explain"),
    (Drop, "MODEL", "drop"),
    (ShowCreate, "MODEL", "show_create"),
    (ExistsStatement, "MODEL", "exists"),
    (Show, "MODELS", "show"),
)
"""By class and kind, the function of `nn_ops.store.statements`."""

MODEL_COLUMNS = (
    *(("name", STRING), ("base", STRING), ("network", STRING), ("file", STRING)),
    *(("classes", STRINGS), ("layers", UINT32), ("weights", UINT64), ("words", UINT64)),
    *(("masked_share", FLOAT64), ("bytes", UINT64), ("own_bytes", UINT64)),
    *(("float32_bytes", UINT64), ("lookups", UINT64), ("digest", STRING)),
    ("program_bytes", UINT64),
)
LAYER_COLUMNS = (
    *(("model", STRING), ("position", UINT32), ("layer", STRING), ("kind", STRING)),
    *(("inputs", STRINGS), ("height", UINT32), ("width", UINT32), ("channels", UINT32)),
    *(("gives", STRING), ("fan_in", UINT64), ("weights", UINT64), ("words", UINT64)),
    *(("masked_share", FLOAT64), ("bytes", UINT64), ("lookups", UINT64)),
    *(("words_block", UINT64), ("parameters_block", UINT64)),
)
BLOCK_COLUMNS = (
    *(("block", UINT64), ("kind", STRING), ("filters", UINT32), ("fan_in", UINT64)),
    *(("weights", UINT64), ("rows", UINT64), ("bytes", UINT64), ("models", STRINGS)),
    ("hash", STRING),
)


@dataclass(frozen=True, slots=True)
class Models:
    """What one database knows of models.

    Parameters
    ----------
    cache : ProgramCache
        The database's.
    """

    cache: ProgramCache

    def register(self, registry: Registry) -> None:
        """Add statements, system tables and functions."""
        registry.reserve_database(DATABASE, READ_ONLY_HINT)
        for node_class, kind, name in STATEMENTS:
            registry.add_statement(node_class, self._statement(name), kind=kind)
        registry.add_system_table(
            SystemTable("models", MODEL_COLUMNS, self._models, "the models, with their sizes")
        )
        registry.add_system_table(
            SystemTable("model_layers", LAYER_COLUMNS, self._layers, "the layers of all models")
        )
        registry.add_system_table(
            SystemTable("model_blocks", BLOCK_COLUMNS, self._blocks, "what models share, kept once")
        )
        registry.functions.add_family(FUNCTION_NAMES, self._functions)

    def _statement(self, name: str) -> StatementHandler:
        """Return a handler that imports its function when it runs."""

        def run(statement: Any, context: StatementContext) -> Outcome:
            handler = getattr(import_module("nn_ops.store.statements"), name)
            outcome: Outcome = handler(statement, context, self.cache)
            return outcome

        return run

    def _models(self, source: SystemSource) -> Sequence[tuple[object, ...]]:
        return self._rows("models_rows", source)

    def _layers(self, source: SystemSource) -> Sequence[tuple[object, ...]]:
        return self._rows("layers_rows", source)

    def _blocks(self, source: SystemSource) -> Sequence[tuple[object, ...]]:
        return self._rows("blocks_rows", source)

    def _rows(self, name: str, source: SystemSource) -> Sequence[tuple[object, ...]]:
        make = getattr(import_module("nn_ops.store.system"), name)
        rows: Sequence[tuple[object, ...]] = make(source, self.cache)
        return rows

    def _functions(self) -> Iterable[AnyFunction]:
        """Return the functions over models, made for this database's cache."""
        functions: tuple[AnyFunction, ...] = (
            *import_module("nn_ops.store.functions").functions(self.cache),
            *import_module("nn_ops.store.images").functions(self.cache),
        )
        return functions
