"""Layers that training leaves as they are: parameters and running statistics alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from torch import nn

from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name

ALL_BUT_LAST = "all-but-last"
N_LAST = re.compile(rf"{ALL_BUT_LAST}(?:-([1-9][0-9]*))?")
"""``all-but-last`` and ``all-but-last-N``."""


def freeze(network: nn.Module, names: Sequence[str]) -> tuple[nn.Module, ...]:
    """Take layers out of training.

    Parameters
    ----------
    network : nn.Module
    names : sequence of str
        As for `frozen_names`.

    Returns
    -------
    tuple of nn.Module
        They are to be in eval mode while the others train; see `train_others`.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME; QUANT_BAD_OPTION when nothing would be left to train.
    """
    modules = dict(network.named_modules())
    frozen = tuple(modules[name] for name in frozen_names(network, names))
    for module in frozen:
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        message = f"with {', '.join(names)} frozen there is nothing left to train"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    return frozen


def train_others(network: nn.Module, frozen: Iterable[nn.Module]) -> None:
    """Put a network into training mode, except for its frozen layers."""
    network.train()
    for module in frozen:
        module.eval()


def frozen_names(network: nn.Module, names: Iterable[str]) -> tuple[str, ...]:
    """Return the modules that some names mean, in the network's order.

    Parameters
    ----------
    network : nn.Module
    names : iterable of str
        A layer with weights also means the batch norms after it, up to the next layer with weights;
        a block means all that is in it. ``all-but-last`` is all but the last layer with weights and
        what follows it, ``all-but-last-2`` all but the last two. The database's spelling, with
        ``_`` for dots, is known too.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME with the nearest name.
    """
    order = stateful(network)
    meant: set[str] = set()
    for name in names:
        meant |= _meant(network, order, name)
    return tuple(name for name in order if name in meant)


def last_names(network: nn.Module, n_layers: int = 1) -> tuple[str, ...]:
    """Return the last layers with weights, and the modules with state that follow them."""
    order = stateful(network)
    weighted = [at for at, name in enumerate(order) if _has_weights(network, name)]
    return tuple(order[weighted[-n_layers] :])


def stateful(network: nn.Module) -> list[str]:
    """Return the names of the modules that hold parameters or running statistics, in order."""
    return [
        name
        for name, module in network.named_modules()
        if any(True for _ in module.parameters(recurse=False))
    ]


def _has_weights(network: nn.Module, name: str) -> bool:
    weight = getattr(network.get_submodule(name), "weight", None)
    return weight is not None and weight.dim() > 1


def _meant(network: nn.Module, order: list[str], name: str) -> set[str]:
    """Return what one name means."""
    n_weighted = sum(_has_weights(network, one) for one in order)
    counted = N_LAST.fullmatch(name)
    if counted is not None:
        n_last = int(counted[1] or 1)
        if n_last >= n_weighted:
            message = f"{name!r} freezes nothing: the network has {n_weighted} layers with weights"
            raise ExtensionError(QUANT_BAD_OPTION, message)
        return set(order) - set(last_names(network, n_last))
    known = {one: one for one, _ in network.named_modules() if one and _inside(order, one)}
    known |= {one.replace(".", "_"): one for one in known}
    if name not in known:
        raise unknown_name("layer to freeze", name, [*known, ALL_BUT_LAST])
    path = known[name]
    inside = _inside(order, path)
    if path in order and _has_weights(network, path):
        parent = path.rpartition(".")[0]
        for one in order[order.index(path) + 1 :]:
            if _has_weights(network, one) or one.rpartition(".")[0] != parent:
                break
            inside.add(one)
    return inside


def _inside(order: list[str], path: str) -> set[str]:
    """Return a module, or all that is in it."""
    return {one for one in order if one == path or one.startswith(f"{path}.")}
