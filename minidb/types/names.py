"""From a type's name to the type: ClickHouse's names and the SQL standard's aliases."""

from __future__ import annotations

import re
from collections.abc import Sequence

from minidb.errors import (
    BAD_ARGUMENTS,
    SYNTAX_ERROR,
    TOO_DEEP_RECURSION,
    UNKNOWN_TYPE,
    BindError,
    NotSupportedError,
    SqlSyntaxError,
    did_you_mean,
)
from minidb.source import Span
from minidb.types.constructors import CONSTRUCTORS, TypeArgument, types_of
from minidb.types.family import (
    AggregateStateType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    IntType,
    NothingType,
    StringType,
    UUIDType,
)

MAX_TYPE_DEPTH = 100
STATE = "AggregateFunction"

INTEGER_TYPES = {
    f"{prefix}Int{bits}": IntType(bits, not prefix)
    for prefix in ("", "U")
    for bits in (8, 16, 32, 64, 128, 256)
}

SIMPLE_TYPES: dict[str, DataType] = {
    **INTEGER_TYPES,
    "Float32": FloatType(32),
    "Float64": FloatType(64),
    "Bool": BoolType(),
    "String": StringType(),
    "Date": DateType(),
    "DateTime": DateTimeType(),
    "Nothing": NothingType(),
    "Decimal": DecimalType(10, 0),
    "UUID": UUIDType(),
}

# Case-insensitive, as in ClickHouse; a length in parentheses is read and has no effect there.
ALIASES: dict[str, str] = {
    **dict.fromkeys(("TINYINT", "INT1", "BYTE", "TINYINT SIGNED", "INT1 SIGNED"), "Int8"),
    **dict.fromkeys(("SMALLINT", "SMALLINT SIGNED"), "Int16"),
    **dict.fromkeys(
        ("INT", "INTEGER", "MEDIUMINT", "INT SIGNED", "INTEGER SIGNED", "MEDIUMINT SIGNED"),
        "Int32",
    ),
    **dict.fromkeys(("BIGINT", "SIGNED", "BIGINT SIGNED", "TIME"), "Int64"),
    **dict.fromkeys(("TINYINT UNSIGNED", "INT1 UNSIGNED"), "UInt8"),
    **dict.fromkeys(("SMALLINT UNSIGNED", "YEAR"), "UInt16"),
    **dict.fromkeys(("INT UNSIGNED", "INTEGER UNSIGNED", "MEDIUMINT UNSIGNED"), "UInt32"),
    **dict.fromkeys(("BIGINT UNSIGNED", "UNSIGNED", "BIT", "SET"), "UInt64"),
    **dict.fromkeys(("FLOAT", "REAL", "SINGLE"), "Float32"),
    **dict.fromkeys(("DOUBLE", "DOUBLE PRECISION"), "Float64"),
    **dict.fromkeys(("BOOL", "BOOLEAN"), "Bool"),
    **dict.fromkeys(
        (
            *("CHAR", "CHARACTER", "VARCHAR", "CHAR VARYING", "CHARACTER VARYING", "TEXT"),
            *("NCHAR", "NVARCHAR", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "BLOB", "TINYBLOB"),
            *("MEDIUMBLOB", "LONGBLOB", "CLOB", "BYTEA", "VARBINARY", "BINARY VARYING"),
            *("CHAR LARGE OBJECT", "CHARACTER LARGE OBJECT", "BINARY LARGE OBJECT", "VARCHAR2"),
            *("NATIONAL CHAR", "NATIONAL CHARACTER", "NATIONAL CHAR VARYING"),
            *("NATIONAL CHARACTER VARYING", "NATIONAL CHARACTER LARGE OBJECT", "GEOMETRY"),
        ),
        "String",
    ),
    "BINARY": "FixedString",
    "ENUM": "Enum",
    **dict.fromkeys(("DEC", "NUMERIC", "FIXED", "DECIMAL"), "Decimal"),
    **{f"DECIMAL{bits}": f"Decimal{bits}" for bits in (32, 64, 128, 256)},
    "DATE": "Date",
    "DATETIME": "DateTime",
    "TIMESTAMP": "DateTime",
}


