"""``minidb export``: a model as a model file, or as files for another database."""

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
from nn_ops.model_file import load_network, load_shipped_model, read_network, write_network
from nn_ops.sqlgen.clickhouse import export_clickhouse
from nn_ops.sqlgen.duckdb import export_duckdb
from nn_ops.store.export import model_bytes, model_names

SHIPPED = "digits"
SUFFIX = ".safetensors"

Writer = Callable[[Network, str, Path], list[Path]]


def write_clickhouse(network: Network, name: str, path: Path) -> list[Path]:
    """Write tables and scripts for ClickHouse; see docs/clickhouse.md."""
    return export_clickhouse(lower(network), table_prefix(name), path)


def write_duckdb(network: Network, name: str, path: Path) -> list[Path]:
    """Write tables and scripts for DuckDB; see docs/clickhouse.md."""
    return export_duckdb(lower(network), table_prefix(name), path)


WRITERS: Mapping[str, Writer] = {"clickhouse": write_clickhouse, "duckdb": write_duckdb}
"""What a model can be exported to: each writes a network, by a name, to a path."""


@dataclass(frozen=True, slots=True)
class Export:
    """The subcommand."""

    help: str = "write a model as a model file, or as tables, data and SQL for another database"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "model", help=f"a model of the database, a model file (*{SUFFIX}), or {SHIPPED!r}"
        )
        systems = "".join(f" or {name} DIR" for name in sorted(WRITERS))
        parser.add_argument(
            "--to",
            nargs="+",
            required=True,
            metavar="TARGET",
            help=f"FILE{SUFFIX}{systems}; what is there is written over",
        )

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Write the files, say which, and return 0; errors go through.

        The exit code is 2 when ``--to`` names no target.
        """
        target, *folder = args.to
        is_file = not folder and target.endswith(SUFFIX)
        if not is_file and (target not in WRITERS or len(folder) != 1):
            known = "".join(f" or {name} DIR" for name in sorted(WRITERS))
            sys.stderr.write(f"minidb export: --to takes FILE{SUFFIX}{known}\n")
            return 2
        connection = connect(args.db)
        try:
            network, name = find_network(args.model, connection)
        finally:
            connection.close()
        if is_file:
            write_network(network, Path(target))
            written = [Path(target)]
        else:
            written = WRITERS[target](network, name, Path(folder[0]))
        for path in written:
            sys.stdout.write(f"{path}\n")
        return 0


COMMAND = Export()


def find_network(model: str, connection: Connection) -> tuple[Network, str]:
    """Return a model and its name.

    Parameters
    ----------
    model : str
        The path of a model file, the name of a model of the database, or, where it has none of
        that name, of the network that comes with the package.
    connection : Connection

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL; or as `nn_ops.model_file.read_network`.
    """
    if model.endswith(SUFFIX):
        return read_network(Path(model)), Path(model).stem
    data = model_bytes(connection, model)
    if data is not None:
        return load_network(data), model
    if model == SHIPPED:
        return load_shipped_model(), SHIPPED
    known = [*model_names(connection), SHIPPED]
    hint = did_you_mean(model, known) or f"a model file's name ends in {SUFFIX}"
    raise ExtensionError(NN_UNKNOWN_MODEL, f"no model named {model!r}", hint=hint)


def table_prefix(name: str) -> str:
    """Return a model's name as the beginning of tables' names."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name)
    return plain if re.match(r"[A-Za-z_]", plain) else f"m{plain}"
