"""Columns: immutable vectors in NumPy arrays, and batches of them."""

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.batch import Batch, Field, Schema, concat_batches, empty_batch
from minidb.columns.bits import BitsColumn
from minidb.columns.make import concat_columns, constant_column, default_column, empty_column
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.nulls import null_mask, split_nulls, with_nulls, without_nulls
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.values import column_from_values
from minidb.columns.wide import WideColumn, ints_to_lanes, lanes_to_ints

__all__ = [
    "ArrayColumn",
    "Batch",
    "BitsColumn",
    "BoolArray",
    "Column",
    "Field",
    "FixedStringColumn",
    "IndexArray",
    "NullableColumn",
    "NumericColumn",
    "Schema",
    "StateColumn",
    "StringColumn",
    "TupleColumn",
    "WideColumn",
    "column_from_values",
    "concat_batches",
    "concat_columns",
    "constant_column",
    "default_column",
    "empty_batch",
    "empty_column",
    "ints_to_lanes",
    "lanes_to_ints",
    "null_mask",
    "split_nulls",
    "with_nulls",
    "without_nulls",
]
