"""One step of `tools.bench.networks`, in a process of its own: ``python -m ... STEP NAME FOLDER``.

It prints JSON: what was done, its seconds, and the largest resident size of the process then.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import numpy as np

import minidb
from nn_ops.geometry import ImageShape
from nn_ops.model_file import write_network

MAX_PIXEL = 255
MEAN, STD = 0.45, 0.25


class Steps:
    """What was measured, in order."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        """Measure a block's seconds and the largest size of the process while it ran."""
        forget_peak()
        start = time.perf_counter()
        yield
        self.found[name] = {"seconds": time.perf_counter() - start, "peak_bytes": peak_bytes()}


def forget_peak() -> None:
    """Begin to measure the largest size anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """Return the largest resident size since `forget_peak` (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def export(name: str, folder: Path, arguments: Mapping[str, object]) -> dict[str, object]:
    """Build a network in PyTorch, make its graph, and write the model file."""
    torch, networks = import_module("torch"), import_module("quant.networks")
    read_options = import_module("quant.networks.options").read_options
    to_graph = import_module("quant.to_graph")
    steps = Steps()
    torch.manual_seed(0)
    with steps.measured("build"):
        network = networks.build(name, arguments)
        spread_statistics(torch, network)
        network.double().eval()
    options = read_options(networks.load_family(name).options, arguments)
    shape = ImageShape(options.image_size, options.image_size, options.channels)
    normalized = ((value,) * shape.channels for value in (MEAN, STD))
    classes = tuple(str(number) for number in range(options.classes))
    with steps.measured("graph"):
        graph = to_graph.to_graph(
            network, to_graph.Ends(shape, MAX_PIXEL, classes, *normalized), name
        )
    path = folder / f"{name}.safetensors"
    with steps.measured("write file"):
        write_network(graph, path)
    n_parameters = sum(one.numel() for one in network.parameters())
    return {"steps": steps.found, "parameters": n_parameters, "file_bytes": path.stat().st_size}


def spread_statistics(torch: object, network: object) -> None:
    """Give batch norms the statistics of a network that has seen images, roughly."""
    norms = import_module("torch.nn")
    for module in network.modules():  # type: ignore[attr-defined]  # a module of torch
        if isinstance(module, norms.BatchNorm1d | norms.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 20.5)


def create(name: str, folder: Path, _arguments: Mapping[str, object]) -> dict[str, object]:
    """Store the model file as a model."""
    steps, database = Steps(), folder / f"{name}.db"
    with minidb.connect(str(database)) as connection:
        connection.execute("SELECT 1")
        with steps.measured("CREATE MODEL"):
            connection.execute("CREATE MODEL m FROM ?", [str(folder / f"{name}.safetensors")])
    files = [one for one in database.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files or [database])
    return {"steps": steps.found, "database_bytes": size}


def answer(name: str, folder: Path, _arguments: Mapping[str, object]) -> dict[str, object]:
    """Read the model back, compare it with its file, and classify an image twice."""
    steps = Steps()
    with minidb.connect(str(folder / f"{name}.db")) as connection:
        with steps.measured("read back"):
            data = connection.execute("SELECT nnModelFile('m')").scalar()
        is_same = (folder / f"{name}.safetensors").read_bytes() == bytes(data)
        attributes = connection.execute(
            "SELECT height, width, channels FROM models.layers WHERE kind = 'input'"
        ).rows()
        size = int(np.prod(attributes[0]))
        del data
        sql = (
            "SELECT predictLogits('m', arrayMap(i -> (i * 7919) % 256, range(number + ?)))"
            " FROM numbers(0, 1)"
        )
        for turn in ("first image", "next image"):
            with steps.measured(turn):
                logits = connection.execute(sql, [size]).scalar()
        program_bytes = connection.execute("SELECT program_bytes FROM system.models").scalar()
    return {
        "steps": steps.found,
        "is_same": is_same,
        "n_logits": len(logits),
        "program_bytes": program_bytes,
    }


STEPS: Mapping[str, Callable[[str, Path, Mapping[str, object]], dict[str, object]]] = {
    "export": export,
    "create": create,
    "answer": answer,
}


def main() -> None:
    """Run the step that the arguments name."""
    step, name, folder, arguments = sys.argv[1:]
    print(json.dumps(STEPS[step](name, Path(folder), json.loads(arguments))))


if __name__ == "__main__":
    main()
