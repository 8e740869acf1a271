"""Error codes (ClickHouse's numbers) and the exception classes that carry them as data.

The classes fit PEP 249: every one derives from `MiniDBError`, which is PEP 249's ``Error``.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from minidb.record import record
from minidb.source import Span, draw_caret


@record
class ErrorCode:
    """A stable number and name; below 10,000 they are ClickHouse's own."""

    number: int
    name: str


CANNOT_PARSE_TEXT = ErrorCode(6, "CANNOT_PARSE_TEXT")
THERE_IS_NO_COLUMN = ErrorCode(8, "THERE_IS_NO_COLUMN")
NOT_FOUND_COLUMN_IN_BLOCK = ErrorCode(10, "NOT_FOUND_COLUMN_IN_BLOCK")
PARAMETER_OUT_OF_BOUND = ErrorCode(12, "PARAMETER_OUT_OF_BOUND")
DUPLICATE_COLUMN = ErrorCode(15, "DUPLICATE_COLUMN")
NO_SUCH_COLUMN_IN_TABLE = ErrorCode(16, "NO_SUCH_COLUMN_IN_TABLE")
NUMBER_OF_COLUMNS_DOESNT_MATCH = ErrorCode(20, "NUMBER_OF_COLUMNS_DOESNT_MATCH")
CANNOT_PARSE_ESCAPE_SEQUENCE = ErrorCode(25, "CANNOT_PARSE_ESCAPE_SEQUENCE")
CANNOT_PARSE_INPUT = ErrorCode(27, "CANNOT_PARSE_INPUT_ASSERTION_FAILED")
TOO_MANY_ARGUMENTS_FOR_FUNCTION = ErrorCode(34, "TOO_MANY_ARGUMENTS_FOR_FUNCTION")
TOO_FEW_ARGUMENTS_FOR_FUNCTION = ErrorCode(35, "TOO_FEW_ARGUMENTS_FOR_FUNCTION")
CANNOT_READ_ALL_DATA = ErrorCode(33, "CANNOT_READ_ALL_DATA")
BAD_ARGUMENTS = ErrorCode(36, "BAD_ARGUMENTS")
CANNOT_PARSE_DATE = ErrorCode(38, "CANNOT_PARSE_DATE")
CHECKSUM_DOESNT_MATCH = ErrorCode(40, "CHECKSUM_DOESNT_MATCH")
CANNOT_PARSE_DATETIME = ErrorCode(41, "CANNOT_PARSE_DATETIME")
NUMBER_OF_ARGUMENTS_DOESNT_MATCH = ErrorCode(42, "NUMBER_OF_ARGUMENTS_DOESNT_MATCH")
ILLEGAL_TYPE_OF_ARGUMENT = ErrorCode(43, "ILLEGAL_TYPE_OF_ARGUMENT")
ILLEGAL_COLUMN = ErrorCode(44, "ILLEGAL_COLUMN")
UNKNOWN_FUNCTION = ErrorCode(46, "UNKNOWN_FUNCTION")
UNKNOWN_IDENTIFIER = ErrorCode(47, "UNKNOWN_IDENTIFIER")
NOT_IMPLEMENTED = ErrorCode(48, "NOT_IMPLEMENTED")
UNKNOWN_TYPE = ErrorCode(50, "UNKNOWN_TYPE")
EMPTY_LIST_OF_COLUMNS_QUERIED = ErrorCode(51, "EMPTY_LIST_OF_COLUMNS_QUERIED")
TYPE_MISMATCH = ErrorCode(53, "TYPE_MISMATCH")
STORAGE_REQUIRES_PARAMETER = ErrorCode(55, "STORAGE_REQUIRES_PARAMETER")
UNKNOWN_STORAGE = ErrorCode(56, "UNKNOWN_STORAGE")
TABLE_ALREADY_EXISTS = ErrorCode(57, "TABLE_ALREADY_EXISTS")
ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER = ErrorCode(59, "ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER")
UNKNOWN_TABLE = ErrorCode(60, "UNKNOWN_TABLE")
SYNTAX_ERROR = ErrorCode(62, "SYNTAX_ERROR")
UNKNOWN_AGGREGATE_FUNCTION = ErrorCode(63, "UNKNOWN_AGGREGATE_FUNCTION")
ARGUMENT_OUT_OF_BOUND = ErrorCode(69, "ARGUMENT_OUT_OF_BOUND")
CANNOT_CONVERT_TYPE = ErrorCode(70, "CANNOT_CONVERT_TYPE")
CANNOT_PARSE_NUMBER = ErrorCode(72, "CANNOT_PARSE_NUMBER")
UNKNOWN_FORMAT = ErrorCode(73, "UNKNOWN_FORMAT")
BAD_DATABASE_FOR_TEMPORARY_TABLE = ErrorCode(442, "BAD_DATABASE_FOR_TEMPORARY_TABLE")
INCORRECT_QUERY = ErrorCode(80, "INCORRECT_QUERY")
UNKNOWN_DATABASE = ErrorCode(81, "UNKNOWN_DATABASE")
FILE_DOESNT_EXIST = ErrorCode(107, "FILE_DOESNT_EXIST")
UNKNOWN_SETTING = ErrorCode(115, "UNKNOWN_SETTING")
INCORRECT_DATA = ErrorCode(117, "INCORRECT_DATA")
INCORRECT_RESULT_OF_SCALAR_SUBQUERY = ErrorCode(125, "INCORRECT_RESULT_OF_SCALAR_SUBQUERY")
TOO_LARGE_ARRAY_SIZE = ErrorCode(128, "TOO_LARGE_ARRAY_SIZE")
TOO_LARGE_STRING_SIZE = ErrorCode(131, "TOO_LARGE_STRING_SIZE")
AGGREGATE_FUNCTION_NOT_APPLICABLE = ErrorCode(133, "AGGREGATE_FUNCTION_DOESNT_ALLOW_PARAMETERS")
ILLEGAL_DIVISION = ErrorCode(153, "ILLEGAL_DIVISION")
EMPTY_DATA_PASSED = ErrorCode(92, "EMPTY_DATA_PASSED")
CANNOT_PARSE_UUID = ErrorCode(376, "CANNOT_PARSE_UUID")
CANNOT_PARSE_IPV4 = ErrorCode(675, "CANNOT_PARSE_IPV4")
UNKNOWN_ELEMENT_OF_ENUM = ErrorCode(691, "UNKNOWN_ELEMENT_OF_ENUM")
TIMEOUT_EXCEEDED = ErrorCode(159, "TIMEOUT_EXCEEDED")
TOO_MANY_COLUMNS = ErrorCode(161, "TOO_MANY_COLUMNS")
READONLY = ErrorCode(164, "READONLY")
ILLEGAL_FINAL = ErrorCode(181, "ILLEGAL_FINAL")
TOO_BIG_AST = ErrorCode(168, "TOO_BIG_AST")
CYCLIC_ALIASES = ErrorCode(174, "CYCLIC_ALIASES")
MULTIPLE_EXPRESSIONS_FOR_ALIAS = ErrorCode(179, "MULTIPLE_EXPRESSIONS_FOR_ALIAS")
ILLEGAL_AGGREGATION = ErrorCode(184, "ILLEGAL_AGGREGATION")
SIZES_OF_ARRAYS_DONT_MATCH = ErrorCode(190, "SIZES_OF_ARRAYS_DONT_MATCH")
AMBIGUOUS_IDENTIFIER = ErrorCode(207, "AMBIGUOUS_IDENTIFIER")
VALUE_THROWN = ErrorCode(395, "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO")
NOT_AN_AGGREGATE = ErrorCode(215, "NOT_AN_AGGREGATE")
MEMORY_LIMIT_EXCEEDED = ErrorCode(241, "MEMORY_LIMIT_EXCEEDED")
NOT_ENOUGH_SPACE = ErrorCode(243, "NOT_ENOUGH_SPACE")
CORRUPTED_DATA = ErrorCode(246, "CORRUPTED_DATA")
UNION_ALL_RESULT_STRUCTURES_MISMATCH = ErrorCode(258, "UNION_ALL_RESULT_STRUCTURES_MISMATCH")
UNKNOWN_QUERY_PARAMETER = ErrorCode(456, "UNKNOWN_QUERY_PARAMETER")
BAD_QUERY_PARAMETER = ErrorCode(457, "BAD_QUERY_PARAMETER")
OFFSET_FETCH_WITHOUT_ORDER_BY = ErrorCode(628, "OFFSET_FETCH_WITHOUT_ORDER_BY")
WITH_TIES_WITHOUT_ORDER_BY = ErrorCode(476, "WITH_TIES_WITHOUT_ORDER_BY")
INFINITE_LOOP = ErrorCode(269, "INFINITE_LOOP")
TOO_DEEP_RECURSION = ErrorCode(306, "TOO_DEEP_RECURSION")
UNKNOWN_DATABASE_ENGINE = ErrorCode(336, "UNKNOWN_DATABASE_ENGINE")
CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN = ErrorCode(349, "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN")
INDEX_OUT_OF_RANGE = ErrorCode(353, "INDEX_OF_POSITIONAL_ARGUMENT_IS_OUT_OF_RANGE")
NO_COMMON_TYPE = ErrorCode(386, "NO_COMMON_TYPE")
QUERY_WAS_CANCELLED = ErrorCode(394, "QUERY_WAS_CANCELLED")
DECIMAL_OVERFLOW = ErrorCode(407, "DECIMAL_OVERFLOW")
MULTIPLE_ASSIGNMENTS_TO_COLUMN = ErrorCode(419, "MULTIPLE_ASSIGNMENTS_TO_COLUMN")
CANNOT_UPDATE_COLUMN = ErrorCode(420, "CANNOT_UPDATE_COLUMN")
CANNOT_COMPILE_REGEXP = ErrorCode(427, "CANNOT_COMPILE_REGEXP")
INVALID_LIMIT_EXPRESSION = ErrorCode(440, "INVALID_LIMIT_EXPRESSION")
ALTER_OF_COLUMN_IS_FORBIDDEN = ErrorCode(524, "ALTER_OF_COLUMN_IS_FORBIDDEN")
FUNCTION_ALREADY_EXISTS = ErrorCode(609, "FUNCTION_ALREADY_EXISTS")
CANNOT_EXTRACT_TABLE_STRUCTURE = ErrorCode(636, "CANNOT_EXTRACT_TABLE_STRUCTURE")
UNSUPPORTED_METHOD = ErrorCode(1, "UNSUPPORTED_METHOD")

