"""Builds the nodes of statements other than CREATE; every method is a rule of grammar.lark."""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

from typing import Any

from minidb.source import Span
from minidb.sql.ast_base import NO_SPAN, ObjectName
from minidb.sql.ast_expr import Expr
from minidb.sql.ast_statements import (
    Assignment,
    Delete,
    Describe,
    Drop,
    ExistsStatement,
    Explain,
    ExplainModel,
    Insert,
    InsertFormat,
    InsertQuery,
    InsertValues,
    Optimize,
    QueryStatement,
    Rename,
    Renaming,
    SetStatement,
    Show,
    ShowCreate,
    Truncate,
    Update,
    Use,
)
from minidb.sql.folding import refuse_star
from minidb.sql.literals import read_name, read_text
from minidb.sql.transformer_expr import Children, appended, span_of, token_span


class StatementTransformer:
    """The methods for statements."""

    def query_statement(self, c: Children) -> QueryStatement:
        """A query with FORMAT and SETTINGS behind it."""
        format_name = c[1][0] if len(c) > 1 else None
        settings = c[2].value if len(c) > 2 else ()
        end = c[1][1] if len(c) == 2 else c[-1].span.end
        return QueryStatement(c[0], format_name, settings, span=Span(c[0].span.start, end))

    def format_clause(self, c: Children) -> tuple[str, int]:
        """``FORMAT name``."""
        return read_name(c[1].value), c[1].end_pos

    def if_exists(self, c: Children) -> bool:
        """Whether IF EXISTS is written."""
        return bool(c)

    def _separated(self, c: Children) -> Children:
        if len(c) == 1:
            return c
        return appended(c[0], c[2])

    assignments = renamings = objects = alterations = _separated

    # ------------------------------------------------------------------------------------- EXPLAIN

    def explain(self, c: Children) -> Explain:
        """``EXPLAIN [kind] [settings] statement``."""
        settings = tuple(c[2]) if len(c) == 4 else ()
        return Explain(c[1], c[-1], settings, span=span_of([c[0], c[-1]]))

    def explain_kind(self, c: Children) -> str:
        """The stage to explain; PLAN when nothing is written."""
        return " ".join(token.value.upper() for token in c) or "PLAN"

    def explain_model(self, c: Children) -> ExplainModel:
        """``EXPLAIN MODEL name [FORM form]``."""
        form = read_name(c[4].value) if len(c) == 5 else None
        return ExplainModel(read_name(c[2].value), form, span=span_of(c))

    def explain_model_as(self, c: Children) -> ExplainModel:
        """``EXPLAIN MODEL settings name``."""
        return ExplainModel(read_name(c[3].value), settings=tuple(c[2]), span=span_of([c[0], c[3]]))

    # -------------------------------------------------------------------------------------- INSERT

    def insert(self, c: Children) -> Insert:
        """INSERT ... VALUES."""
        rows = c[5] if len(c) > 5 else []
        source = InsertValues(
            tuple(row for row, _ in rows),
            tuple(span for _, span in rows),
            span=Span(c[4].start_pos, rows[-1][1].end if rows else c[4].end_pos),
        )
        return _insert(c, source)

    def insert_query(self, c: Children) -> Insert:
        """INSERT ... SELECT."""
        return _insert(c, InsertQuery(c[4], span=c[4].span))

    def insert_format(self, c: Children) -> Insert:
        """INSERT ... FORMAT name, then data."""
        data = c[6]
        source = InsertFormat(read_name(c[5].value), data.value, span=token_span(data))
        return _insert(c, source)

    def insert_into(self, c: Children) -> tuple[int, bool]:
        """Where the statement begins, and whether it is REPLACE."""
        return c[0].start_pos, c[0].type == "REPLACE"

    def insert_columns(self, c: Children) -> tuple[str, ...]:
        """The list of columns."""
        return tuple(c[1]) if c else ()

    def insert_settings(self, c: Children) -> Any:
        """The settings before VALUES."""
        return c[0].value if c else ()

    def rows(self, c: Children) -> Children:
        """Collect the rows; commas between them may be left out."""
        if len(c) == 1:
            return c
        return appended(c[0], c[-1])

    def row(self, c: Children) -> tuple[tuple[Expr, ...], Span]:
        """One row."""
        return tuple(map(refuse_star, c[1])), span_of(c)

    # -------------------------------------------------------------------- changing what is there

    def where_clause(self, c: Children) -> Expr:
        """The condition of DELETE and UPDATE."""
        return refuse_star(c[1])

    def delete(self, c: Children) -> Delete:
        """``DELETE FROM table WHERE condition``."""
        return Delete(c[2], c[3], span=span_of(c))

    def alter_delete(self, c: Children) -> Delete:
        """``ALTER TABLE table DELETE WHERE condition``."""
        return Delete(c[2], c[4], c[5], span=_to_settings(c))

    def update(self, c: Children) -> Update:
        """``UPDATE table SET ...``."""
        where = c[4] if len(c) == 5 else None
        end = where.span.end if where is not None else c[3][-1].span.end
        return Update(c[1], tuple(c[3]), where, span=Span(c[0].start_pos, end))

    def alter_update(self, c: Children) -> Update:
        """``ALTER TABLE table UPDATE ...``."""
        return Update(c[2], tuple(c[4]), c[5], c[6], span=_to_settings(c))

    def assignment(self, c: Children) -> Assignment:
        """``column = expr``."""
        return Assignment(read_name(c[0].value), c[2], span=span_of(c))

    def truncate(self, c: Children) -> Truncate:
        """TRUNCATE."""
        return Truncate(c[-1], c[-2], span=span_of(c))

    def rename(self, c: Children) -> Rename:
        """RENAME."""
        return Rename(c[1].type, tuple(c[2]), span=Span(c[0].start_pos, c[2][-1].span.end))

    def exchange(self, c: Children) -> Rename:
        """``EXCHANGE TABLES a AND b``."""
        span = span_of(c)
        return Rename("EXCHANGE", (Renaming(c[2], c[4], span=span),), span=span)

    def renaming(self, c: Children) -> Renaming:
        """``old TO new``."""
        return Renaming(c[0], c[2], span=span_of(c))

    def optimize(self, c: Children) -> Optimize:
        """OPTIMIZE."""
        return Optimize(c[2], len(c) == 4, span=span_of(c))

    def drop(self, c: Children) -> Drop:
        """DROP."""
        kind = c[1]
        is_temporary = kind.startswith("TEMPORARY")
        span = Span(c[0].start_pos, c[3][-1].span.end)
        return Drop(kind.split()[-1], tuple(c[3]), c[2], is_temporary, span=span)

    def drop_index(self, c: Children) -> Drop:
        """``DROP INDEX name ON table``."""
        name = ObjectName(read_name(c[3].value), span=token_span(c[3]))
        return Drop("INDEX", (name,), c[2], table=c[5], span=span_of(c))

    # ---------------------------------------------------------------------------- asking and setting

    def object_kind(self, c: Children) -> str:
        """TABLE, VIEW, DATABASE ..."""
        return " ".join(token.type for token in c)

    def show(self, c: Children) -> Show:
        """SHOW."""
        what = c[1].value.upper()
        source, database = c[2]
        pattern, is_negated, is_case_insensitive, end = c[3]
        table: ObjectName | None = None
        if what in ("COLUMNS", "FIELDS", "INDEX", "INDEXES", "INDICES", "KEYS"):
            table = source
        elif source is not None:
            database = source.name
        ends = [c[1].end_pos, end, source.span.end if source is not None else 0]
        return Show(
            what,
            database,
            pattern,
            is_negated,
            is_case_insensitive,
            table,
            span=Span(c[0].start_pos, max(ends)),
        )

    def show_from(self, c: Children) -> tuple[ObjectName | None, str | None]:
        """FROM table, or FROM table FROM database."""
        return (c[1] if c else None), (read_name(c[3].value) if len(c) == 4 else None)

    def show_like(self, c: Children) -> tuple[str | None, bool, bool, int]:
        """``[NOT] LIKE pattern``: pattern, negated, in any case, and where it ends."""
        if not c:
            return None, False, False, 0
        return read_text(c[-1].value), c[0].type == "NOT", c[-2].type == "ILIKE", c[-1].end_pos

    def show_create(self, c: Children) -> ShowCreate:
        """SHOW CREATE."""
        kind = c[2].split()[-1] if len(c) == 4 else "TABLE"
        return ShowCreate(kind, c[-1], span=span_of([c[0], c[-1]]))

    def describe(self, c: Children) -> Describe:
        """DESCRIBE."""
        return Describe(c[-1], span=Span(c[0], c[-1].span.end))

    def describe_word(self, c: Children) -> int:
        """Where DESCRIBE stands."""
        start: int = c[0].start_pos
        return start

    def exists_statement(self, c: Children) -> ExistsStatement:
        """EXISTS."""
        kind = c[1].split()[-1] if len(c) == 3 else "TABLE"
        return ExistsStatement(kind, c[-1], span=span_of([c[0], c[-1]]))

    def set_statement(self, c: Children) -> SetStatement:
        """SET."""
        return SetStatement(tuple(c[1]), span=Span(c[0].start_pos, c[1][-1].span.end))

    def use(self, c: Children) -> Use:
        """USE."""
        return Use(read_name(c[-1].value), span=span_of(c))


def _insert(c: Children, source: InsertValues | InsertQuery | InsertFormat) -> Insert:
    start, is_replace = c[0]
    end = source.span.end if source.span is not NO_SPAN else c[1].span.end
    return Insert(c[1], source, c[2], c[3], is_replace, span=Span(start, end))


def _to_settings(c: Children) -> Span:
    """Return the span of a statement whose last child are its settings."""
    end = c[-1][-1].span.end if c[-1] else c[-2].span.end
    return Span(c[0].start_pos, end)
