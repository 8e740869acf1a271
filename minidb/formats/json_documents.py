"""Reading JSON whose rows are lists, and JSON that is one document."""

from __future__ import annotations

from typing import Any

from minidb.columns import Column, default_column
from minidb.errors import INCORRECT_DATA, ValueExecutionError
from minidb.formats.fields import input_error
from minidb.formats.format import Reader, Target
from minidb.formats.inference import MAX_ROWS, merged_type, nullable_type
from minidb.formats.json_input import (
    BETWEEN_LISTS,
    JsonRows,
    columns_of,
    columns_of_objects,
    infer_objects,
    parse_document,
    parse_rows,
    value_type,
)
from minidb.formats.tsv_input import check_types, named_types


def list_reader(n_header_lines: int = 0, *, is_text: bool = False) -> Reader:
    """Return what reads one list per row, below names, or names and types."""

    def read(raw: bytes, target: Target) -> tuple[Column, ...]:
        rows = parse_rows(raw, list, between=BETWEEN_LISTS)
        if not n_header_lines:
            return _columns_by_place(rows, target, is_text)
        names = _header(rows, 0)
        if n_header_lines == 2:
            check_types(names, _header(rows, 1), target)
        body = JsonRows(rows.text, rows.values[n_header_lines:], rows.starts[n_header_lines:])
        return _columns_by_name(body, names, target, is_text)

    return read


def _header(rows: JsonRows, place: int) -> list[str]:
    """Return a line of names or types."""
    if place >= len(rows.values):
        return []
    if not all(isinstance(text, str) for text in rows.values[place]):
        raise rows.error_at(place, "header", "names and types have to be texts")
    return list(rows.values[place])


def _columns_by_place(rows: JsonRows, target: Target, is_text: bool) -> tuple[Column, ...]:
    """Read lists whose values stand in the order of the target."""
    _check_widths(rows, len(target.names))
    values = [[row[place] for row in rows.values] for place in range(len(target.names))]
    return columns_of(rows, values, target, is_text)


def _check_widths(rows: JsonRows, width: int) -> None:
    """Check that every list has one value per column."""
    for number, row in enumerate(rows.values):
        if len(row) != width:
            message = f"expected {width} values, found {len(row)}"
            raise rows.error_at(number, "", message)


def _columns_by_name(
    rows: JsonRows, names: list[str], target: Target, is_text: bool
) -> tuple[Column, ...]:
    """Read lists whose values have names; missing ones give defaults."""
    _check_widths(rows, len(names))
    present = [name in names for name in target.names]
    places = [names.index(name) for name in target.names if name in names]
    wanted = Target(
        tuple(n for n, there in zip(target.names, present, strict=True) if there),
        tuple(t for t, there in zip(target.types, present, strict=True) if there),
    )
    values = [[row[place] for row in rows.values] for place in places]
    found = iter(columns_of(rows, values, wanted, is_text))
    return tuple(
        next(found) if there else default_column(data_type, len(rows.values))
        for data_type, there in zip(target.types, present, strict=True)
    )


def infer_lists(raw: bytes) -> Target:
    """Find the types of rows that are lists."""
    rows = parse_rows(raw, list, MAX_ROWS, BETWEEN_LISTS)
    width = len(rows.values[0]) if rows.values else 0
    _check_widths(rows, width)
    found = [merged_type(value_type(row[place]) for row in rows.values) for place in range(width)]
    return Target(
        tuple(f"c{place + 1}" for place in range(width)), tuple(map(nullable_type, found))
    )


def infer_list_names(raw: bytes) -> Target:
    """Take the names from the first list, and find the types below it."""
    rows = parse_rows(raw, list, MAX_ROWS, BETWEEN_LISTS)
    names = _header(rows, 0)
    body = JsonRows(rows.text, rows.values[1:], rows.starts[1:])
    _check_widths(body, len(names))
    found = [
        merged_type(value_type(row[place]) for row in body.values) for place in range(len(names))
    ]
    return Target(tuple(names), tuple(map(nullable_type, found)))


