"""``minidb export``: a model as files for another database."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minidb.extension import Connection, did_you_mean
from nn_ops.errors import NN_UNKNOWN_MODEL, ExtensionError
from nn_ops.graph import Network
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model, read_network
from nn_ops.sqlgen.clickhouse import export_clickhouse

SHIPPED = "digits"
SUFFIX = ".safetensors"

Writer = Callable[[Network, str, Path], list[Path]]


def write_clickhouse(network: Network, name: str, path: Path) -> list[Path]:
    """Write tables and scripts for ClickHouse; see docs/clickhouse.md."""
    return export_clickhouse(lower(network), table_prefix(name), path)


WRITERS: Mapping[str, Writer] = {"clickhouse": write_clickhouse}
"""What a model can be exported to: each writes a network, by a name, to a path."""


@dataclass(frozen=True, slots=True)
class Export:
    """The subcommand."""

    help: str = "write a model for another database: tables, data and SQL"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument("model", help=f"a model file (*{SUFFIX}), or {SHIPPED!r}")
        parser.add_argument("--to", choices=sorted(WRITERS), required=True, help="for what")
        parser.add_argument("path", type=Path, help="the folder to write into")

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Write the files, say which, and return 0; errors go through."""
        network, name = find_network(args.model)
        for path in WRITERS[args.to](network, name, args.path):
            sys.stdout.write(f"{path}\n")
        return 0


COMMAND = Export()


def find_network(model: str) -> tuple[Network, str]:
    """Return a model and its name.

    Parameters
    ----------
    model : str
        The path of a model file, or the name of the network that comes with the package.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL; or as `nn_ops.model_file.read_network`.
    """
    if model.endswith(SUFFIX):
        return read_network(Path(model)), Path(model).stem
    if model == SHIPPED:
        return load_shipped_model(), SHIPPED
    hint = did_you_mean(model, [SHIPPED]) or f"a model file's name ends in {SUFFIX}"
    raise ExtensionError(NN_UNKNOWN_MODEL, f"no model named {model!r}", hint=hint)


def table_prefix(name: str) -> str:
    """Return a model's name as the beginning of tables' names."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    return plain if re.match(r"[A-Za-z_]", plain) else f"m{plain}"
