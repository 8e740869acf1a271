"""model_processing and multi_model: models run on a table of images that is named as a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from minidb.extension import (
    TEXT,
    AnyFunction,
    Arg,
    Argument,
    ArrayColumn,
    ArrayType,
    Batch,
    Call,
    Column,
    DataType,
    ExtensionError,
    InternalError,
    IntType,
    Kind,
    NumericColumn,
    ScalarFunction,
    Schema,
    Selected,
    Settings,
    StringType,
    Surroundings,
    TableFunction,
    TableSource,
    column_from_values,
    constant_column,
    format_name,
)
from nn_ops.errors import NN_NO_IMAGES, NN_UNKNOWN_MODEL
from nn_ops.store.cache import ProgramCache
from nn_ops.store.functions import FAMILY, PIXELS, Predictor, classes_of, logits_of
from nn_ops.store.read import all_models
from nn_ops.store.schema import STRING, UINT32

PIXEL_COLUMN = "pixels"


def _is_choice(data_type: DataType) -> bool:
    if isinstance(data_type, ArrayType):
        return isinstance(data_type.element, StringType)
    return isinstance(data_type, IntType) and not data_type.is_wide


MODELS = Kind("a number of models or an array of their names", _is_choice)
TABLE_ARG = Arg("table", TEXT, is_constant=True)
ONE_HELP = "the class that a model gives the one image of a table, named as a text"
MANY_HELP = "the classes that models give the one image of a table: the first n models, or a list"
ONE_ROWS_HELP = "a table of images, named as a text, with the class that a model gives each"
MANY_ROWS_HELP = "a table of images, named as a text, with the classes of several models"


def functions(cache: ProgramCache) -> tuple[AnyFunction, ...]:
    """Return the functions for a database whose programs are in `cache`."""
    one = (TABLE_ARG, Arg("model", TEXT, is_constant=True))
    many = (TABLE_ARG, Arg("models", MODELS, is_constant=True))
    classes = ArrayType(UINT32)
    return (
        _scalar("model_processing", one, UINT32, ONE_HELP, "'image', 'digits'", cache, _one),
        _scalar("multi_model", many, classes, MANY_HELP, "'image', 2", cache, _many),
        _table("model_processing", one, ONE_ROWS_HELP, "'images', 'digits'", cache),
        _table("multi_model", many, MANY_ROWS_HELP, "'images', ['digits', 'other']", cache),
    )


Classify = Callable[[Predictor, Selected, object], Column]


def _scalar(
    name: str,
    args: tuple[Arg, ...],
    result: DataType,
    text: str,
    example: str,
    cache: ProgramCache,
    classify: Classify,
) -> ScalarFunction:
    """Return a function (table, models) over a table of one image."""

    def within(around: Surroundings) -> ScalarFunction:
        predictor = Predictor(around.tables, cache)

        def result_of(arguments: Sequence[Argument]) -> DataType:
            chosen_models(predictor, arguments[1].constant_value())
            return result

        def kernel(call: Call) -> Column:
            selected = images_of(around, str(call.constant_value(0)))
            found = classify(predictor, selected, call.constant_value(1))
            return constant_column(found, call.n_rows)

        return replace(declared, result=result_of, kernel=kernel, within=None)

    declared = ScalarFunction(
        name,
        FAMILY,
        args,
        result,
        _not_alone,
        help=text,
        example=f"SELECT {name}({example})",
        can_fail=True,
        within=within,
    )
    return declared


def _table(
    name: str, args: tuple[Arg, ...], text: str, example: str, cache: ProgramCache
) -> TableFunction:
    """Return a function (table, models) that stands in FROM."""

    def within(around: Surroundings) -> TableFunction:
        def open_source(arguments: Sequence[Argument], settings: Settings) -> TableSource:
            table, choice = (argument.constant_value() for argument in arguments)
            predictor = Predictor(around.tables, cache)
            return classified(around, predictor, str(table), choice)

        return replace(declared, open=open_source, within=None)

    declared = TableFunction(
        name,
        args,
        _not_open,
        help=text,
        example=f"SELECT * FROM {name}({example})",
        within=within,
    )
    return declared


def _not_alone(call: Call) -> Column:
    raise InternalError("a function over models runs within a statement alone")


def _not_open(arguments: Sequence[Argument], settings: Settings) -> TableSource:
    raise InternalError("a function over models runs within a statement alone")


def images_of(around: Surroundings, table: str) -> Selected:
    """Return the rows of a table or view with images.

    Parameters
    ----------
    around : Surroundings
    table : str
        ``name`` or ``database.name``.

    Raises
    ------
    MiniDBError
        When there is no such table, or it has no column of pixels.
    """
    name = ".".join(format_name(part) for part in table.split(".", 1))
    selected = around.select(f"SELECT * FROM {name}")
    pixels_place(selected.schema, table)
    return selected


def pixels_place(schema: Schema, table: str) -> int:
    """Return which column of a table holds the pixels.

    Raises
    ------
    ExtensionError
        NN_NO_IMAGES.
    """
    for place, field in enumerate(schema):
        if field.name == PIXEL_COLUMN and PIXELS.accepts(field.type):
            return place
    raise ExtensionError(
        NN_NO_IMAGES,
        f"table {table!r} has no images",
        hint=f"it needs a column {PIXEL_COLUMN} that is an array of integers",
    )


def chosen_models(predictor: Predictor, choice: object) -> list[str]:
    """Return the models that a text, a list of names or a number of models means.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_MODEL, also where there are fewer models than asked for.
    """
    if isinstance(choice, int):
        names = [model.name for model in all_models(predictor.tables)]
        if not 1 <= choice <= len(names):
            message = f"the first {choice} of {len(names)} models"
            hint = "a number from 1 to that of the models, or a list of their names"
            raise ExtensionError(NN_UNKNOWN_MODEL, message, hint=hint)
        return names[:choice]
    listed = choice if isinstance(choice, list | tuple) else [choice]
    return [predictor.find(name).name for name in listed]


def _one(predictor: Predictor, selected: Selected, choice: object) -> Column:
    """Return the class of a table's one image as a column of one row."""
    return _classes(predictor, selected, chosen_models(predictor, choice))


