"""All formats by name."""

from __future__ import annotations

from minidb.errors import NOT_IMPLEMENTED, UNKNOWN_FORMAT, BindError, did_you_mean
from minidb.formats.arrow import ARROW_FORMATS
from minidb.formats.binary_output import BINARY_FORMATS, write_raw_blob
from minidb.formats.csv_output import CSV_FORMATS
from minidb.formats.format import Format
from minidb.formats.json_formats import JSON_FORMATS
from minidb.formats.npy import NPY_FORMATS
from minidb.formats.pretty import PRETTY_FORMATS
from minidb.formats.tsv_output import TSV_FORMATS
from minidb.formats.values import OTHER_FORMATS, infer_blob, read_blob
from minidb.formats.vertical import VERTICAL_FORMATS
from minidb.source import Span

RAW_BLOB = Format(
    "RawBLOB", "the bytes of all values", write_raw_blob, read_blob, infer_blob, is_text=False
)

FORMATS: tuple[Format, ...] = (
    *TSV_FORMATS,
    *CSV_FORMATS,
    *JSON_FORMATS,
    *PRETTY_FORMATS,
    *VERTICAL_FORMATS,
    *OTHER_FORMATS,
    *BINARY_FORMATS,
    *NPY_FORMATS,
    RAW_BLOB,
    *ARROW_FORMATS,
)

_BY_NAME = {name.lower(): item for item in FORMATS for name in (item.name, *item.aliases)}


def format_names() -> list[str]:
    """Return every name that a format has."""
    return sorted(name for item in FORMATS for name in (item.name, *item.aliases))


def main_names() -> list[str]:
    """Return one name of every format, in order."""
    return sorted(item.name for item in FORMATS)


def find_format(name: str, span: Span | None = None) -> Format:
    """Return the format of that name, in any case.

    Raises
    ------
    BindError
        UNKNOWN_FORMAT, with the nearest name.
    """
    found = _BY_NAME.get(name.lower())
    if found is None:
        hint = did_you_mean(name, format_names())
        raise BindError(UNKNOWN_FORMAT, f"no format {name!r}", span=span, hint=hint)
    return found


def find_input_format(name: str, span: Span | None = None) -> Format:
    """Return the format of that name, which has to be one that can be read.

    Raises
    ------
    BindError
        UNKNOWN_FORMAT, or NOT_IMPLEMENTED for a format that is only written.
    """
    found = find_format(name, span)
    if found.read is None:
        readable = ", ".join(item.name for item in FORMATS if item.read is not None)
        message = f"format {found.name} is not for input"
        raise BindError(NOT_IMPLEMENTED, message, span=span, hint=f"these are: {readable}")
    return found
