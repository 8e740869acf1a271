"""Binding frames: constant offsets, and the ends that may stand together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.errors import ARGUMENT_OUT_OF_BOUND, BAD_ARGUMENTS, BindError, NotSupportedError
from minidb.expr import BoundExpr
from minidb.expr.evaluate import evaluate_constant
from minidb.plan.nodes import SortItem
from minidb.plan.window_parts import CURRENT_ROW, DEFAULT_FRAME, FrameEnd, WindowFrame
from minidb.settings import Settings
from minidb.source import Span
from minidb.sql import ast
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    numpy_dtype,
    without_null,
)

LARGEST_OFFSET = (1 << 31) - 1


def bind_frame(
    written: ast.WindowFrame | None,
    offsets: tuple[BoundExpr | None, BoundExpr | None],
    order: Sequence[SortItem],
    settings: Settings,
) -> WindowFrame:
    """Return a frame; without one, RANGE from the partition's first row to the last peer.

    Parameters
    ----------
    offsets : pair of BoundExpr or None
        The bound offsets of both ends.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for an offset that is no constant from 0 to 2**31 - 1, for ends that do not
        fit together, and for a RANGE offset without exactly one ORDER BY.
    NotSupportedError
        For a RANGE offset over a type without distances.
    """
    if written is None:
        return DEFAULT_FRAME
    start = _end(written, written.start, offsets[0], settings)
    end = _end(written, written.end, offsets[1], settings)
    frame = WindowFrame(written.unit, start, end)
    _check_ends(frame, written)
    if frame.has_range_offset:
        _check_range(frame, order, written.span)
    return frame


def _end(
    frame: ast.WindowFrame, end: ast.FrameBound, offset: BoundExpr | None, settings: Settings
) -> FrameEnd:
    """Return one end with its offset as a number."""
    if end.kind == "CURRENT ROW":
        return CURRENT_ROW
    if offset is None:
        return FrameEnd(end.kind)
    column = evaluate_constant(offset, settings)
    value = None if column is None else column.to_pylist()[0]
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = "the offset of a frame has to be a constant number"
        raise BindError(BAD_ARGUMENTS, message, span=offset.span)
    if not isinstance(value, int) or not 0 <= value <= LARGEST_OFFSET:
        message = f"the offset of a {frame.unit} frame has to be a whole number from 0 to "
        message += f"{LARGEST_OFFSET}, not {value}"
        raise BindError(BAD_ARGUMENTS, message, span=offset.span)
    return FrameEnd(end.kind, value)


def _check_ends(frame: WindowFrame, written: ast.WindowFrame) -> None:
    """Refuse frames whose end stands before their start."""
    start, end = frame.start, frame.end
    message = None
    if start == FrameEnd("FOLLOWING"):
        message = "a frame cannot start at UNBOUNDED FOLLOWING"
    elif end == FrameEnd("PRECEDING"):
        message = "a frame cannot end at UNBOUNDED PRECEDING"
    elif start.offset is not None or end.offset is not None or start == CURRENT_ROW:
        low, high = _place(start), _place(end)
        kinds = ("PRECEDING", "CURRENT ROW", "FOLLOWING")
        falls = kinds.index(start.kind) > kinds.index(end.kind)
        if low is not None and high is not None and (low > high or falls):
            message = f"the frame's start, {start}, does not precede its end, {end}"
    if message is not None:
        raise BindError(BAD_ARGUMENTS, message, span=written.span)


def _place(end: FrameEnd) -> int | None:
    """Return an end as a distance from the current row; None for UNBOUNDED."""
    if end.kind == "CURRENT ROW":
        return 0
    if end.offset is None:
        return None
    return -end.offset if end.kind == "PRECEDING" else end.offset


def _check_range(frame: WindowFrame, order: Sequence[SortItem], span: Span) -> None:
    """Check that distances can be measured on what orders the window."""
    if len(order) != 1:
        message = "a RANGE frame with an offset takes exactly one ORDER BY expression, "
        message += f"not {len(order)}"
        raise BindError(BAD_ARGUMENTS, message, span=span)
    key = order[0].expr
    bare = without_null(key.type)
    if not _has_distances(bare):
        message = f"a RANGE frame with an offset over {key.type.name} is not supported"
        raise NotSupportedError(message, span=key.span or span)
    if isinstance(bare, FloatType):
        return
    for end in (frame.start, frame.end):
        if end.offset is not None and end.offset > np.iinfo(numpy_dtype(bare).str).max:
            message = f"the offset {end.offset} does not fit the ORDER BY type {bare.name}"
            raise BindError(ARGUMENT_OUT_OF_BOUND, message, span=span)


def _has_distances(data_type: DataType) -> bool:
    match data_type:
        case IntType(is_wide=is_wide):
            return not is_wide
        case BoolType():
            return True
        case DateType() | DateTimeType() | FloatType():
            return True
        case _:
            return False
