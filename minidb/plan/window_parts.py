"""What the nodes of windows are made of: frames, and calls of window functions."""

from __future__ import annotations

from dataclasses import field

from minidb.expr import BoundExpr
from minidb.functions.window import WindowFunction
from minidb.record import record
from minidb.source import Span
from minidb.types import DataType


@record
class FrameEnd:
    """One end of a frame.

    `kind` is ``"PRECEDING"``, ``"CURRENT ROW"`` or ``"FOLLOWING"``; `offset` None is UNBOUNDED.
    """

    kind: str
    offset: int | None = None

    def __str__(self) -> str:
        if self.kind == "CURRENT ROW":
            return self.kind
        return f"{'UNBOUNDED' if self.offset is None else self.offset} {self.kind}"


CURRENT_ROW = FrameEnd("CURRENT ROW")
FIRST_ROW = FrameEnd("PRECEDING")
LAST_ROW = FrameEnd("FOLLOWING")


@record
class WindowFrame:
    """``unit BETWEEN start AND end``; the unit is ``ROWS``, ``RANGE`` or ``GROUPS``."""

    unit: str = "RANGE"
    start: FrameEnd = FIRST_ROW
    end: FrameEnd = CURRENT_ROW

    def __str__(self) -> str:
        return f"{self.unit} BETWEEN {self.start} AND {self.end}"

    @property
    def has_range_offset(self) -> bool:
        """Whether the frame reaches so far on the values of ORDER BY."""
        offsets = (self.start.offset, self.end.offset)
        return self.unit == "RANGE" and offsets != (None, None)


DEFAULT_FRAME = WindowFrame()


@record
class RowFunction:
    """A call of a window function: ``lag(x, 2)``."""

    type: DataType
    name: str
    args: tuple[BoundExpr, ...]
    function: WindowFunction = field(compare=False, repr=False, kw_only=True)
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)