# Types of ClickHouse that no column has here, and what to use instead.
INSTEAD = {
    "DateTime64": "use DateTime, or Int64 for fractions of a second",
    "Date32": "use Date for days from 1970 to 2149, or Int32",
    "BFloat16": "use Float32",
    "IPv4": "use UInt32 or String",
    "IPv6": "use FixedString(16) or String",
    "JSON": "use String with the functions JSONExtract...",
    "Nested": "use Array(Tuple(...))",
    "Time64": "use Int64",
}
NOT_THERE = frozenset(
    (
        *(*INSTEAD, "Object", "Variant", "Dynamic", "SimpleAggregateFunction", "QBit"),
        *("Point", "Ring", "LineString", "MultiLineString", "Polygon", "MultiPolygon"),
    )
)
MEANT_IN_ALIASES = frozenset({"Decimal"})


def type_names() -> list[str]:
    """Return every name that a type can begin with, for hints and completion."""
    return sorted({*SIMPLE_TYPES, *CONSTRUCTORS, *ALIASES})


def build_type(
    name: str, arguments: Sequence[TypeArgument] | None, span: Span | None = None
) -> DataType:
    """Build a type from its name and the arguments in its parentheses.

    Parameters
    ----------
    name : str
        A ClickHouse name (case matters), or an alias in any case.
    arguments : sequence of TypeArgument, optional
        None when the text has no parentheses.
    span : Span, optional
        Where errors point.

    Raises
    ------
    BindError
        UNKNOWN_TYPE, or BAD_ARGUMENTS for arguments that the type does not take.
    NotSupportedError
        For a type of ClickHouse that is not there.
    """
    alias = ALIASES.get(" ".join(name.upper().split()))
    canonical = name if name in SIMPLE_TYPES or name in CONSTRUCTORS else alias
    if canonical is None and name in NOT_THERE:
        message = f"there is no type {name} here"
        raise NotSupportedError(message, span=span, hint=INSTEAD.get(name))
    if canonical is None:
        hint = did_you_mean(name, type_names())
        raise BindError(UNKNOWN_TYPE, f"no type {name!r}", span=span, hint=hint)
    # What stands behind an alias is a width for people, except where it is what the type is.
    says_nothing = name != canonical and canonical not in MEANT_IN_ALIASES
    if canonical in SIMPLE_TYPES and (arguments is None or says_nothing):
        return SIMPLE_TYPES[canonical]
    constructor = CONSTRUCTORS.get(canonical)
    if constructor is None:
        raise BindError(BAD_ARGUMENTS, f"type {canonical} takes no arguments", span=span)
    try:
        return constructor(canonical, arguments or ())
    except BindError as error:
        error.span = error.span or span
        raise


_TOKEN = re.compile(
    r"\s*(?:(?P<float>-?\d+\.\d+(?:e[-+]?\d+)?)|(?P<word>[A-Za-z_][A-Za-z_0-9]*)"
    r"|`(?P<quoted>(?:[^`\\]|\\.)+)`|(?P<number>-?\d+)"
    r"|'(?P<text>(?:[^'\\]|\\.|'')*)'|(?P<sign>[(),=]))",
    re.DOTALL,
)


def parse_type(text: str) -> DataType:
    """Read a type's name such as ``Array(Nullable(UInt8))``.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR when the text is no type name, TOO_DEEP_RECURSION over 100 levels.
    BindError
        UNKNOWN_TYPE or BAD_ARGUMENTS, as `build_type`.
    """
    tokens: list[re.Match[str]] = []
    position, stripped = 0, text.rstrip()
    while position < len(stripped):
        token = _TOKEN.match(stripped, position)
        if token is None:
            raise SqlSyntaxError(SYNTAX_ERROR, f"{text!r} is not a type name")
        tokens.append(token)
        position = token.end()
    reader = _TypeReader(text, tokens)
    result = reader.argument(0).value
    if reader.position != len(tokens) or not isinstance(result, DataType):
        raise SqlSyntaxError(SYNTAX_ERROR, f"{text!r} is not a type name")
    return result


