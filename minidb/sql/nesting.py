"""Counts nesting while tokens pass by, so that no later stage meets a tree that is too deep."""

from __future__ import annotations

from minidb.errors import TOO_DEEP_RECURSION, SqlSyntaxError
from minidb.source import Span
from minidb.sql.depth import MAX_CHAIN, MAX_NESTING


class Nesting:
    """The open brackets of one statement, and bounds on the depth of its syntax tree.

    Two bounds are kept. From above: brackets, CASE, prefix operators, ternaries and lambdas around
    the current token (`MAX_NESTING`). From below: how deep the tree of the current element may have
    become by chains of operators and subscripts (`MAX_CHAIN`).
    """

    __slots__ = ("_base", "_chain", "_frames", "_run", "_sticky", "_widest", "has_unmatched")

    def __init__(self) -> None:
        # Whether a bracket has been closed that was never opened.
        self.has_unmatched = False
        self._base = 0
        # Prefix operators that wait for their operand; ternaries and lambdas of this element.
        self._run = 0
        self._sticky = 0
        # Depth of the current element, and of the deepest one in this bracket.
        self._chain = 0
        self._widest = 0
        self._frames: list[tuple[str, int, int, int, int, int]] = []

    @property
    def opened(self) -> tuple[str, int] | None:
        """Return the innermost open bracket or CASE and its place, if there is one."""
        return self._frames[-1][:2] if self._frames else None

    def open(self, bracket: str, start: int) -> None:
        """Enter a bracket or a CASE."""
        self._frames.append((bracket, start, self._run, self._sticky, self._chain, self._widest))
        self._base += 1 + self._run + self._sticky
        self._run = self._sticky = self._chain = self._widest = 0
        if self._base > MAX_NESTING:
            raise _too_deep(start, len(bracket))

    def close(self, start: int) -> None:
        """Leave the innermost bracket; one too many is the parser's business."""
        if not self._frames:
            self.has_unmatched = True
        else:
            inner = max(self._chain, self._widest) + 1
            _, _, self._run, self._sticky, chain, self._widest = self._frames.pop()
            self._base -= 1 + self._run + self._sticky
            self._chain = max(chain, inner)
            self._grow(start)

    def prefix(self, start: int) -> None:
        """Note a NOT or a sign before an operand."""
        self._run += 1
        if self._base + self._run + self._sticky > MAX_NESTING:
            raise _too_deep(start, 1)
        self._grow(start)

    def branch(self, start: int) -> None:
        """Note a ternary's question mark or a lambda's arrow: what follows nests in it."""
        self._run = 0
        self._sticky += 1
        if self._base + self._sticky > MAX_NESTING:
            raise _too_deep(start, 1)
        self._grow(start)

    def link(self, start: int) -> None:
        """Note an operator between operands, which makes the tree one deeper."""
        self._run = 0
        self._grow(start)

    def post(self, start: int) -> None:
        """Note a subscript, a cast, a dot or IS behind an operand."""
        self._grow(start)

    def flat(self, _start: int) -> None:
        """Note AND, OR or ``||``: a chain of them is one node."""
        self._run = 0
        self._widest = max(self._widest, self._chain)
        self._chain = 0

    def separate(self, start: int) -> None:
        """Note a comma or a word that begins a clause."""
        self.flat(start)
        self._sticky = 0

    def _grow(self, start: int) -> None:
        self._chain += 1
        if self._chain > MAX_CHAIN:
            raise SqlSyntaxError(
                TOO_DEEP_RECURSION,
                f"more than {MAX_CHAIN} operators in one chain",
                span=Span(start, start + 1),
            )


def _too_deep(start: int, length: int) -> SqlSyntaxError:
    return SqlSyntaxError(
        TOO_DEEP_RECURSION,
        f"nesting is deeper than {MAX_NESTING}",
        span=Span(start, start + length),
        hint="take the expression apart with WITH or derived tables",
    )
