"""The transformer that is passed to Lark: it makes syntax tree nodes while the parser runs."""

from __future__ import annotations

from minidb.sql.transformer_alter import AlterTransformer
from minidb.sql.transformer_call import CallTransformer
from minidb.sql.transformer_create import CreateTransformer
from minidb.sql.transformer_expr import ExpressionTransformer
from minidb.sql.transformer_query import QueryTransformer
from minidb.sql.transformer_source import SourceTransformer
from minidb.sql.transformer_statement import StatementTransformer


class SqlTransformer(
    StatementTransformer,
    CreateTransformer,
    AlterTransformer,
    QueryTransformer,
    SourceTransformer,
    CallTransformer,
    ExpressionTransformer,
):
    """Every rule of grammar.lark that is no pure list or choice, as a method."""
