"""RawBLOB: the bytes of all values, and a whole file as one value."""

from __future__ import annotations

from minidb.formats.binary_output import write_raw_blob
from minidb.formats.format import Format
from minidb.formats.values import infer_blob, read_blob

RAW_FORMATS = (
    Format(
        "RawBLOB", "the bytes of all values", write_raw_blob, read_blob, infer_blob, is_text=False
    ),
)