INTERNAL = ErrorCode(49, "LOGICAL_ERROR")
DATABASE_ALREADY_EXISTS = ErrorCode(82, "DATABASE_ALREADY_EXISTS")
UNEXPECTED_AST_STRUCTURE = ErrorCode(223, "UNEXPECTED_AST_STRUCTURE")
INVALID_JOIN_ON_EXPRESSION = ErrorCode(403, "INVALID_JOIN_ON_EXPRESSION")
EXPECTED_ALL_OR_DISTINCT = ErrorCode(558, "EXPECTED_ALL_OR_DISTINCT")

NOT_A_DATABASE = ErrorCode(10_001, "NOT_A_DATABASE")
DATABASE_IS_NEWER = ErrorCode(10_002, "DATABASE_IS_NEWER")
DATABASE_IS_LOCKED = ErrorCode(10_003, "DATABASE_IS_LOCKED")
FILE_SYSTEM_ERROR = ErrorCode(10_004, "FILE_SYSTEM_ERROR")
CONNECTION_IS_CLOSED = ErrorCode(10_005, "CONNECTION_IS_CLOSED")
WRONG_PARAMETERS = ErrorCode(10_006, "WRONG_PARAMETERS")
NO_RESULT = ErrorCode(10_007, "NO_RESULT")
NAME_ALREADY_REGISTERED = ErrorCode(10_008, "NAME_ALREADY_REGISTERED")
EXTENSION_CANNOT_BE_LOADED = ErrorCode(10_009, "EXTENSION_CANNOT_BE_LOADED")
USER_FUNCTION_FAILED = ErrorCode(10_010, "USER_FUNCTION_FAILED")


