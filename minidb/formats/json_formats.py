"""The formats of the JSON family."""

from __future__ import annotations

from minidb.formats.format import Format
from minidb.formats.json_documents import (
    infer_columns,
    infer_document,
    infer_list_names,
    infer_list_types,
    infer_lists,
    infer_row_objects,
    list_reader,
    read_column_lists,
    read_compact_columns,
    read_document,
    read_objects,
)
from minidb.formats.json_input import infer_json_lines, read_json_lines, read_json_string_lines
from minidb.formats.json_output import (
    JsonForm,
    document_writer,
    each_row_writer,
    write_columns,
    write_columns_with_metadata,
    write_compact_columns,
    write_object_each_row,
    write_pretty_each_row,
)

LISTS = JsonForm(is_compact=True)
TEXTS = JsonForm(is_text=True)
TEXT_LISTS = JsonForm(is_compact=True, is_text=True)

_LINES = (
    Format(
        "JSONEachRow",
        "one JSON object per row and line",
        each_row_writer(JsonForm()),
        read_json_lines,
        infer_json_lines,
        aliases=("JSONLines", "JSONL", "NDJSON"),
        suffixes=("jsonl", "ndjson", "json"),
    ),
    Format(
        "JSONStringsEachRow",
        "one JSON object per row and line, every value as text",
        each_row_writer(TEXTS),
        read_json_string_lines,
        infer_json_lines,
    ),
    Format(
        "PrettyJSONEachRow",
        "one indented JSON object per row",
        write_pretty_each_row,
        aliases=("PrettyJSONLines", "PrettyNDJSON"),
    ),
    Format(
        "JSONObjectEachRow",
        "one JSON object that holds each row under its number",
        write_object_each_row,
        read_objects,
        infer_row_objects,
    ),
)

_LIST_LINES = tuple(
    Format(
        f"JSONCompact{'Strings' if is_text else ''}EachRow{ending}",
        f"one JSON list per row and line{', every value as text' if is_text else ''}{below}",
        each_row_writer(JsonForm(True, is_text, n_header_lines)),
        list_reader(n_header_lines, is_text=is_text),
        (infer_lists, infer_list_names, infer_list_types)[n_header_lines],
    )
    for is_text in (False, True)
    for n_header_lines, (ending, below) in enumerate(
        (
            ("", ""),
            ("WithNames", ", below a line of names"),
            ("WithNamesAndTypes", ", below a line of names and a line of types"),
        )
    )
)

_DOCUMENTS = (
    Format(
        "JSON",
        "one JSON document with types, rows as objects",
        document_writer(JsonForm()),
        read_document,
        infer_document,
    ),
    Format("JSONStrings", "JSON with every value as text", document_writer(TEXTS)),
    Format(
        "JSONCompact",
        "one JSON document with types, rows as lists",
        document_writer(LISTS),
        read_document,
        infer_document,
    ),
    Format(
        "JSONCompactStrings", "JSONCompact with every value as text", document_writer(TEXT_LISTS)
    ),
    Format(
        "JSONColumns",
        "one JSON object that holds each column as a list",
        write_columns,
        read_column_lists,
        infer_columns,
    ),
    Format(
        "JSONCompactColumns",
        "one JSON list of the columns as lists",
        write_compact_columns,
        read_compact_columns,
        infer_columns,
    ),
    Format(
        "JSONColumnsWithMetadata",
        "one JSON document with types, each column as a list",
        write_columns_with_metadata,
        read_document,
        infer_document,
    ),
)

JSON_FORMATS = (*_LINES, *_LIST_LINES, *_DOCUMENTS)
