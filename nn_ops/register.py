"""Everything that nn_ops adds to a database, on one screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module

from minidb.extension import AnyFunction, Registry
from nn_ops.lookup_tables import LOOKUP_TABLES
from nn_ops.settings import SETTINGS
from nn_ops.store.cache import ProgramCache
from nn_ops.store.register import Models

FAMILIES = {
    "nn_ops.lookup": ("lookup",),
    "nn_ops.sumbin": (
        "sumbin",
        "\0sumbin",
        "sumbinWithOverflow",
        "sumbinSmartlite",
        "sumbinWithOverflowSmartlite",
    ),
    "nn_ops.sumbin_kahan": ("sumbinKahan",),
    "nn_ops.prediction_filter": ("predictionFilter", "predictionFilterWords"),
    "nn_ops.sql_bits": (
        "nnPackBits",
        "nnUnpackBits",
        "nnPackSigns",
        "nnUnpackSigns",
        "nnPackMask",
        "nnPackImage",
        "nnUnpackImage",
        "nnThermometer",
        "nnDistance",
        "nnMaskedDistance",
        "nnDot",
        "nnMaskedDot",
    ),
    "nn_ops.sql_layers": (
        "nnFlatten",
        "nnIm2col",
        "nnRecoverImage",
        "nnBinaryConv2d",
        "nnBinaryLinear",
        "nnSignConv2d",
        "nnSignLinear",
    ),
    "nn_ops.sql_fold": (
        "nnBorderClasses",
        "nnTerms",
        "nnFoldBatchNorm",
    ),
    "nn_ops.sql_pools": (
        "nnMaxPoolSigns",
        "nnMaxPool",
        "nnAveragePool",
        "nnAveragePoolSigns",
    ),
    "nn_ops.sql_reals": (
        "nnPixelConv2d",
        "nnRealConv2d",
        "nnAffine",
        "nnClamp",
        "nnAdd",
        "nnSigns",
        "nnLogSoftmax",
        "nnArgMax",
    ),
    "nn_ops.datasets.sql": ("idx", "cifar10", "cifar100"),
}
"""By module, the keys of its FUNCTIONS; it is imported when one of them is first asked for."""


@dataclass(frozen=True, slots=True)
class NeuralOperators:
    """The extension that knows binarized networks."""

    name: str = "nn_ops"

    def register(self, registry: Registry) -> None:
        """Add the operators, the readers of data files, the settings, and models."""
        for module, keys in FAMILIES.items():
            registry.functions.add_family(keys, partial(_functions_of, module))
        for setting in SETTINGS:
            registry.add_setting(setting)
        registry.add_system_table(LOOKUP_TABLES)
        Models(ProgramCache()).register(registry)


def _functions_of(module: str) -> tuple[AnyFunction, ...]:
    """Import a module and return its functions."""
    functions: tuple[AnyFunction, ...] = import_module(module).FUNCTIONS
    return functions


EXTENSION = NeuralOperators()
