"""Grouping across batches: which rows of a whole query have equal keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np

from minidb.columns.base import Column, IndexArray
from minidb.columns.grouping import Grouping, factorize
from minidb.columns.key_index import NO_GROUP, KeyIndex
from minidb.columns.make import concat_columns
from minidb.record import state

__all__ = ["GroupTable", "Grouping", "factorize"]

YOUNG_SHARE = 4
# Measured with numbers and short texts as keys.
WORK_PER_BYTE, WORK_PER_ROW = 2, 56


@state
class GroupTable:
    """The groups of a whole query, found batch by batch.

    Groups are numbered by first appearance over all batches, whatever the batches' sizes.

    Notes
    -----
    Known keys stand in two indexes: a large one that is seldom made anew, and a small one for the
    keys that came since. So a batch costs its own rows, not those of all groups so far.
    """

    n_groups: int = field(default=0, init=False)
    _old: KeyIndex | None = field(default=None, init=False)
    _young: KeyIndex | None = field(default=None, init=False)
    _old_keys: tuple[Column, ...] = field(default=(), init=False)
    _young_keys: tuple[Column, ...] = field(default=(), init=False)

    def add(self, columns: Sequence[Column]) -> IndexArray:
        """Take one batch of key columns and return the group of each row (intp, shape (n,))."""
        local = factorize(columns)
        firsts = tuple(column.take(local.first_rows) for column in columns)
        if not self.n_groups:
            self._old_keys, self.n_groups = firsts, local.n_groups
            return local.codes
        found = self._find(firsts)
        fresh = np.flatnonzero(found == NO_GROUP)
        if len(fresh):
            found[fresh] = np.arange(self.n_groups, self.n_groups + len(fresh))
            self._append(tuple(column.take(fresh) for column in firsts))
        return found[local.codes]

    def _find(self, columns: tuple[Column, ...]) -> IndexArray:
        """Return the group of each key, or NO_GROUP."""
        if self._old is None:
            self._old = KeyIndex(self._old_keys)
        found = self._old.find(columns)
        n_young = len(self._young_keys[0]) if self._young_keys else 0
        if n_young:
            if self._young is None:
                self._young = KeyIndex(self._young_keys)
            missing = np.flatnonzero(found == NO_GROUP)
            among = self._young.find([column.take(missing) for column in columns])
            is_young = among != NO_GROUP
            found[missing[is_young]] = among[is_young] + (self.n_groups - n_young)
        return found

    def _append(self, columns: tuple[Column, ...]) -> None:
        """Add new keys to the small index, or make the large one anew of all keys."""
        self.n_groups += len(columns[0])
        self._young_keys, self._young = _joined(self._young_keys, columns), None
        n_young = len(self._young_keys[0])
        if n_young * YOUNG_SHARE > self.n_groups:
            self._old = None  # before the keys are joined: the two need not stand together
            self._old_keys = _joined(self._old_keys, self._young_keys)
            self._young_keys = ()

    def keys(self) -> tuple[Column, ...]:
        """Return the key columns, one row per group, in order of first appearance."""
        return _joined(self._old_keys, self._young_keys)

    def bytes_to_add(self, columns: Sequence[Column]) -> int:
        """Return about how many bytes `add` needs for a moment, beside those held.

        The keys are turned into words, sorted or hashed, and at worst all groups move to a new
        index, while the old one is still there.
        """
        given = sum(column.nbytes for column in columns)
        moved = self.nbytes if self.n_groups else 0
        return WORK_PER_BYTE * given + WORK_PER_ROW * len(columns[0]) + moved

    @property
    def nbytes(self) -> int:
        """Return the bytes of the keys and their indexes."""
        parts = ((self._old, self._old_keys), (self._young, self._young_keys))
        return sum(
            index.nbytes if index is not None else sum(column.nbytes for column in keys)
            for index, keys in parts
        )


def _joined(first: tuple[Column, ...], second: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return columns one after another; either side may be missing."""
    if not first or not second:
        return first or second
    return tuple(concat_columns(a.type, [a, b]) for a, b in zip(first, second, strict=True))
