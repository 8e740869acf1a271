"""What a format is: a name, and how tables go to bytes and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from minidb.columns import Batch, Column
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.record import record
from minidb.settings import Settings
from minidb.types import DataType


@record
class Statistics:
    """What the JSON formats tell about the run of a statement."""

    elapsed_s: float
    rows_read: int
    bytes_read: int


@record
class FormatOptions:
    """The settings that change how formats write and read; the defaults are ClickHouse's.

    The names are those of the settings, shortened; `minidb.settings` says what each means.
    """

    json_quote_64bit_integers: bool = False
    json_quote_64bit_floats: bool = False
    json_quote_denormals: bool = False
    json_escape_forward_slashes: bool = True
    json_named_tuples_as_objects: bool = True
    json_array_of_rows: bool = False
    write_statistics: bool = True
    csv_delimiter: str = ","
    csv_null: str = r"\N"
    csv_crlf: bool = False
    tsv_null: str = r"\N"
    tsv_crlf: bool = False
    pretty_max_rows: int = 1000
    pretty_row_numbers: bool = True
    markdown_escapes: bool = False


def format_options(settings: Settings) -> FormatOptions:
    """Return the options that a session's settings ask for.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a delimiter that is not one byte.
    """
    delimiter = settings.text("format_csv_delimiter")
    if len(delimiter.encode("utf-8", "surrogateescape")) != 1 or delimiter in '"\r\n':
        message = f"format_csv_delimiter takes one byte, not {delimiter!r}"
        raise BindError(BAD_ARGUMENTS, message)
    flag = settings.flag
    return FormatOptions(
        json_quote_64bit_integers=flag("output_format_json_quote_64bit_integers"),
        json_quote_64bit_floats=flag("output_format_json_quote_64bit_floats"),
        json_quote_denormals=flag("output_format_json_quote_denormals"),
        json_escape_forward_slashes=flag("output_format_json_escape_forward_slashes"),
        json_named_tuples_as_objects=flag("output_format_json_named_tuples_as_objects"),
        json_array_of_rows=flag("output_format_json_array_of_rows"),
        write_statistics=flag("output_format_write_statistics"),
        csv_delimiter=delimiter,
        csv_null=settings.text("format_csv_null_representation"),
        csv_crlf=flag("output_format_csv_crlf_end_of_line"),
        tsv_null=settings.text("format_tsv_null_representation"),
        tsv_crlf=flag("output_format_tsv_crlf_end_of_line"),
        pretty_max_rows=settings.integer("output_format_pretty_max_rows"),
        pretty_row_numbers=flag("output_format_pretty_row_numbers"),
        markdown_escapes=flag("output_format_markdown_escape_special_characters"),
    )


DEFAULT_OPTIONS = FormatOptions()


@record
class Table:
    """A table to be written.

    Parameters
    ----------
    names, types : tuple
        Of the columns.
    batches : iterable of Batch
        The rows; read once.
    statistics : callable, optional
        Asked after the last batch; None leaves statistics out.
    options : FormatOptions
        What the settings ask for.
    totals : callable, optional
        Asked after the last batch: the row of WITH TOTALS, or None.
    """

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    batches: Iterable[Batch]
    statistics: Callable[[], Statistics] | None = None
    options: FormatOptions = DEFAULT_OPTIONS
    totals: Callable[[], Batch | None] | None = None

    def totals_table(self) -> Table | None:
        """Return a table of the totals alone, once the rows are read; None without totals."""
        row = None if self.totals is None else self.totals()
        if row is None:
            return None
        return replace(self, batches=[row], totals=None, statistics=None)

    @property
    def max_pretty_rows(self) -> int:
        """Return the rows that the formats for people show."""
        return self.options.pretty_max_rows


@record
class Target:
    """The columns that input is read into.

    Parameters
    ----------
    names, types : tuple
        Of the columns, one to one.
    has_header : bool
        Whether inference found names in the first line of a format that has none.
    options : FormatOptions
        What the settings ask for.
    """

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    has_header: bool = False
    options: FormatOptions = DEFAULT_OPTIONS


Writer: TypeAlias = Callable[[Table], Iterator[bytes]]
Reader: TypeAlias = Callable[[bytes, Target], tuple[Column, ...]]
Inference: TypeAlias = Callable[[bytes], Target]


@record
class Format:
    """One format.

    Parameters
    ----------
    name : str
        ClickHouse's name; read in any case.
    help : str
        One line.
    write : callable
        From a table to pieces of the output.
    read : callable, optional
        From the whole input to columns of the wanted types; raises ValueExecutionError.
    infer : callable, optional
        From the whole input to the names and types that it holds.
    aliases : tuple of str
        Further names.
    suffixes : tuple of str
        Endings of file names that mean this format, without a dot.
    is_text : bool
        Whether the output may go to a terminal.
    """

    name: str
    help: str
    write: Writer
    read: Reader | None = None
    infer: Inference | None = None
    aliases: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
    is_text: bool = True
