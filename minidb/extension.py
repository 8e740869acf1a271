"""THE door for extensions: what they register, and what they may use.

`nn_ops` reaches the engine through this module alone; built-ins register by the same calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from minidb.catalog.system import SystemSource, SystemTable
from minidb.columns import (
    ArrayColumn,
    Batch,
    BitsColumn,
    BoolArray,
    Column,
    Field,
    FixedStringColumn,
    IndexArray,
    NullableColumn,
    NumericColumn,
    Schema,
    StringColumn,
    TupleColumn,
    WideColumn,
    column_from_values,
    concat_columns,
    constant_column,
    default_column,
    empty_column,
    ints_to_lanes,
    lanes_to_ints,
    split_nulls,
    with_nulls,
)
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    FILE_DOESNT_EXIST,
    ILLEGAL_TYPE_OF_ARGUMENT,
    INCORRECT_DATA,
    NAME_ALREADY_REGISTERED,
    TYPE_MISMATCH,
    BindError,
    ErrorCode,
    ExecutionError,
    ExtensionError,
    InternalError,
    MiniDBError,
    StorageError,
    ValueExecutionError,
    did_you_mean,
)
from minidb.execution.context import ExecutionContext, Progress
from minidb.execution.operator import Operator
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.execution.planner import OperatorBuilder
from minidb.functions.arguments import (
    ANY,
    ARRAY,
    BITS,
    BOOL,
    FIXED_STRING,
    FLOAT,
    INTEGER,
    LAMBDA,
    NUMBER,
    STRING,
    TEXT,
    TUPLE,
    UNSIGNED,
    Arg,
    Kind,
    either,
    kind_of,
)
from minidb.functions.declaration import (
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Argument,
    Call,
    GrowingArray,
    NullPolicy,
    ScalarFunction,
    TableFunction,
    TableSource,
)
from minidb.functions.registry import AnyFunction, FunctionRegistry
from minidb.optimizer.rule import Rule
from minidb.plan.nodes import ExtensionNode, PlanNode
from minidb.settings import Settings, SettingSpec
from minidb.source import Span
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    without_null,
)

__all__ = [
    "ANY",
    "ARGUMENT_OUT_OF_BOUND",
    "ARRAY",
    "Accumulator",
    "AggregateCall",
    "AggregateFunction",
    "AnyFunction",
    "Arg",
    "Argument",
    "ArrayColumn",
    "ArrayType",
    "BAD_ARGUMENTS",
    "BITS",
    "BOOL",
    "Batch",
    "BindError",
    "BitsColumn",
    "BitsType",
    "BoolArray",
    "BoolType",
    "Call",
    "Column",
    "Command",
    "Connection",
    "DataType",
    "DateTimeType",
    "DateType",
    "ErrorCode",
    "ExecutionContext",
    "ExecutionError",
    "Extension",
    "ExtensionError",
    "ExtensionNode",
    "FILE_DOESNT_EXIST",
    "FIXED_STRING",
    "FLOAT",
    "Field",
    "FixedStringColumn",
    "FixedStringType",
    "FloatType",
    "FunctionRegistry",
    "GrowingArray",
    "ILLEGAL_TYPE_OF_ARGUMENT",
    "INCORRECT_DATA",
    "INTEGER",
    "IndexArray",
    "IntType",
    "InternalError",
    "Kind",
    "LAMBDA",
    "MiniDBError",
    "NAME_ALREADY_REGISTERED",
    "NUMBER",
    "NullPolicy",
    "NullableColumn",
    "NullableType",
    "NumericColumn",
    "Operator",
    "OperatorBuilder",
    "Outcome",
    "PlanNode",
    "Progress",
    "Registry",
    "Rule",
    "STRING",
    "ScalarFunction",
    "Schema",
    "SettingSpec",
    "Settings",
    "Span",
    "StatementHandler",
    "StorageError",
    "StringColumn",
    "StringType",
    "SystemSource",
    "SystemTable",
    "TEXT",
    "TUPLE",
    "TYPE_MISMATCH",
    "TableFunction",
    "TableSource",
    "TupleColumn",
    "TupleType",
    "UNSIGNED",
    "ValueExecutionError",
    "WideColumn",
    "column_from_values",
    "concat_columns",
    "constant_column",
    "default_column",
    "did_you_mean",
    "either",
    "empty_column",
    "ints_to_lanes",
    "kind_of",
    "lanes_to_ints",
    "outcome_of_columns",
    "split_nulls",
    "with_nulls",
    "without_null",
]

StatementHandler: TypeAlias = Callable[[Any, Any], Outcome]


@dataclass(slots=True)
class Registry:
    """Everything that a database's extensions have added; one per `Database`, nothing global.

    Parameters
    ----------
    functions : FunctionRegistry
        Scalar, aggregate and table functions.
    settings : list of SettingSpec
        Further session settings.
    rules : list of Rule
        Plan rules, in the order in which they run.
    operators : dict of str to builder
        What builds the operators of `ExtensionNode`, by kind.
    statements : dict
        The meaning of statements whose syntax the grammar holds, by their syntax tree's class;
        called with the node and the running statement's context.
    system_tables : dict of str to SystemTable
        Tables of the database ``system``.
    """

    functions: FunctionRegistry = field(default_factory=FunctionRegistry)
    settings: list[SettingSpec] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    operators: dict[str, OperatorBuilder] = field(default_factory=dict)
    statements: dict[type, StatementHandler] = field(default_factory=dict)
    system_tables: dict[str, SystemTable] = field(default_factory=dict)

    def add_functions(self, *functions: AnyFunction) -> None:
        """Add functions of any kind.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        self.functions.add_all(functions)

    def add_setting(self, spec: SettingSpec) -> None:
        """Add a session setting.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        _refuse_known(spec.name in {known.name for known in self.settings}, "setting", spec.name)
        self.settings.append(spec)

    def add_rule(self, rule: Rule, *, before: str | None = None) -> None:
        """Add a plan rule, at the end or before the named one.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED, or BAD_ARGUMENTS when there is no rule `before`.
        """
        names = [known.name for known in self.rules]
        _refuse_known(rule.name in names, "rule", rule.name)
        if before is None:
            self.rules.append(rule)
            return
        if before not in names:
            hint = did_you_mean(before, names)
            raise ExtensionError(BAD_ARGUMENTS, f"no rule named {before!r}", hint=hint)
        self.rules.insert(names.index(before), rule)

    def add_operator(self, kind: str, builder: OperatorBuilder) -> None:
        """Add the builder for `ExtensionNode`s of a kind.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        _refuse_known(kind in self.operators, "operator", kind)
        self.operators[kind] = builder

    def add_statement(self, node_class: type, handler: StatementHandler) -> None:
        """Give a statement of the grammar its meaning.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        _refuse_known(node_class in self.statements, "statement", node_class.__name__)
        self.statements[node_class] = handler

    def add_system_table(self, table: SystemTable) -> None:
        """Add a table to the database ``system``.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        _refuse_known(table.name in self.system_tables, "system table", table.name)
        self.system_tables[table.name] = table


def _refuse_known(is_known: bool, kind: str, name: str) -> None:
    """Refuse a name that is taken."""
    if is_known:
        raise ExtensionError(NAME_ALREADY_REGISTERED, f"a {kind} named {name!r} is already there")


class Extension(Protocol):
    """What the entry-point group ``minidb.extensions`` names."""

    @property
    def name(self) -> str:
        """Return the extension's name, for messages."""

    def register(self, registry: Registry) -> None:
        """Add everything the extension has to offer."""


class Connection(Protocol):
    """What a subcommand is given to run SQL with; `minidb.dbapi` has the real one."""

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """Run one statement; returns a `minidb.Result`."""

    def insert_rows(self, sql: str, rows: Any) -> Any:
        """Run one INSERT for many rows, as one part."""

    def close(self) -> None:
        """Close it."""


class Command(Protocol):
    """A subcommand of the ``minidb`` command, named by the entry-point group ``minidb.commands``."""

    @property
    def help(self) -> str:
        """Return one line for ``minidb --help``."""

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments on an `argparse.ArgumentParser`."""

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Run, and return the exit code.

        Parameters
        ----------
        args : argparse.Namespace
            The arguments declared, and `db`: the path after ``--db``.
        connect : callable
            Opens a database by its path.
        """
