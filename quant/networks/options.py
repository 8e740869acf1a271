"""The arguments of networks, and how they are read from a mapping that a user wrote."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypeVar

from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name

OTHER_NAMES = {"num_classes": "classes", "input_size": "image_size"}
"""The names that the original's ``--model_config`` used."""

MAY_BE_ZERO = frozenset({"zero", "max_pixel", "padding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What every network is made with.

    Attributes
    ----------
    classes : int
    image_size : int
        Rows and columns of the image.
    channels : int
        Of the image.
    width : float
        Every inner layer has so many times its usual channels or features.
    zero : 0 or 1
        The sign of an exact zero.
    stochastic : bool
        Whether signs of activations are drawn at random while training.
    max_pixel : int
        The greatest pixel; 0 when the input is not pixels but normalized reals.
    mean, std : tuple of float
        Pixels become ``(pixel / max_pixel - mean[c]) / std[c]`` before the first layer.
    """

    classes: int = 10
    image_size: int = 32
    channels: int = 3
    width: float = 1.0
    zero: int = 0
    stochastic: bool = False
    max_pixel: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def scaled(self, n: int) -> int:
        """Return a count of channels or features under the width; at least 1."""
        return max(1, round(n * self.width))

    def as_json(self) -> dict[str, Any]:
        """Return the arguments as values of JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


AnyOptions = TypeVar("AnyOptions", bound=Options)


def read_options(defaults: AnyOptions, given: Mapping[str, Any]) -> AnyOptions:
    """Return the arguments given, over the defaults.

    Parameters
    ----------
    defaults : Options
    given : mapping
        Names and values as a user wrote them.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME with the nearest name, or QUANT_BAD_OPTION for a value of the wrong type
        or out of range.
    """
    known = {field.name: getattr(defaults, field.name) for field in fields(defaults)}
    changed: dict[str, Any] = {}
    for written, value in given.items():
        name = OTHER_NAMES.get(written, written)
        if name not in known:
            raise unknown_name("argument of this network", written, known)
        changed[name] = _checked(name, value, known[name])
    return replace(defaults, **changed)


def _checked(name: str, value: Any, default: Any) -> Any:
    """Return a value in the type of its default, checked."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match default:
        case bool():
            fits, expected = isinstance(value, bool), "True or False"
        case int():
            least = 0 if name in MAY_BE_ZERO else 1
            fits = is_number and isinstance(value, int) and value >= least
            expected = f"a whole number from {least} on"
        case float():
            fits = is_number and 0 < value < math.inf
            expected = "a number above 0"
        case tuple():
            fits = isinstance(value, list | tuple) and all(_is_finite(one) for one in value)
            expected = "a list of numbers"
        case _:
            fits, expected = isinstance(value, str), "a text"
    if not fits:
        message = f"argument {name!r} of the network is {expected}, not {value!r}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    return type(default)(value)


def _is_finite(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)