def _many(predictor: Predictor, selected: Selected, choice: object) -> Column:
    """Return the classes of a table's one image, by several models, as one row."""
    found = _classes(predictor, selected, chosen_models(predictor, choice))
    offsets = np.array([0, len(found)], dtype=np.int64)
    return ArrayColumn(ArrayType(UINT32), offsets, found)


def _classes(predictor: Predictor, selected: Selected, models: Sequence[str]) -> Column:
    """Return the classes that models give the one image, a row per model."""
    place = pixels_place(selected.schema, "")
    batches = [batch for batch in selected.batches if batch.n_rows]
    n_images = sum(batch.n_rows for batch in batches)
    if n_images != 1:
        raise ExtensionError(
            NN_NO_IMAGES,
            f"the table holds {n_images} images, not one",
            hint="for a table of many write SELECT * FROM model_processing(...)",
        )
    classes = [_class_column(predictor, model, batches[0].columns[place]) for model in models]
    values = [column.to_pylist()[0] for column in classes]
    return column_from_values(UINT32, values)


def _class_column(predictor: Predictor, model: str, pixels: Column) -> NumericColumn:
    program = predictor.program(model)
    found = classes_of(logits_of(program, pixels), program)
    if not isinstance(found, NumericColumn):
        raise InternalError("classes are no numbers")
    return found


def classified(
    around: Surroundings, predictor: Predictor, table: str, choice: object
) -> TableSource:
    """Return a table of images with the class that each model gives each of them.

    Parameters
    ----------
    around : Surroundings
    predictor : Predictor
    table : str
    choice : text, list of texts, or int
        A text adds the column ``class`` alone; the others add ``model`` too.

    Raises
    ------
    MiniDBError
        When there is no such table or model, or the table has no images.
    """
    models = tuple(chosen_models(predictor, choice))
    schema = images_of(around, table).schema
    pixels = pixels_place(schema, table)
    own: list[tuple[str, DataType]] = [("class", UINT32)]
    if not isinstance(choice, str):
        own.insert(0, ("model", STRING))
    shown = [(field.name, field.type) for place, field in enumerate(schema) if place != pixels]
    return Classified(around, predictor, table, models, pixels, (*shown, *own))


@dataclass(frozen=True, slots=True)
class Classified:
    """A table's rows without their pixels, with the classes that models give them.

    Parameters
    ----------
    around : Surroundings
    predictor : Predictor
    table : str
    models : tuple of str
    pixels : int
        Which column of the table holds the images.
    columns : tuple of (name, type)
    """

    around: Surroundings
    predictor: Predictor
    table: str
    models: tuple[str, ...]
    pixels: int
    columns: tuple[tuple[str, DataType], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""
        return tuple(name for name, _ in self.columns)

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""
        return tuple(kind for _, kind in self.columns)

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the wanted columns, batch by batch and within a batch model by model."""
        for batch in images_of(self.around, self.table).batches:
            if batch.n_rows:
                for model in self.models:
                    rows = self._rows(batch, model)
                    yield tuple(rows[place] for place in columns)

    def estimate_rows(self) -> int | None:
        """Return None: the rows are counted when they are read."""
        return None

    def _rows(self, batch: Batch, model: str) -> list[Column]:
        found = [column for place, column in enumerate(batch.columns) if place != self.pixels]
        if len(self.columns) - len(found) == 2:
            found.append(constant_column(column_from_values(STRING, [model]), batch.n_rows))
        return [*found, _class_column(self.predictor, model, batch.columns[self.pixels])]
