"""One value as people write it, for plans and messages."""

from __future__ import annotations

import re

from minidb.columns.base import Column
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import StringColumn
from minidb.columns.text import render_quoted
from minidb.types import IntType

PLAIN = re.compile(rb"[ -&(-\[\]-~]*")
"""What stands in quotes as it is: ASCII but for the quote, the backslash and control characters."""


def quoted_value(column: Column) -> str:
    r"""Return the value of a column of one row, texts and dates in quotes.

    Bytes that are no UTF-8 stand as ``\xff``.
    """
    if isinstance(column, NumericColumn) and isinstance(column.type, IntType):
        # Literals are most often whole numbers, and this is many times as fast.
        return str(column.values.tolist()[0])
    if isinstance(column, StringColumn):
        text = column.data[int(column.offsets[0]) : int(column.offsets[-1])].tobytes()
        if PLAIN.fullmatch(text):
            return f"'{text.decode()}'"
    found = render_quoted(column)
    start, end = int(found.offsets[0]), int(found.offsets[-1])
    return found.data[start:end].tobytes().decode("utf-8", "backslashreplace")
