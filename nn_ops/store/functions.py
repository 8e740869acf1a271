"""predict, predictLogits and predictClass: a model run on a column of images, in any query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    TEXT,
    AnyFunction,
    Arg,
    Argument,
    ArrayColumn,
    ArrayType,
    Call,
    Column,
    DataType,
    ExtensionError,
    InternalError,
    IntType,
    Kind,
    NumericColumn,
    ScalarFunction,
    StringColumn,
    Surroundings,
    column_from_values,
    concat_columns,
    constant_column,
)
from nn_ops.errors import NN_SHAPE_MISMATCH
from nn_ops.executor import bytes_per_image, run
from nn_ops.graph import Floats
from nn_ops.model_file import dump_network
from nn_ops.program import Program
from nn_ops.store.cache import ProgramCache
from nn_ops.store.load import load_checked, load_model
from nn_ops.store.read import ModelRow, Tables, find_model
from nn_ops.store.schema import FLOAT64, STRING, UINT32

FAMILY = "neural network"
BATCH_BYTES = 1 << 26
"""About so many bytes of columns `run` has in memory at a time."""


def _is_pixels(data_type: DataType) -> bool:
    return (
        isinstance(data_type, ArrayType)
        and isinstance(data_type.element, IntType)
        and not data_type.element.is_wide
    )


PIXELS = Kind("an array of integers of at most 64 bits", _is_pixels)

AnswerOf = Callable[[Floats, Program], Column]


@dataclass(frozen=True, slots=True)
class Predictor:
    """Runs the models of one statement.

    Attributes
    ----------
    tables : mapping
        What the statement sees.
    cache : ProgramCache
        The database's.
    """

    tables: Tables
    cache: ProgramCache
    _found: dict[str, ModelRow] = field(default_factory=dict)

    def find(self, name: object) -> ModelRow:
        """Return a model.

        Raises
        ------
        ExtensionError
            NN_UNKNOWN_MODEL, with the nearest name.
        """
        key = str(name)
        if key not in self._found:
            self._found[key] = find_model(self.tables, key)
        return self._found[key]

    def program(self, name: object) -> Program:
        """Return a model's program, which is made at the first use of the network.

        Raises
        ------
        ExtensionError
            NN_UNKNOWN_MODEL, NN_MODEL_DAMAGED.
        """
        model = self.find(name)
        return self.cache.program(model.digest, lambda: load_checked(self.tables, model.name)[1])


def functions(cache: ProgramCache) -> tuple[AnyFunction, ...]:
    """Return the functions for a database whose programs are in `cache`."""
    return (
        _prediction(
            "predict",
            UINT32,
            classes_of,
            cache,
            "the class that a model gives an image, by its number: the first greatest logit",
            "SELECT id FROM images WHERE predict('digits', pixels) = 3",
        ),
        _prediction(
            "predictClass",
            STRING,
            _names_of,
            cache,
            "the class that a model gives an image, by its name",
            "SELECT id, predictClass('digits', pixels) FROM images",
        ),
        _prediction(
            "predictLogits",
            ArrayType(FLOAT64),
            _logits_of,
            cache,
            "the logits that a model gives an image, one per class",
            "SELECT id, predictLogits('digits', pixels) FROM images",
        ),
        _model_file(cache),
    )


def _prediction(
    name: str, result: DataType, answer: AnswerOf, cache: ProgramCache, text: str, example: str
) -> ScalarFunction:
    """Return a function (model, pixels) whose result comes from the logits."""

    def within(around: Surroundings) -> ScalarFunction:
        predictor = Predictor(around.tables, cache)

        def result_of(arguments: Sequence[Argument]) -> DataType:
            # Bound, not yet run: a wrong name is found although no row may ever be read.
            predictor.find(arguments[0].constant_value())
            return result

        def kernel(call: Call) -> Column:
            program = predictor.program(call.constant_value(0))
            return answer(logits_of(program, call.columns[1], call.need), program)

        return replace(declared, result=result_of, kernel=kernel, within=None)

    declared = ScalarFunction(
        name,
        FAMILY,
        (Arg("model", TEXT, is_constant=True), Arg("pixels", PIXELS)),
        result,
        _not_alone,
        help=text,
        example=example,
        can_fail=True,
        within=within,
    )
    return declared


def _model_file(cache: ProgramCache) -> ScalarFunction:
    """Return the function that gives a model as the bytes of its file."""

    def within(around: Surroundings) -> ScalarFunction:
        predictor = Predictor(around.tables, cache)

        def result_of(arguments: Sequence[Argument]) -> DataType:
            predictor.find(arguments[0].constant_value())
            return STRING

        def kernel(call: Call) -> Column:
            network = load_model(around.tables, str(call.constant_value(0)))
            column = StringColumn.from_bytes([dump_network(network)])
            return constant_column(column, call.n_rows)

        return replace(declared, result=result_of, kernel=kernel, within=None)

    declared = ScalarFunction(
        "nnModelFile",
        FAMILY,
        (Arg("model", TEXT, is_constant=True),),
        STRING,
        _not_alone,
        help="a model as the bytes of its file, which CREATE MODEL reads",
        example="SELECT length(nnModelFile('digits'))",
        can_fail=True,
        within=within,
    )
    return declared


def _not_alone(call: Call) -> Column:
    raise InternalError("a function over models runs within a statement alone")


def logits_of(
    program: Program, column: Column, need: Callable[[int], None] | None = None
) -> Floats:
    """Return the logits of a column of images.

    Parameters
    ----------
    program : Program
    column : ArrayColumn of integers
        One image per row, by row, column, channel.
    need : callable, optional
        Told the bytes that are about to be taken.

    Returns
    -------
    ndarray of float64, shape (n, classes)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH for an image of another size, and what `run` raises.
    """
    if not len(column):
        return np.zeros((0, len(program.classes)))
    if need is not None:
        n_at_once = min(len(column), max(1, BATCH_BYTES // bytes_per_image(program)))
        need(n_at_once * bytes_per_image(program) + len(column) * len(program.classes) * 8)
    return run(program, pixels_of(program, column), batch_bytes=BATCH_BYTES)


def pixels_of(program: Program, column: Column) -> NDArray[Any]:
    """Return a column of arrays as a matrix, one image per row.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH for an image of another size.
    """
    if not isinstance(column, ArrayColumn) or not isinstance(column.child, NumericColumn):
        raise InternalError("pixels are no arrays of numbers")
    shape, lengths = program.image, column.lengths
    wrong = np.flatnonzero(lengths != shape.size)
    if len(wrong):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"an image of {shape.height}x{shape.width} pixels and {shape.channels} channels is "
            f"{shape.size} values, found {int(lengths[wrong[0]])}",
            hint="the values run by row, column, channel",
        )
    first = int(column.offsets[0])
    return column.child.values[first : first + len(column) * shape.size].reshape(-1, shape.size)


def classes_of(logits: Floats, program: Program) -> Column:
    """Return the number of the first greatest logit of each image, as UInt32."""
    return NumericColumn(UINT32, np.argmax(logits, axis=1).astype(np.uint32))


def _names_of(logits: Floats, program: Program) -> Column:
    names = column_from_values(STRING, list(program.classes))
    if not len(logits):
        return concat_columns(STRING, [])
    return names.take(np.argmax(logits, axis=1).astype(np.intp))


def _logits_of(logits: Floats, program: Program) -> Column:
    width = logits.shape[1]
    offsets = np.arange(len(logits) + 1, dtype=np.int64) * width
    child = NumericColumn(FLOAT64, np.ascontiguousarray(logits).reshape(-1))
    return ArrayColumn(ArrayType(FLOAT64), offsets, child)
