"""Everything that nn_ops adds to a database, on one screen."""

from __future__ import annotations

from dataclasses import dataclass

from minidb.extension import Registry
from nn_ops.lookup import LOOKUP
from nn_ops.sumbin import SUMBIN


@dataclass(frozen=True, slots=True)
class NeuralOperators:
    """The extension that knows binarized networks."""

    name: str = "nn_ops"

    def register(self, registry: Registry) -> None:
        """Add `lookup` and `sumbin`."""
        registry.add_functions(LOOKUP, SUMBIN)


EXTENSION = NeuralOperators()
