"""Two runs of one network laid beside each other: the first stage, cell and bits that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import WORD_BITS, unpack_signs
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.executor import Column
from nn_ops.program import AnyStage, Program

TOLERANCE = 1e-9
"""Reals are added in another order elsewhere; signs and integers must be identical."""
N_SHOWN = 8
"""So many of the differing bits are told."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two runs differ.

    Attributes
    ----------
    stage : str
        The name of the node whose output differs.
    image, row, column : int
    channels : tuple of int
        The first channels that differ in this cell; of signs, channel c is bit ``c % 64`` of word
        ``c // 64``.
    found, expected : tuple of float
        The values of these channels.
    is_signs : bool
    n_values : int
        How many values of the stage differ in all.
    """

    stage: str
    image: int
    row: int
    column: int
    channels: tuple[int, ...]
    found: tuple[float, ...]
    expected: tuple[float, ...]
    is_signs: bool
    n_values: int

    def __str__(self) -> str:
        """Say it in one line."""
        if self.is_signs:
            told = ", ".join(
                f"word {c // WORD_BITS} bit {c % WORD_BITS} is {f:+.0f}, expected {e:+.0f}"
                for c, f, e in zip(self.channels, self.found, self.expected, strict=True)
            )
        else:
            told = ", ".join(
                f"channel {c} is {f!r}, expected {e!r}"
                for c, f, e in zip(self.channels, self.found, self.expected, strict=True)
            )
        return (
            f"{self.stage}: image {self.image}, row {self.row}, column {self.column}: {told} "
            f"({self.n_values} values of this layer differ)"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out of comparing two runs.

    Attributes
    ----------
    compared : tuple of str
        The stages that both runs have, in order.
    missing : tuple of str
        The stages that the other run does not tell.
    difference : Difference or None
        The first one.
    has_logits : bool
        Whether the last stage was compared.
    """

    compared: tuple[str, ...]
    missing: tuple[str, ...]
    difference: Difference | None
    has_logits: bool

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs, and the last stage, the logits, was among what was compared."""
        return self.difference is None and self.has_logits


def values_of(stage: AnyStage, column: Column) -> NDArray[Any]:
    """Return what a stage gives as numbers, of shape (n, height, width, channels)."""
    if stage.kind == "signs":
        return unpack_signs(column, stage.output.channels)
    return column.reshape(len(column), *_cells(stage))


def compare(
    program: Program, found: Mapping[str, Column], expected: Mapping[str, NDArray[Any]]
) -> Comparison:
    """Compare what a program's stages gave with what another run gave.

    Parameters
    ----------
    program : Program
    found : mapping
        By stage, as `nn_ops.executor.trace` returns it.
    expected : mapping
        By node, numbers of shape (n, height, width, channels); nodes that are no stage do not
        matter.

    Returns
    -------
    Comparison

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a node of the other run has another shape: it is another network.
    """
    compared, missing = list[str](), list[str]()
    for stage in program.stages:
        if stage.name not in expected:
            missing.append(stage.name)
            continue
        compared.append(stage.name)
        values = values_of(stage, found[stage.name])
        other = np.asarray(expected[stage.name])
        if other.size != values.size:
            raise ExtensionError(
                NN_SHAPE_MISMATCH,
                f"{stage.name} gives {values.shape[1:]} values for an image here, and "
                f"{other.shape[1:]} there",
                hint="the other side is another network",
            )
        difference = _first_difference(stage, values, other.reshape(values.shape))
        if difference is not None:
            break
    else:
        difference = None
    has_logits = compared[-1:] == [program.stages[-1].name]
    return Comparison(tuple(compared), tuple(missing), difference, has_logits)


def _first_difference(
    stage: AnyStage, values: NDArray[Any], other: NDArray[Any]
) -> Difference | None:
    """Return the first cell of a stage that differs; a NaN always does."""
    if stage.kind == "signs":
        differs = values != other
    else:
        scale = np.maximum(1.0, np.abs(other))
        differs = ~(np.abs(values - other) <= TOLERANCE * scale)
    if not differs.any():
        return None
    image, row, column, _ = (int(place) for place in np.argwhere(differs)[0])
    channels = np.flatnonzero(differs[image, row, column])[:N_SHOWN]
    return Difference(
        stage.name,
        image,
        row,
        column,
        tuple(channels.tolist()),
        tuple(values[image, row, column, channels].astype(np.float64).tolist()),
        tuple(other[image, row, column, channels].astype(np.float64).tolist()),
        stage.kind == "signs",
        int(np.count_nonzero(differs)),
    )


def _cells(stage: AnyStage) -> tuple[int, int, int]:
    return stage.output.height, stage.output.width, stage.output.channels