class MiniDBError(Exception):
    """The base of every exception that leaves minidb; PEP 249's ``Error``.

    Parameters
    ----------
    code : ErrorCode
        What went wrong, as a stable number and name.
    message : str
        Names the thing and what was expected; lower case, no full stop.
    span : Span, optional
        The place in the SQL text.
    hint : str, optional
        What to try instead.

    Attributes
    ----------
    sql : str or None
        The statement's text, filled in by the session that ran it.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        span: Span | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.span = span
        self.hint = hint
        self.sql: str | None = None

    def __str__(self) -> str:
        return f"error {self.code.number} {self.code.name}: {self.message}"

    def report(self, width: int | None = None) -> str:
        """Return the message with the place in the SQL text drawn under it.

        Parameters
        ----------
        width : int, optional
            Characters of a line of the terminal; a longer line of SQL is cut around the place.

        Returns
        -------
        str
            One line, or three when the statement and the place are known.
        """
        if self.sql is not None and self.span is not None:
            return f"{self}\n{draw_caret(self.sql, self.span, self.hint or '', width)}"
        return f"{self}\n  {self.hint}" if self.hint else str(self)


class Warning(Exception):  # noqa: A001, N818 - PEP 249 fixes the name
    """PEP 249's ``Warning``; minidb raises none today."""


