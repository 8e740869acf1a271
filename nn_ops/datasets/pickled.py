"""Pickled batches read without running anything that they name.

The published CIFAR batches are pickles of a dictionary that holds one NumPy array. A pickle is a
program; here it may push numbers, texts, lists and dictionaries, and it may name the three
constructors of a NumPy array, for which harmless stand-ins are given. Everything else is refused
before the first instruction runs.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path
from typing import Any

from nn_ops.datasets.files import CIFAR_PAGE, damaged

PICKLE_START = b"\x80"
"""Protocol 2 and later begin with this byte; no CIFAR label is so large."""
MAX_MEMO = 1 << 22
"""The largest memo place: the C unpickler reserves room up to the largest that is named."""

_CONSTRUCTORS = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}
_ALLOWED_NAMES = """
PROTO FRAME STOP MARK POP POP_MARK NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1
STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES UNICODE BINUNICODE SHORT_BINUNICODE
EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM
SETITEMS PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET MEMOIZE GLOBAL STACK_GLOBAL REDUCE BUILD
"""
_ALLOWED = frozenset(_ALLOWED_NAMES.split())


class PickledType:
    """Stands in for `numpy.dtype`: its short name alone."""

    def __init__(self, name: object = "", *_: object) -> None:
        self.name = name.decode("latin-1") if isinstance(name, bytes) else str(name)

    def __setstate__(self, state: object) -> None:
        """Byte order and alignment do not matter for bytes."""


class PickledBytes:
    """Stands in for `numpy.ndarray`.

    Attributes
    ----------
    shape : tuple of int
    item_type : str
        NumPy's short name of the elements' type.
    data : bytes
        The elements in row-major order.
    """

    def __init__(self, *_: object) -> None:
        self.shape: tuple[int, ...] = ()
        self.item_type = ""
        self.data = b""

    def __setstate__(self, state: object) -> None:
        """Take (version, shape, type, is column-major, bytes)."""
        match state:
            case (int(), tuple(shape), PickledType() as item_type, False | 0, bytes(data)):
                self.shape, self.item_type, self.data = shape, item_type.name, data
            case _:
                raise pickle.UnpicklingError("an array that is not stored by rows")


def _encode(text: object, encoding: object = "") -> bytes:
    """Stand in for `_codecs.encode`, by which later protocols write bytes."""
    if not isinstance(text, str) or encoding != "latin1":
        raise pickle.UnpicklingError("bytes that are not written as latin1")
    return text.encode("latin-1")


class _Unpickler(pickle.Unpickler):
    """Gives stand-ins for the constructors, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CONSTRUCTORS:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        if name == "_reconstruct":
            return PickledBytes
        return {"ndarray": PickledBytes, "dtype": PickledType, "encode": _encode}[name]


def read_pickled(data: bytes, path: Path) -> object:
    """Return what a pickled batch holds; `path` is for messages.

    Parameters
    ----------
    data : bytes
    path : Path

    Returns
    -------
    object
        Of dict, list, tuple, int, bytes, str, bool, None and `PickledBytes` alone.

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED when it is not whole, or does anything that a batch has no need of.
    """
    _check_instructions(data, path)
    try:
        return _Unpickler(io.BytesIO(data), encoding="bytes").load()
    except (pickle.UnpicklingError, ValueError, TypeError, KeyError, IndexError) as error:
        raise damaged(path, 0, f"the pickled batch cannot be read: {error}", CIFAR_PAGE) from error
    except (EOFError, AttributeError, UnicodeError, OverflowError, RecursionError) as error:
        raise damaged(path, 0, f"the pickled batch cannot be read: {error}", CIFAR_PAGE) from error


def _check_instructions(data: bytes, path: Path) -> None:
    """Raise at the first instruction that a batch has no need of."""
    offset = 0
    try:
        for opcode, argument, position in pickletools.genops(data):
            offset = position or 0
            if opcode.name not in _ALLOWED:
                what = f"the instruction {opcode.name} has no place in a pickled batch"
                raise damaged(path, offset, what, CIFAR_PAGE)
            if "PUT" in opcode.name and isinstance(argument, int) and argument > MAX_MEMO:
                raise damaged(path, offset, f"the memo place {argument} is absurd", CIFAR_PAGE)
            if opcode.name == "GLOBAL" and tuple(str(argument).split(" ")) not in _CONSTRUCTORS:
                what = f"it names {argument!r}, which no batch needs"
                raise damaged(path, offset, what, CIFAR_PAGE)
    except (ValueError, UnicodeError, OverflowError) as error:
        what = f"the pickle is not whole: {error}"
        raise damaged(path, offset, what, CIFAR_PAGE) from error
