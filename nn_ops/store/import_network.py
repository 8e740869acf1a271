"""A network in memory stored as a model, through a connection."""

from __future__ import annotations

from minidb.extension import Connection, CreateModel, Parameter, format_statement
from nn_ops.graph import Network
from nn_ops.model_file import dump_network


def store_network(
    connection: Connection,
    network: Network,
    name: str,
    *,
    base: str | None = None,
    replaces: bool = False,
) -> None:
    """Store a network as a model, in one commit.

    Parameters
    ----------
    connection : Connection
    network : Network
    name : str
        The model's.
    base : str, optional
        The model that it extends: blocks that are there already are shared.
    replaces : bool
        Whether a model of that name gives way.

    Raises
    ------
    MiniDBError
        What ``CREATE MODEL`` raises; nothing is stored then.
    """
    statement = CreateModel(name, Parameter(0), base, or_replace=replaces)
    connection.execute(format_statement(statement), [dump_network(network)])
