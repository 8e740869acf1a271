"""Bound expressions: what the binder makes of a syntax tree and operators evaluate."""

from minidb.expr.nodes import (
    BoundExpr,
    ColumnRef,
    Constant,
    LambdaExpr,
    ScalarCall,
    columns_of,
    constant_from_column,
    constant_from_value,
    make_call,
    make_lambda,
    rewrite,
    walk,
)

__all__ = [
    "BoundExpr",
    "ColumnRef",
    "Constant",
    "LambdaExpr",
    "ScalarCall",
    "columns_of",
    "constant_from_column",
    "constant_from_value",
    "make_call",
    "make_lambda",
    "rewrite",
    "walk",
]