class InterfaceError(MiniDBError):
    """The Python interface was used wrongly: a closed connection, a missing parameter."""


class DatabaseError(MiniDBError):
    """Anything that concerns the database itself."""


class DataError(DatabaseError):
    """A value is wrong: out of range, not convertible, a division by zero."""


class OperationalError(DatabaseError):
    """The run failed for a reason outside the statement: memory, disk, a lock."""


class IntegrityError(DatabaseError):
    """PEP 249's class for broken constraints."""


class InternalError(DatabaseError):
    """A bug in minidb: an invariant does not hold."""

    def __init__(self, message: str, *, span: Span | None = None) -> None:
        super().__init__(INTERNAL, message, span=span, hint="this is a bug in minidb")


class ProgrammingError(DatabaseError):
    """The statement is wrong."""


class NotSupportedError(DatabaseError):
    """The grammar reads it, the engine does not have it (code 48)."""

    def __init__(self, message: str, *, span: Span | None = None, hint: str | None = None) -> None:
        super().__init__(NOT_IMPLEMENTED, message, span=span, hint=hint)


class SqlSyntaxError(ProgrammingError):
    """The text is not in the grammar."""


class BindError(ProgrammingError):
    """Names or types of the statement do not fit the catalog."""


class ExecutionError(DatabaseError):
    """A statement failed while it ran."""


class ValueExecutionError(ExecutionError, DataError):
    """A statement failed on a value."""


class LimitExecutionError(ExecutionError, OperationalError):
    """A statement ran into a limit: memory, a cancel, a full disk."""


class StorageError(OperationalError):
    """A file of the database is missing, broken, locked or cannot be written."""


class ExtensionError(ProgrammingError):
    """An extension refuses its input."""


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is most likely a slip of, if there is one."""
    by_lower: dict[str, str] = {}
    for candidate in known:
        by_lower.setdefault(candidate.lower(), candidate)
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the hint that names the nearest known name, or None."""
    nearest = nearest_name(name, known)
    return f"did you mean '{nearest}'?" if nearest is not None else None
