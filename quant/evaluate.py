"""A model in the database and its network in PyTorch, on the images of a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from minidb.extension import Connection
from nn_ops.errors import NN_SHAPE_MISMATCH
from nn_ops.export_command import find_network
from nn_ops.graph import Network
from quant.checkpoint_network import read_module
from quant.datasets import Dataset, load_dataset
from quant.errors import QUANT_BAD_OPTION, ExtensionError
from quant.rebuild import rebuild_network

BATCH = 500
TOP = 5
TABLE = "minidb_evaluated"

Logits = NDArray[np.float64]
Answer = Callable[[NDArray[np.int64]], Logits]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came out.

    Attributes
    ----------
    model, dataset : str
    n_images : int
    n_right_database, n_right_torch : int
    n_different : int
        Images that the two put into different classes.
    greatest_difference : float
        Of the logits' log-softmax.
    against : str
        What PyTorch ran.
    n_right5_database : int
        Images whose class is among the five of the greatest logits.
    loss_database : float
        The mean cross-entropy.
    """

    model: str
    dataset: str
    n_images: int
    n_right_database: int
    n_right_torch: int
    n_different: int
    greatest_difference: float
    against: str
    n_right5_database: int
    loss_database: float

    def __str__(self) -> str:
        """Say it in four lines."""
        shares = (
            f"{100 * right / self.n_images:6.2f} % ({right} of {self.n_images})"
            for right in (self.n_right_database, self.n_right_torch)
        )
        database, pytorch = shares
        return (
            f"{self.model} on {self.n_images} images of {self.dataset}\n"
            f"  database {database}\n"
            f"  PyTorch  {pytorch}, {self.against}\n"
            f"  images of another class: {self.n_different}; greatest difference of "
            f"log-softmax: {self.greatest_difference:.1e}"
        )


def evaluate(
    connection: Connection,
    model: str,
    dataset: str | None,
    data_root: Path,
    against: Path | None = None,
) -> Evaluation:
    """Classify a data set's validation images in the database and in PyTorch.

    Parameters
    ----------
    connection : Connection
    model : str
        A model of the database.
    dataset : str, optional
        Its name; without it the one that the model was trained on.
    data_root : Path
        The folder of all data sets.
    against : Path, optional
        A checkpoint for PyTorch to run; without it the network is rebuilt from the model.

    Returns
    -------
    Evaluation

    Raises
    ------
    MiniDBError
        NN_UNKNOWN_MODEL; NN_SHAPE_MISMATCH when the images are not the model's; what reading the
        data or the checkpoint raises.
    """
    network, _ = find_network(model, connection)
    data = load_dataset(dataset or _own_dataset(network), data_root, network.image.shape.height)
    _check_fit(network, data)
    in_torch = _rebuilt(network) if against is None else _checkpoint(against)
    told = "rebuilt from the model" if against is None else str(against)
    n_images = right_database = right_torch = different = right5 = 0
    greatest = loss = 0.0
    for pixels, labels in _batches(data):
        mine, other = _in_database(connection, model, pixels), in_torch(pixels)
        classes, other_classes = mine.argmax(axis=1), other.argmax(axis=1)
        n_images += len(labels)
        right_database += int(np.count_nonzero(classes == labels))
        right_torch += int(np.count_nonzero(other_classes == labels))
        different += int(np.count_nonzero(classes != other_classes))
        probable = _log_softmax(mine)
        distance = np.abs(probable - _log_softmax(other)).max(initial=0.0)
        greatest = max(greatest, float(distance))
        own = probable[np.arange(len(labels)), labels]
        loss -= float(own.sum())
        right5 += int(np.count_nonzero((probable > own[:, None]).sum(axis=1) < TOP))
    return Evaluation(
        model,
        data.name,
        n_images,
        right_database,
        right_torch,
        different,
        greatest,
        told,
        right5,
        loss / max(n_images, 1),
    )


def _own_dataset(network: Network) -> str:
    name = network.training.get("dataset")
    if isinstance(name, str):
        return name
    raise ExtensionError(
        QUANT_BAD_OPTION, "the model does not say what it was trained on", hint="use --dataset"
    )


def _check_fit(network: Network, data: Dataset) -> None:
    shape, image = network.image.shape, data.image_size
    if (shape.height, shape.width, shape.channels) != (image, image, data.channels):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"the model takes images of {shape.height}x{shape.width}x{shape.channels}, "
            f"{data.name} has {image}x{image}x{data.channels}",
        )
    if data.max_pixel != network.image.max_pixel or len(data.classes) != len(network.classes):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"the model takes pixels to {network.image.max_pixel} and has {len(network.classes)} "
            f"classes, {data.name} has pixels to {data.max_pixel} and {len(data.classes)} classes",
        )


def _batches(data: Dataset) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pixels (n, height, width, channels) and labels (n,)."""
    n_images = len(data.validation)
    for start in range(0, n_images, BATCH):
        rows = np.arange(start, min(start + BATCH, n_images), dtype=np.int64)
        pixels, labels = data.validation.batch(rows, None)
        yield pixels.permute(0, 2, 3, 1).numpy().astype(np.int64), labels.numpy()


def _in_database(connection: Connection, model: str, pixels: NDArray[np.int64]) -> Logits:
    """Return the logits that `predictLogits` gives in a query over a table of the images."""
    connection.execute(
        f"CREATE TEMPORARY TABLE {TABLE} (id UInt32, pixels Array(UInt16)) ENGINE = Memory"
    )
    try:
        flat = pixels.reshape(len(pixels), -1).tolist()
        connection.insert_rows(f"INSERT INTO {TABLE} VALUES (?, ?)", list(enumerate(flat)))
        result = connection.execute(
            f"SELECT predictLogits(?, pixels) FROM {TABLE} ORDER BY id", [model]
        )
        return np.array([logits for (logits,) in result.rows()], dtype=np.float64)
    finally:
        connection.execute(f"DROP TABLE {TABLE}")


def _rebuilt(network: Network) -> Answer:
    module = rebuild_network(network)

    def answer(pixels: NDArray[np.int64]) -> Logits:
        logits: Logits = module(torch.from_numpy(pixels).double()).numpy()
        return logits

    return answer


def _checkpoint(path: Path) -> Answer:
    module: Any = read_module(path)[0]

    def answer(pixels: NDArray[np.int64]) -> Logits:
        with torch.no_grad():
            found: Tensor = module(torch.from_numpy(pixels).permute(0, 3, 1, 2).double())
        logits: Logits = found.numpy()
        return logits

    return answer


def _log_softmax(logits: Logits) -> Logits:
    found: Logits = functional.log_softmax(torch.from_numpy(logits), dim=1).numpy()
    return found
