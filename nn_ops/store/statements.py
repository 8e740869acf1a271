"""CREATE, DROP, SHOW and EXPLAIN MODEL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from minidb.extension import (
    BAD_ARGUMENTS,
    BindError,
    CreateModel,
    Drop,
    ExistsStatement,
    ExplainModel,
    ExtensionError,
    IntType,
    Literal,
    MiniDBError,
    Outcome,
    Parameter,
    Show,
    ShowCreate,
    Span,
    StatementContext,
    StringType,
    column_from_values,
    format_statement,
    matches_pattern,
    outcome_of_columns,
)
from nn_ops.graph import Network
from nn_ops.model_file import load_network, read_network
from nn_ops.store.cache import ProgramCache
from nn_ops.store.explain import explain_model
from nn_ops.store.read import all_models, find_model
from nn_ops.store.rows import Origin
from nn_ops.store.write import create_model, drop_models


def create(statement: CreateModel, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Store the network of a file as a model.

    Raises
    ------
    MiniDBError
        What is wrong with the name, the base, the file or its network; nothing is stored then.
    """
    known = {model.name for model in all_models(context.tables)}
    if statement.if_not_exists and statement.name in known:
        return Outcome()
    file = context.constant(statement.file, "the file of a model")
    if not isinstance(file, str | bytes):
        message = "the file of a model is a text"
        raise BindError(BAD_ARGUMENTS, message, span=statement.file.span)
    try:
        path, network = _network_of(file)
    except ExtensionError as error:
        error.span = error.span or statement.file.span
        raise
    origin = Origin(statement.name, statement.base or "", path)
    with _place(statement.span):
        digests = create_model(context, origin, network, replaces=statement.or_replace)
    cache.keep_only(digests)
    return Outcome()


def _network_of(file: str | bytes) -> tuple[str, Network]:
    """Return a file's path and network; the path is empty where the content itself is given.

    No path holds a byte of 0, and every model file does: its first eight bytes are a length.
    """
    data = file if isinstance(file, bytes) else os.fsencode(file)
    if b"\0" in data:
        return "", load_network(data)
    path = os.fsdecode(data)
    return path, read_network(Path(path))


def drop(statement: Drop, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Remove models, and what is theirs alone.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL, NN_MODEL_IN_USE.
    """
    known = {model.name for model in all_models(context.tables)}
    names = set()
    for name in statement.names:
        with _place(name.span):
            if name.database is not None:
                message = f"a model belongs to no database: {name.database}.{name.name}"
                raise BindError(BAD_ARGUMENTS, message)
            if statement.if_exists and name.name not in known:
                continue
            names.add(find_model(context.tables, name.name).name)
    if names:
        with _place(statement.span):
            digests = drop_models(context, names)
        cache.keep_only(digests)
    return Outcome()


def show(statement: Show, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Return the names of the models."""
    names = [model.name for model in all_models(context.tables)]
    kept = [name for name in names if matches_pattern(statement, name)]
    return outcome_of_columns(["name"], [column_from_values(StringType(), kept)])


def show_create(statement: ShowCreate, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Return the statement that made a model; its file is ``?`` where the content was given.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL.
    """
    with _place(statement.name.span):
        model = find_model(context.tables, statement.name.name)
    span = statement.span
    file = Literal(model.file, span=span) if model.file else Parameter(0, span=span)
    made = CreateModel(model.name, file, model.base or None, span=span)
    column = column_from_values(StringType(), [format_statement(made)])
    return outcome_of_columns(["statement"], [column])


def exists(statement: ExistsStatement, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Return 1 when there is such a model, else 0."""
    names = {model.name for model in all_models(context.tables)}
    found = int(statement.name.name in names)
    return outcome_of_columns(["result"], [column_from_values(IntType(8, False), [found])])


def explain(statement: ExplainModel, context: StatementContext, cache: ProgramCache) -> Outcome:
    """Return the network as a tree, or the script of one of its forms.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL, NN_UNKNOWN_FORM, NN_MODEL_DAMAGED.
    """
    with _place(statement.span):
        return explain_model(statement, context.tables)


@dataclass(frozen=True, slots=True)
class _place:  # noqa: N801 - it is used like a function
    """Points the errors that have no place at one."""

    span: Span

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MiniDBError):
            error.span = error.span or self.span
