"""Programs that are ready to run, by the digest of their network; one cache per database.

Nothing is imported here that only running a network needs: every database has a cache, most have no
model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nn_ops.program import Program


@dataclass(slots=True)
class ProgramCache:
    """Lowered networks, kept until no model has them any more.

    A digest says all of a network, so what is found here is right whatever is committed meanwhile.
    """

    _programs: dict[str, tuple[Program, int]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def program(self, digest: str, make: Callable[[], Program]) -> Program:
        """Return the program of a network, made at the first call."""
        with self._lock:
            found = self._programs.get(digest)
        if found is None:
            program = make()
            found = (program, nbytes_of(program))
            with self._lock:
                self._programs[digest] = found
        return found[0]

    def nbytes(self, digest: str) -> int:
        """Return the bytes of a program's arrays; 0 when it is not loaded."""
        with self._lock:
            found = self._programs.get(digest)
        return 0 if found is None else found[1]

    def keep_only(self, digests: Set[str]) -> None:
        """Let go of the programs of other networks."""
        with self._lock:
            for digest in set(self._programs) - digests:
                del self._programs[digest]


def nbytes_of(program: Program) -> int:
    """Return the bytes of all arrays of a program, each counted once."""
    arrays = {id(array): array.nbytes for array in _arrays(program)}
    return sum(arrays.values())


def _arrays(value: object) -> Iterator[NDArray[np.generic]]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _arrays(item)
    elif is_dataclass(value):
        for member in fields(value):
            yield from _arrays(getattr(value, member.name))
