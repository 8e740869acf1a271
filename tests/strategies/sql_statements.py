"""Syntax trees of statements, as the parser could have made them."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from minidb.sql.ast import (
    AddColumn,
    AddIndex,
    Alter,
    Assignment,
    ColumnDefinition,
    CommentTable,
    CreateDatabase,
    CreateFunction,
    CreateIndex,
    CreateModel,
    CreateTable,
    CreateView,
    Delete,
    Describe,
    Drop,
    DropColumn,
    DropIndex,
    Engine,
    ExistsStatement,
    Explain,
    ExplainModel,
    FunctionCall,
    Identifier,
    IndexDefinition,
    Insert,
    InsertFormat,
    InsertQuery,
    InsertValues,
    Lambda,
    ModifyColumn,
    ModifySetting,
    ObjectName,
    Optimize,
    OrderedExpr,
    QueryStatement,
    Rename,
    RenameColumn,
    Renaming,
    SetStatement,
    Show,
    ShowCreate,
    Truncate,
    Update,
    Use,
)
from tests.strategies.sql import (
    expressions,
    literals,
    names,
    object_names,
    queries,
    settings_lists,
    sources,
    texts,
    types,
)


@cache
def _columns() -> st.SearchStrategy[ColumnDefinition]:
    default = st.one_of(
        st.tuples(st.none(), st.none()),
        st.tuples(st.sampled_from(["DEFAULT", "MATERIALIZED", "ALIAS"]), expressions(1)),
        st.just(("EPHEMERAL", None)),
    )
    return st.builds(
        lambda name, type_, nullable, made, comment, key: ColumnDefinition(
            name, type_, nullable, *made, comment, key
        ),
        names(),
        types(),
        st.none() | st.booleans(),
        default,
        st.none() | texts(),
        st.booleans(),
    )


@cache
def _create_tables() -> st.SearchStrategy[CreateTable]:
    key = st.none() | st.lists(expressions(1), max_size=2).map(tuple)
    index_types = st.builds(FunctionCall, names(), st.just(())).filter(
        lambda call: call.name.lower() not in ("cast", "exists")
    )
    engines = st.builds(
        Engine, names(), st.none() | st.lists(expressions(0), max_size=2).map(tuple)
    )
    columns = st.lists(_columns(), min_size=1, max_size=3).map(tuple)
    indexes = st.lists(
        st.builds(
            IndexDefinition,
            st.sampled_from(["i", "j"]),
            st.builds(Identifier, st.tuples(st.sampled_from(["a", "b"]))),
            index_types,
            st.none() | st.integers(1, 9),
        ),
        max_size=1,
    ).map(tuple)
    return st.builds(
        CreateTable,
        object_names(),
        columns,
        indexes,
        st.none() | engines,
        key,
        key,
        st.none() | expressions(1),
        st.just(()) | settings_lists(),
        st.none() | texts(),
        st.none() | queries(0),
        st.none(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    )


@cache
def _inserts() -> st.SearchStrategy[Insert]:
    rows = st.lists(st.lists(expressions(1), min_size=1, max_size=3).map(tuple), max_size=3).map(
        tuple
    )
    source = st.one_of(
        st.builds(InsertValues, rows),
        st.builds(InsertQuery, queries(1)),
        st.builds(InsertFormat, st.sampled_from(["CSV", "TSV"]), texts().map(lambda t: "x" + t)),
    )
    columns = st.lists(names(), max_size=2).map(tuple)
    return st.builds(
        Insert, object_names(), source, columns, st.just(()) | settings_lists(), st.booleans()
    )


@cache
def _defining_statements() -> st.SearchStrategy:
    """Draw statements that create, drop and rename."""
    one_name = names()
    flag = st.booleans()
    table = object_names()
    kinds = st.sampled_from(["TABLE", "VIEW", "DATABASE", "FUNCTION", "MODEL"])
    condition = expressions(2)
    return st.one_of(
        st.builds(CreateDatabase, one_name, st.none() | st.builds(Engine, one_name), flag),
        st.builds(
            CreateView, table, queries(1), st.lists(names(), max_size=2).map(tuple), flag, flag
        ),
        st.builds(
            CreateFunction, one_name, st.builds(Lambda, st.just(("a",)), condition), flag, flag
        ),
        st.builds(CreateModel, one_name, literals(), st.none() | one_name, flag, flag),
        st.builds(
            CreateIndex,
            one_name,
            table,
            st.lists(st.builds(OrderedExpr, expressions(1), flag), min_size=1, max_size=2).map(
                tuple
            ),
            is_unique=flag,
            if_not_exists=flag,
        ),
        st.builds(Drop, kinds, st.lists(table, min_size=1, max_size=2).map(tuple), flag),
        st.builds(
            Drop, st.just("INDEX"), st.tuples(st.builds(ObjectName, one_name)), flag, table=table
        ),
        st.builds(Truncate, table, flag),
        st.builds(
            Rename,
            st.sampled_from(["TABLE", "DATABASE"]),
            st.tuples(st.builds(Renaming, table, table)),
        ),
    )


@cache
def _alterations() -> st.SearchStrategy:
    """Draw the parts of ALTER TABLE."""
    one_name = names()
    flag = st.booleans()
    # A column of ALTER TABLE has no key of its own, and a bare comment is COMMENT COLUMN.
    columns = _columns().filter(lambda column: column.type is not None)
    after = st.none() | one_name
    index = st.builds(
        IndexDefinition,
        st.sampled_from(["i", "j"]),
        st.builds(Identifier, st.tuples(st.sampled_from(["a", "b"]))),
        st.builds(FunctionCall, st.sampled_from(["minmax", "text"]), st.just(())),
        st.none() | st.integers(1, 9),
    )
    return st.one_of(
        st.builds(AddColumn, columns, flag, st.just(False), after),
        st.builds(AddColumn, columns, flag, st.just(True)),
        st.builds(DropColumn, one_name, flag, flag),
        st.builds(RenameColumn, one_name, one_name, flag),
        st.builds(ModifyColumn, columns, flag, st.none(), st.just(False), after),
        st.builds(
            ModifyColumn,
            st.builds(ColumnDefinition, one_name, st.none()),
            flag,
            st.sampled_from(["DEFAULT", "COMMENT"]),
        ),
        st.builds(
            ModifyColumn, st.builds(ColumnDefinition, one_name, st.none(), comment=texts()), flag
        ),
        st.builds(CommentTable, texts()),
        st.builds(AddIndex, index),
        st.builds(DropIndex, st.builds(ObjectName, one_name), flag),
        st.builds(ModifySetting, settings_lists()),
    )


@cache
def _working_statements() -> st.SearchStrategy:
    """Draw statements that change rows, ask, or set something."""
    one_name = names()
    flag = st.booleans()
    table = object_names()
    kinds = st.sampled_from(["TABLE", "VIEW", "DATABASE", "FUNCTION", "MODEL"])
    condition = expressions(2)
    return st.one_of(
        st.builds(Delete, table, condition),
        st.builds(
            Update,
            table,
            st.tuples(st.builds(Assignment, one_name, condition)),
            st.none() | condition,
        ),
        st.builds(Alter, table, st.lists(_alterations(), min_size=1, max_size=2).map(tuple)),
        st.builds(Optimize, table, flag),
        st.builds(Show, st.sampled_from(["TABLES", "MODELS"]), st.none() | one_name),
        st.builds(Show, st.just("SETTINGS"), st.none(), texts(), flag, flag),
        st.builds(Show, st.just("COLUMNS"), table=table),
        st.builds(ShowCreate, kinds, table),
        st.builds(ExistsStatement, kinds, table),
        st.builds(Describe, sources(0)),
        st.builds(SetStatement, settings_lists()),
        st.builds(Use, one_name),
        st.builds(QueryStatement, queries(1), st.none() | one_name),
        _create_tables(),
        _inserts(),
    )


@cache
def statements() -> st.SearchStrategy:
    """Statements of every kind."""
    simple = _defining_statements() | _working_statements()
    one_name = names()
    explain_kinds = st.sampled_from(["AST", "QUERY TREE", "PLAN", "PIPELINE", "ANALYZE"])
    return st.one_of(
        simple,
        st.builds(ExplainModel, one_name, st.none() | one_name),
        st.builds(ExplainModel, one_name, settings=settings_lists()),
        st.builds(Explain, explain_kinds, simple, st.just(()) | settings_lists()),
    )


@st.composite
def statement_trees(draw):
    """Draw a statement."""
    return draw(statements())
