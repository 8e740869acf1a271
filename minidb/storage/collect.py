"""Removing what no manifest names, and never what a reader still holds.

A reader holds the manifest file of its version. So an old manifest that cannot be removed has
readers, in this process or another, and the parts it names stay.
"""

from __future__ import annotations

import os
import re

from minidb.errors import StorageError
from minidb.storage.manifest import (
    Manifest,
    decode_manifest,
    is_temporary,
    manifest_name,
    version_of,
)
from minidb.storage.vfs import Vfs

PARTS_FOLDER = "parts"

_PART_NAME = re.compile(r"p(\d{12})")


def part_name(number: int) -> str:
    """Return the name of a part."""
    return f"p{number:012d}"


class Collector:
    """What the writing process knows to be garbage.

    Parameters
    ----------
    vfs : Vfs
        Where the files are.
    root : str
        The database's folder.
    """

    __slots__ = ("_candidates", "_old", "_root", "_vfs")

    def __init__(self, vfs: Vfs, root: str) -> None:
        self._vfs = vfs
        self._root = root
        # Version of an old manifest -> its parts; None where the file cannot be read.
        self._old: dict[int, frozenset[str] | None] = {}
        self._candidates: set[str] = set()

    def scan(self, newest: Manifest) -> int:
        """Find everything that the newest manifest does not name.

        Returns
        -------
        int
            A number above those of all parts on disk.

        Raises
        ------
        StorageError
            When a folder cannot be listed.
        """
        self._old.clear()
        for name in self._vfs.names_in(self._root):
            version = version_of(name)
            if version is not None and version < newest.version:
                self._old[version] = None
            elif is_temporary(name):
                self._remove_quietly(os.path.join(self._root, name))
        present = self._vfs.names_in(os.path.join(self._root, PARTS_FOLDER))
        self._candidates = {name for name in present if _PART_NAME.fullmatch(name)}
        self._candidates -= newest.part_names
        numbers = [int(found[1]) for name in present if (found := _PART_NAME.fullmatch(name))]
        return max([newest.next_part, *(number + 1 for number in numbers)])

    def retire(self, old: Manifest, newest: Manifest) -> None:
        """Note that `newest` took the place of `old`."""
        self._old[old.version] = old.part_names
        self._candidates |= old.part_names - newest.part_names

    def discard(self, part_names: set[str]) -> None:
        """Note parts that were written and never published."""
        self._candidates |= part_names

    def run(self, newest: Manifest) -> None:
        """Remove what can go now; what fails or is held stays for the next time."""
        for version in sorted(self._old):
            if self._remove_manifest(version):
                del self._old[version]
        kept = newest.part_names
        for version, names in self._old.items():
            known = self._parts_of(version) if names is None else names
            if known is None:
                return
            self._old[version] = known
            kept |= known
        for name in sorted(self._candidates - kept):
            folder = os.path.join(self._root, PARTS_FOLDER, name)
            try:
                self._vfs.remove_folder(folder)
            except StorageError:
                continue
            self._candidates.discard(name)

    def _remove_manifest(self, version: int) -> bool:
        try:
            return self._vfs.remove_unheld(os.path.join(self._root, manifest_name(version)))
        except StorageError:
            return False

    def _parts_of(self, version: int) -> frozenset[str] | None:
        """Read which parts an old manifest names; None means that nobody can know."""
        path = os.path.join(self._root, manifest_name(version))
        try:
            hold = self._vfs.hold(path)
            if hold is None:
                return frozenset()
            try:
                return decode_manifest(hold.read(), path, version).part_names
            finally:
                hold.close()
        except StorageError:
            return None

    def _remove_quietly(self, path: str) -> None:
        try:
            self._vfs.remove(path)
        except StorageError:
            return
