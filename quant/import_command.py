"""``minidb import``: a trained network becomes a model in the database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from minidb.extension import Connection, ExplainModel, format_statement
from nn_ops.export_command import SUFFIX
from nn_ops.graph import Network
from nn_ops.model_file import read_network, write_network
from nn_ops.store.import_network import store_network
from quant.needs_torch import check_torch

IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Import:
    """The subcommand."""

    help: str = "store a trained network as a model"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "file", metavar="NET", help=f"a checkpoint of minidb train, or a model file (*{SUFFIX})"
        )
        parser.add_argument(
            "--db", metavar="PATH", default=IN_MEMORY, help="the database that gets the model"
        )
        parser.add_argument("--model", required=True, metavar="NAME", help="the model's name")
        parser.add_argument(
            "--extends", metavar="BASE", help="share the layers that equal those of this model"
        )
        parser.add_argument(
            "--replace", action="store_true", help="let a model of that name give way"
        )
        parser.add_argument(
            "--file", dest="out", metavar=f"FILE{SUFFIX}", help="write the model file too"
        )

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Store the network, print its tree, and return 0; errors go through.

        The exit code is 2 when there is nowhere to store it.
        """
        if args.db == IN_MEMORY and args.out is None:
            sys.stderr.write("minidb import: --db PATH says which database gets the model\n")
            return 2
        network = read_any(args.file)
        connection = connect(args.db)
        try:
            store_network(connection, network, args.model, base=args.extends, replaces=args.replace)
            if args.out is not None:
                write_network(network, Path(args.out))
            tree = connection.execute(format_statement(ExplainModel(args.model))).rows()
        finally:
            connection.close()
        sys.stdout.write("".join(f"{line}\n" for (line,) in tree))
        return 0


IMPORT = Import()


def read_any(file: str) -> Network:
    """Return the network of a checkpoint or of a model file.

    Raises
    ------
    ExtensionError
        What reading the file raises; QUANT_NO_TORCH for a checkpoint where PyTorch is missing;
        QUANT_NO_GRAPH for a layer that has no binarized form.
    """
    if file.endswith(SUFFIX):
        return read_network(Path(file))
    check_torch("reading a checkpoint")
    network: Network = import_module("quant.checkpoint_network").read_graph(Path(file))
    return network