def infer_list_types(raw: bytes) -> Target:
    """Take names and types from the first two lists."""
    rows = parse_rows(raw, list, 2, BETWEEN_LISTS)
    return named_types(_header(rows, 0), _header(rows, 1))


def _data(raw: bytes) -> tuple[list[Any] | dict[str, Any], dict[str, Any]]:
    """Return the data of a document, and the whole document."""
    document = parse_document(raw)
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list | dict):
        raise input_error(None, None, "the document has no data", byte=0)
    return data, document


def read_document(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read a document whose data holds rows (objects or lists), or one list per column."""
    data, document = _data(raw)
    if isinstance(data, dict):
        return _columns_of_lists(data, target)
    if all(isinstance(row, dict) for row in data):
        return columns_of_objects(JsonRows("", data, []), target)
    if not all(isinstance(row, list) for row in data):
        raise input_error(None, None, "rows have to be objects or lists, all of one kind")
    names = list(_meta(document).names) or list(target.names)
    return _columns_by_name(JsonRows("", data, []), names, target, is_text=False)


def _meta(document: dict[str, Any]) -> Target:
    """Return the names and types that a document tells, none if it does not."""
    columns = document.get("meta", [])
    texts: list[list[str]] = [[], []]
    for column in columns if isinstance(columns, list) else []:
        pair = [column.get(key) for key in ("name", "type")] if isinstance(column, dict) else []
        if len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise ValueExecutionError(INCORRECT_DATA, "the document's meta is damaged")
        texts[0].append(str(pair[0]))
        texts[1].append(str(pair[1]))
    return named_types(*texts) if texts[0] else Target((), ())


def infer_document(raw: bytes) -> Target:
    """Take names and types from a document's meta."""
    return _meta(_data(raw)[1])


def read_objects(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read an object that holds each row, an object, under some name."""
    return columns_of_objects(JsonRows("", _rows_by_name(raw), []), target)


def _rows_by_name(raw: bytes) -> list[Any]:
    document = parse_document(raw)
    rows = list(document.values()) if isinstance(document, dict) else []
    if not isinstance(document, dict) or not all(isinstance(row, dict) for row in rows):
        raise input_error(None, None, "expected an object that holds each row as an object")
    return rows


def infer_row_objects(raw: bytes) -> Target:
    """Find the names and types of rows under names."""
    return infer_objects(_rows_by_name(raw)[:MAX_ROWS])


def read_column_lists(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read an object that holds each column as a list."""
    document = parse_document(raw)
    if not isinstance(document, dict):
        raise input_error(None, None, "expected an object that holds each column as a list")
    return _columns_of_lists(document, target)


def read_compact_columns(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read a list of the columns' lists, in the order of the target."""
    document = parse_document(raw)
    if not isinstance(document, list) or len(document) not in {0, len(target.names)}:
        raise input_error(None, None, f"expected a list of {len(target.names)} columns")
    names = target.names if document else ()
    return _columns_of_lists(dict(zip(names, document, strict=True)), target)


def _columns_of_lists(lists: dict[str, Any], target: Target) -> tuple[Column, ...]:
    """Return the columns of lists of equal length; missing ones give defaults."""
    lengths = {len(values) if isinstance(values, list) else -1 for values in lists.values()}
    if len(lengths) > 1 or -1 in lengths:
        raise input_error(None, None, "columns have to be lists of equal length")
    n_rows = lengths.pop() if lengths else 0
    values = [lists.get(name, [None] * n_rows) for name in target.names]
    return columns_of(JsonRows("", [], []), values, target)


def infer_columns(raw: bytes) -> Target:
    """Find the types of an object's, or a list's, columns."""
    document = parse_document(raw)
    if isinstance(document, list):
        document = {f"c{place + 1}": values for place, values in enumerate(document)}
    if not isinstance(document, dict) or not all(isinstance(v, list) for v in document.values()):
        raise input_error(None, None, "expected columns as lists")
    found = [merged_type(map(value_type, values[:MAX_ROWS])) for values in document.values()]
    return Target(tuple(document), tuple(map(nullable_type, found)))