_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def unquoted_text(written: str) -> str:
    """Return the text that stands between single quotes in a type's name."""

    def read(found: re.Match[str]) -> str:
        return "'" if found[1] is None else _ESCAPED.get(found[1], found[1])

    return _ESCAPE.sub(read, written)


class _TypeReader:
    """A cursor over the tokens of one type name."""

    def __init__(self, text: str, tokens: list[re.Match[str]]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0

    def _peek(self, group: str) -> str | None:
        if self.position < len(self.tokens):
            found: str | None = self.tokens[self.position].group(group)
            return found
        return None

    def _take(self, group: str) -> str:
        value = self._peek(group)
        if value is None:
            raise SqlSyntaxError(SYNTAX_ERROR, f"{self.text!r} is not a type name")
        self.position += 1
        return value

    def argument(self, depth: int) -> TypeArgument:
        """Read a type, a number, a text, or a name followed by a type."""
        if depth > MAX_TYPE_DEPTH:
            raise SqlSyntaxError(TOO_DEEP_RECURSION, f"type nested over {MAX_TYPE_DEPTH} levels")
        if self._peek("number") is not None:
            return TypeArgument(int(self._take("number")))
        if self._peek("text") is not None:
            text = unquoted_text(self._take("text"))
            if self._peek("sign") != "=":
                return TypeArgument(text)
            self.position += 1
            return TypeArgument(int(self._take("number")), text)
        if self._peek("quoted") is not None:
            quoted = re.sub(r"\\(.)", r"\1", self._take("quoted"), flags=re.DOTALL)
            return TypeArgument(self.argument(depth + 1).value, quoted)
        words = [self._take("word")]
        if words == [STATE]:
            return TypeArgument(self._state(depth))
        while self._peek("word") is not None:
            words.append(self._take("word"))
        together = " ".join(words)
        if together not in SIMPLE_TYPES and together.upper() not in ALIASES and len(words) > 1:
            name, together = words[0], " ".join(words[1:])
        else:
            name = None
        return TypeArgument(build_type(together, self._arguments(depth)), name)

    def _state(self, depth: int) -> DataType:
        """Read what stands behind ``AggregateFunction``: a function, then types."""
        if depth > MAX_TYPE_DEPTH:
            raise SqlSyntaxError(TOO_DEEP_RECURSION, f"type nested over {MAX_TYPE_DEPTH} levels")
        self._sign("(")
        function = self._take("word")
        parameters: list[int | float | str] = []
        if self._peek("sign") == "(":
            self.position += 1
            while self._peek("sign") != ")":
                if parameters:
                    self._sign(",")
                parameters.append(self._parameter())
            self.position += 1
        arguments: list[TypeArgument] = []
        while self._peek("sign") != ")":
            self._sign(",")
            arguments.append(self.argument(depth + 1))
        self.position += 1
        return AggregateStateType(function, tuple(parameters), types_of(STATE, arguments))

    def _sign(self, wanted: str) -> None:
        """Read one sign, which has to be there."""
        if self._take("sign") != wanted:
            raise SqlSyntaxError(SYNTAX_ERROR, f"{self.text!r} is not a type name")

    def _parameter(self) -> int | float | str:
        """Read a literal."""
        if self._peek("float") is not None:
            return float(self._take("float"))
        if self._peek("number") is not None:
            return int(self._take("number"))
        return self._take("text")

    def _arguments(self, depth: int) -> list[TypeArgument] | None:
        """Read what stands in parentheses, if they open here."""
        if self._peek("sign") != "(":
            return None
        self.position += 1
        found: list[TypeArgument] = []
        while self._peek("sign") != ")":
            if found and self._take("sign") != ",":
                raise SqlSyntaxError(SYNTAX_ERROR, f"{self.text!r} is not a type name")
            found.append(self.argument(depth + 1))
        self.position += 1
        return found
