"""All formats by name; the modules of a family are imported when one of its formats is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from minidb.errors import NOT_IMPLEMENTED, UNKNOWN_FORMAT, BindError, did_you_mean
from minidb.formats.format import Format
from minidb.source import Span

# The module and its tuple of formats; what is used most stands first.
FAMILIES = (
    ("tsv_output", "TSV_FORMATS"),
    ("pretty", "PRETTY_FORMATS"),
    ("csv_output", "CSV_FORMATS"),
    ("json_formats", "JSON_FORMATS"),
    ("vertical", "VERTICAL_FORMATS"),
    ("values", "OTHER_FORMATS"),
    ("binary_output", "BINARY_FORMATS"),
    ("npy", "NPY_FORMATS"),
    ("raw_blob", "RAW_FORMATS"),
    ("arrow", "ARROW_FORMATS"),
)


def all_formats() -> Iterator[Format]:
    """Yield every format; a family is imported when its turn comes."""
    for module, formats in FAMILIES:
        yield from getattr(import_module(f"minidb.formats.{module}"), formats)


def format_names() -> list[str]:
    """Return every name that a format has."""
    return sorted(name for item in all_formats() for name in (item.name, *item.aliases))


def main_names() -> list[str]:
    """Return one name of every format, in order."""
    return sorted(item.name for item in all_formats())


def find_format(name: str, span: Span | None = None) -> Format:
    """Return the format of that name, in any case.

    Raises
    ------
    BindError
        UNKNOWN_FORMAT, with the nearest name.
    """
    for item in all_formats():
        if name.lower() in {known.lower() for known in (item.name, *item.aliases)}:
            return item
    hint = did_you_mean(name, format_names())
    raise BindError(UNKNOWN_FORMAT, f"no format {name!r}", span=span, hint=hint)


def find_input_format(name: str, span: Span | None = None) -> Format:
    """Return the format of that name, which has to be one that can be read.

    Raises
    ------
    BindError
        UNKNOWN_FORMAT, or NOT_IMPLEMENTED for a format that is only written.
    """
    found = find_format(name, span)
    if found.read is None:
        readable = ", ".join(item.name for item in all_formats() if item.read is not None)
        message = f"format {found.name} is not for input"
        raise BindError(NOT_IMPLEMENTED, message, span=span, hint=f"these are: {readable}")
    return found
