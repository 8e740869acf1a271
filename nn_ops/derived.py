"""What is derived from a layer once and kept for as long as the layer lives."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Key = TypeVar("Key")
Value = TypeVar("Value")


class Derived(Generic[Key, Value]):
    """A function of one argument whose results are kept while their argument lives.

    Parameters
    ----------
    make : callable
        Derives a value. Two threads that come first at the same time may both call it; one of the
        two values, which are equal, is kept. A value must not hold its argument.
    """

    def __init__(self, make: Callable[[Key], Value]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[Key, Value] = WeakKeyDictionary()
        self._lock = Lock()

    def __call__(self, key: Key) -> Value:
        """Return what is derived from `key`."""
        with self._lock:
            value = self._values.get(key)
        if value is None:
            value = self._make(key)
            with self._lock:
                value = self._values.setdefault(key, value)
        return value
