"""UTF-8 text: case in every alphabet, validity and repair."""

from __future__ import annotations

import numpy as np

from minidb.columns import BoolArray, Column, StringColumn
from minidb.functions.arguments import STRING, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import TEXT, U8, flags, strings
from minidb.functions.builtin.text_parts import change_ascii_case, rows_with_other_than_ascii
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import change_case, map_texts, repair, utf8_rows
from minidb.types import DataType


def _case_utf8(to_lower: bool) -> Kernel:
    """Return the kernel for UTF-8 case; text that is all ASCII takes the short way."""

    def kernel(call: Call) -> Column:
        text = strings(call.columns[0])
        plain = StringColumn(text.offsets, change_ascii_case(text.data, to_lower=to_lower))
        others = rows_with_other_than_ascii(text)
        if not others.any():
            return plain
        change = str.lower if to_lower else str.upper
        mapped = map_texts(strings(text.filter(others)), lambda value: change_case(value, change))
        return _replaced(plain, others, mapped)

    return kernel


def _replaced(text: StringColumn, where: BoolArray, by: StringColumn) -> StringColumn:
    """Return `text` with the rows of `where` replaced, in order."""
    together = StringColumn(
        np.concatenate([text.offsets, by.offsets[1:] + len(text.data)]),
        np.concatenate([text.data, by.data]),
    )
    order = np.arange(len(text))
    order[where] = len(text) + np.arange(len(by))
    return together.take(order)


def _to_valid_utf8(call: Call) -> Column:
    text = strings(call.columns[0])
    others = rows_with_other_than_ascii(text)
    if not others.any():
        return text
    return _replaced(text, others, map_texts(strings(text.filter(others)), repair))


def _is_valid_utf8(call: Call) -> Column:
    text = strings(call.columns[0])
    valid = ~rows_with_other_than_ascii(text)
    valid[~valid] = utf8_rows(strings(text.filter(~valid)))
    return flags(valid)


def _declare(
    name: str,
    arg: Arg,
    result: DataType,
    kernel: Kernel,
    help_text: str,
    example: str,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="string",
        args=(arg,),
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "lowerUTF8",
        Arg("text", STRING),
        TEXT,
        _case_utf8(to_lower=True),
        "The text in lower case, in every alphabet.",
        "lowerUTF8('ÀB')",
    ),
    _declare(
        "upperUTF8",
        Arg("text", STRING),
        TEXT,
        _case_utf8(to_lower=False),
        "The text in upper case, in every alphabet.",
        "upperUTF8('àb')",
    ),
    _declare(
        "toValidUTF8",
        Arg("text", STRING),
        TEXT,
        _to_valid_utf8,
        "The text with bytes that are no UTF-8 replaced by U+FFFD.",
        "toValidUTF8('a')",
    ),
    _declare(
        "isValidUTF8",
        Arg("text", TEXT_KIND),
        U8,
        _is_valid_utf8,
        "1 if the text is UTF-8, else 0.",
        "isValidUTF8('é')",
    ),
)
