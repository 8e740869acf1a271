"""File systems that fail, fall short, are interrupted, or forget what was not synced.

None of them waits for the real disk: a sync is counted, and may fail, but costs nothing.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from minidb.storage.vfs import CHANGING, Vfs

T = TypeVar("T")

SYNCS = frozenset({"sync", "sync folder"})


class CountingVfs(Vfs):
    """Counts the calls to the operating system."""

    def __init__(self) -> None:
        self.n_calls = 0
        self.log: list[tuple[str, str]] = []

    def perform(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        self.n_calls += 1
        self.log.append((action, os.path.basename(path)))
        return self.run(action, path, function, *arguments)

    def run(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        return None if action in SYNCS else function(*arguments)


@dataclass
class Fault:
    """What goes wrong, and when.

    Parameters
    ----------
    at : int
        The number of the call, counted from 1 among those in `actions`.
    error : exception
        Raised at that call; with `is_lasting`, at every later one of `actions` too.
    is_after : bool
        Whether the call is carried out all the same, and only its answer is lost.
    """

    at: int
    error: BaseException
    is_after: bool = False
    is_lasting: bool = False
    actions: frozenset[str] | None = None


class FailingVfs(CountingVfs):
    """Raises an error at a chosen call."""

    def __init__(self, fault: Fault | None = None) -> None:
        super().__init__()
        self.fault = fault
        self.n_matching = 0
        self.has_failed = False

    def run(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        if not self._is_faulty(action):
            return super().run(action, path, function, *arguments)
        assert self.fault is not None
        self.has_failed = True
        if self.fault.is_after:
            result = super().run(action, path, function, *arguments)
            if action in {"open", "create"}:
                os.close(result)
        raise self.fault.error

    def heal(self) -> None:
        self.fault = None

    def _is_faulty(self, action: str) -> bool:
        fault = self.fault
        if fault is None or (fault.actions is not None and action not in fault.actions):
            return False
        self.n_matching += 1
        return self.n_matching == fault.at or (fault.is_lasting and self.n_matching > fault.at)


class ShortWritingVfs(CountingVfs):
    """Writes at most `limit` bytes at a time, as a system may that is short of something."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def run(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        if action == "write":
            descriptor, data = arguments
            return function(descriptor, data[: self.limit])
        return super().run(action, path, function, *arguments)


class FullDiskVfs(FailingVfs):
    """Writes half of what the failing call was to write, then fails: a disk that runs full."""

    def run(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        if action == "write" and self.fault is not None and self.n_matching + 1 == self.fault.at:
            descriptor, data = arguments
            function(descriptor, data[: len(data) // 2])
        return super().run(action, path, function, *arguments)


class PowerLossError(Exception):
    """The machine is off."""


@dataclass(eq=False)
class Content:
    """The bytes of a file: as written, and as the disk has them for sure."""

    written: bytes = b""
    durable: bytes = b""


@dataclass(eq=False)
class Directory:
    """The names in a folder: for sure, and the changes that are still on their way."""

    durable: dict[str, Directory | Content] = field(default_factory=dict)
    live: dict[str, Directory | Content] = field(default_factory=dict)
    pending: list[tuple[str, str, Directory | Content | None]] = field(default_factory=list)

    def change(self, kind: str, name: str, target: Directory | Content | None) -> None:
        _apply(self.live, kind, name, target)
        self.pending.append((kind, name, target))

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, *change)
        self.pending.clear()


def _apply(
    names: dict[str, Directory | Content], kind: str, name: str, target: Directory | Content | None
) -> None:
    """Carry out one change of a folder: link, unlink, or a rename ("old\\0new"), which is both."""
    if kind == "link" and target is not None:
        names[name] = target
    elif kind == "unlink":
        names.pop(name, None)
    elif kind == "rename" and target is not None:
        old, new = name.split("\0")
        names.pop(old, None)
        names[new] = target


class PowerLossVfs(CountingVfs):
    """Goes off at the k-th call, and then knows what a disk may hold.

    Content counts as stored once its file was synced, a name once its folder was. Of the rest,
    the disk has any part, in any order; a rename happens whole or not at all.

    Parameters
    ----------
    base : Path
        The folder above everything that is written; its own content counts as stored.
    at : int
        The number of the call that does not happen any more.
    """

    def __init__(self, base: Path, at: int) -> None:
        super().__init__()
        self.base = base
        self.at = at
        self.is_off = False
        self.top = Directory()

    def run(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        if self.is_off or self.n_calls == self.at:
            self.is_off = True
            raise PowerLossError
        result = super().run(action, path, function, *arguments)
        if action in CHANGING:
            self._note(action, path, arguments, result)
        return result

    def _note(self, action: str, path: str, arguments: tuple[object, ...], result: object) -> None:
        if action == "sync folder":
            self._folder(path).sync()
            return
        parent, name = self._folder(os.path.dirname(path)), os.path.basename(path)
        target = parent.live.get(name)
        match action:
            case "create" if target is None:
                parent.change("link", name, Content())
            case "make folder":
                parent.change("link", name, Directory())
            case "remove" | "remove folder":
                parent.change("unlink", name, None)
            case "rename":
                old = os.path.basename(str(arguments[0]))
                parent.change("rename", f"{old}\0{name}", parent.live[old])
            case "write" if isinstance(target, Content):
                target.written += bytes(arguments[1][:result])
            case "sync" if isinstance(target, Content):
                target.durable = target.written
            case _:
                pass

    def _folder(self, path: str) -> Directory:
        found: Directory | Content = self.top
        for name in Path(path).relative_to(self.base).parts:
            assert isinstance(found, Directory)
            found = found.live[name]
        assert isinstance(found, Directory)
        return found

    def write_survivors(self, target: Path, chance: random.Random, keep: float) -> None:
        """Lay out in `target` one of the states that the disk may be in.

        Parameters
        ----------
        target : Path
            An empty folder, in the place of `base`.
        chance : random.Random
            Decides what of the unsynced survives.
        keep : float
            How likely each unsynced change of a folder survives: 0 to 1.
        """
        _lay_out(self.top, target, chance, keep)


def _lay_out(folder: Directory, target: Path, chance: random.Random, keep: float) -> None:
    names = dict(folder.durable)
    survivors = [change for change in folder.pending if chance.random() < keep]
    if chance.random() < 0.3:
        chance.shuffle(survivors)
    for change in survivors:
        _apply(names, *change)
    for name, item in names.items():
        if isinstance(item, Directory):
            (target / name).mkdir()
            _lay_out(item, target / name, chance, keep)
        else:
            (target / name).write_bytes(_surviving(item, chance))


def _surviving(content: Content, chance: random.Random) -> bytes:
    """Return what may be left of a file: all that was synced, and anything of the rest."""
    if content.written == content.durable:
        return content.durable
    rest = content.written[len(content.durable) :]
    cut = chance.randrange(len(rest) + 1)
    filler = bytes(len(rest) - cut) if chance.random() < 0.5 else b""
    return content.durable + rest[:cut] + filler
