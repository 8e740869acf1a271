"""THE door for extensions: what they register, and what they may use.

`nn_ops` reaches the engine through this module alone; built-ins register by the same calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Protocol, TypeAlias

from minidb.catalog.relation import Bounds
from minidb.catalog.stored import StoredRelation
from minidb.catalog.surroundings import Selected, Surroundings
from minidb.catalog.system import SystemSource, SystemTable
from minidb.catalog.view import ViewDef
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
    concat_batches,
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
    CHECKSUM_DOESNT_MATCH,
    CORRUPTED_DATA,
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
from minidb.execution.explain_tree import ExplainNode, mermaid_label
from minidb.execution.explained import FORMS as EXPLAIN_FORMS
from minidb.execution.explained import Shown, explain_options, lines_outcome, text_outcome
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
    signature,
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
from minidb.record import state
from minidb.settings import Settings, SettingSpec
from minidb.source import Span
from minidb.sql.ast import CreateModel, Drop, ExistsStatement, ExplainModel, Expr, Show, ShowCreate
from minidb.sql.ast_expr import Literal, Parameter
from minidb.sql.format import format_name, format_statement
from minidb.sql.show_pattern import matches_pattern
from minidb.storage.definition import ColumnDef, TableDef, TableKey
from minidb.storage.merging import append_merged, sorted_by_key
from minidb.storage.store import ObjectKey, StoredTable, Transaction
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
    NothingType,
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
    "Bounds",
    "CHECKSUM_DOESNT_MATCH",
    "CORRUPTED_DATA",
    "Call",
    "Column",
    "ColumnDef",
    "Command",
    "Connection",
    "CreateModel",
    "DataType",
    "DateTimeType",
    "DateType",
    "Drop",
    "ErrorCode",
    "ExecutionContext",
    "ExecutionError",
    "ExistsStatement",
    "ExplainModel",
    "ExplainNode",
    "Expr",
    "Extension",
    "ExtensionError",
    "ExtensionNode",
    "FILE_DOESNT_EXIST",
    "FIXED_STRING",
    "EXPLAIN_FORMS",
    "FLOAT",
    "Field",
    "FixedStringColumn",
    "FixedStringType",
    "FloatType",
    "Literal",
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
    "NothingType",
    "NullPolicy",
    "NullableColumn",
    "NullableType",
    "NumericColumn",
    "ObjectKey",
    "Operator",
    "OperatorBuilder",
    "Outcome",
    "Parameter",
    "PlanNode",
    "Progress",
    "Registry",
    "Rule",
    "STRING",
    "ScalarFunction",
    "Schema",
    "Selected",
    "SettingSpec",
    "Settings",
    "Show",
    "ShowCreate",
    "Shown",
    "Span",
    "StatementContext",
    "StatementHandler",
    "StorageError",
    "StoredRelation",
    "StoredTable",
    "StringColumn",
    "StringType",
    "Surroundings",
    "SystemSource",
    "SystemTable",
    "TEXT",
    "TUPLE",
    "TYPE_MISMATCH",
    "TableDef",
    "TableFunction",
    "TableKey",
    "TableSource",
    "Transaction",
    "TupleColumn",
    "TupleType",
    "UNSIGNED",
    "ValueExecutionError",
    "ViewDef",
    "WideColumn",
    "append_merged",
    "column_from_values",
    "concat_batches",
    "concat_columns",
    "constant_column",
    "default_column",
    "did_you_mean",
    "either",
    "empty_column",
    "explain_options",
    "format_name",
    "format_statement",
    "ints_to_lanes",
    "kind_of",
    "lanes_to_ints",
    "lines_outcome",
    "matches_pattern",
    "mermaid_label",
    "outcome_of_columns",
    "signature",
    "sorted_by_key",
    "split_nulls",
    "text_outcome",
    "with_nulls",
    "without_null",
]


class StatementContext(Protocol):
    """What a running statement has at hand; `minidb.statements` has the real one.

    Attributes
    ----------
    registry : Registry
    settings : Settings
        The session's, with the statement's own on top.
    execution : ExecutionContext
        Memory, cancel and progress of the statement.
    tables, objects : mapping
        What the statement sees: the newest commit, or its own changes once it has begun.
    """

    registry: Registry
    settings: Settings
    execution: ExecutionContext
    tables: Mapping[TableKey, StoredTable]
    objects: Mapping[ObjectKey, str]

    def begin(self) -> Transaction:
        """Begin to write; what is written becomes visible together, or not at all."""

    def constant(self, expr: Expr, what: str) -> object:
        """Return the value of an expression that reads no row, such as a file's name or ``?``."""

    def system_source(self) -> SystemSource:
        """Return what system tables tell about."""


StatementHandler: TypeAlias = Callable[[Any, Any], Outcome]


@state
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
        The meaning of statements whose syntax the grammar holds, by their syntax tree's class and
        the kind of object; called with the node and the running statement's context.
    system_tables : dict of str to SystemTable
        Tables of the database ``system``.
    reserved_databases : dict of str to str
        Databases that SQL may read and not change, with a hint at what changes them.
    """

    functions: FunctionRegistry = field(default_factory=FunctionRegistry)
    settings: list[SettingSpec] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    operators: dict[str, OperatorBuilder] = field(default_factory=dict)
    statements: dict[tuple[type, str | None], StatementHandler] = field(default_factory=dict)
    system_tables: dict[str, SystemTable] = field(default_factory=dict)
    reserved_databases: dict[str, str] = field(default_factory=dict)

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

    def add_statement(
        self, node_class: type, handler: StatementHandler, *, kind: str | None = None
    ) -> None:
        """Give a statement of the grammar its meaning.

        Parameters
        ----------
        node_class : type
            The statement's class in the syntax tree.
        handler : callable
            Runs it.
        kind : str, optional
            Of DROP, SHOW, SHOW CREATE and EXISTS: the kind of object alone, such as ``MODEL``.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        shown = node_class.__name__ if kind is None else f"{node_class.__name__} {kind}"
        _refuse_known((node_class, kind) in self.statements, "statement", shown)
        self.statements[node_class, kind] = handler

    def statement(self, node: object) -> StatementHandler | None:
        """Return what runs a statement, if an extension does."""
        kind = getattr(node, "kind", None) or getattr(node, "what", None)
        found = self.statements.get((type(node), kind))
        return found or self.statements.get((type(node), None))

    def reserve_database(self, name: str, hint: str) -> None:
        """Keep SQL from changing a database, whose tables the extension alone writes.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED.
        """
        _refuse_known(name in self.reserved_databases, "reserved database", name)
        self.reserved_databases[name] = hint

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
