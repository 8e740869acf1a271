"""A model of a database as the bytes of a model file."""

from __future__ import annotations

from minidb.extension import Connection, MiniDBError
from nn_ops.errors import NN_UNKNOWN_MODEL


def model_bytes(connection: Connection, model: str) -> bytes | None:
    """Return a model as the bytes of a model file, None when there is no such model.

    Parameters
    ----------
    connection : Connection
    model : str

    Raises
    ------
    MiniDBError
        NN_MODEL_DAMAGED, or what reading raises.
    """
    try:
        found = connection.execute("SELECT nnModelFile(?)", [model]).scalar()
    except MiniDBError as error:
        if error.code == NN_UNKNOWN_MODEL:
            return None
        raise
    return found if isinstance(found, bytes) else str(found).encode()


def model_names(connection: Connection) -> list[str]:
    """Return the names of a database's models."""
    return [str(name) for (name,) in connection.execute("SHOW MODELS").rows()]
