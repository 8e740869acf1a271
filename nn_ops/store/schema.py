"""The tables in which models are kept: ordinary ones, of a database that SQL reads and never writes.

See ADR 0024. A *block* is the weights of one layer, or the vectors of one node, kept once however
many models have it.
"""

from __future__ import annotations

from minidb.extension import (
    ArrayType,
    BoolType,
    ColumnDef,
    DataType,
    FloatType,
    IntType,
    StringType,
    TableDef,
    Transaction,
    ViewDef,
)

DATABASE = "models"
READ_ONLY_HINT = "CREATE MODEL and DROP MODEL write it"

STRING = StringType()
STRINGS = ArrayType(STRING)
BOOL = BoolType()
UINT32 = IntType(32, False)
UINT64 = IntType(64, False)
INT32 = IntType(32, True)
INT8 = IntType(8, True)
FLOAT64 = FloatType(64)


def _table(
    name: str, comment: str, key: tuple[str, ...], *columns: tuple[str, DataType, str]
) -> TableDef:
    defined = tuple(ColumnDef(column, kind, comment=text) for column, kind, text in columns)
    return TableDef(DATABASE, name, defined, order_by=key, primary_key=key, comment=comment)


MODELS = _table(
    "models",
    "one row per model",
    ("name",),
    ("name", STRING, "as in CREATE MODEL"),
    ("base", STRING, "the model that it extends; empty for none"),
    ("network", STRING, "the name in the file"),
    ("classes", STRINGS, "the names of the logits"),
    ("file", STRING, "as written in CREATE MODEL"),
    ("training", STRING, "how it came about, as JSON"),
    ("digest", STRING, "SHA-256 over all of the model but its name here, in hexadecimal"),
)
LAYERS = _table(
    "layers",
    "the graph: one row per node",
    ("model", "position"),
    ("model", STRING, ""),
    ("position", UINT32, "from 0; a node reads only what stands before it"),
    ("layer", STRING, "the node's name"),
    ("kind", STRING, "conv, linear, batch_norm, ..."),
    ("inputs", STRINGS, "the nodes read"),
    ("attributes", STRING, "window, groups and so on, as JSON"),
    ("height", UINT32, "of the output"),
    ("width", UINT32, "of the output"),
    ("channels", UINT32, "of the output"),
    ("gives", STRING, "pixels, signs or reals"),
    ("fan_in", UINT64, "weights of one filter; 0 where there are none"),
    ("words_block", UINT64, "of the weights; 0 where there are none"),
    ("parameters_block", UINT64, "of the vectors; 0 where there are none"),
)
STAGES = _table(
    "stages",
    "what the graph becomes to run on bits: one row per stage",
    ("model", "position"),
    ("model", STRING, ""),
    ("position", UINT32, "from 0; a stage reads only what stands before it"),
    ("stage", STRING, "the node whose output it gives"),
    ("kind", STRING, "sign_product, sum_product, ..."),
    ("inputs", STRINGS, "the stages read; 'pixels' is the image"),
    ("nodes", STRINGS, "the nodes that it stands for"),
    ("height", UINT32, "of the output"),
    ("width", UINT32, "of the output"),
    ("channels", UINT32, "of the output"),
    ("gives", STRING, "signs or reals"),
    ("limits_block", UINT64, "of the limits; 0 where there are none"),
    ("terms_block", UINT64, "of the terms; 0 where there are none"),
)
BLOCKS = _table(
    "blocks",
    "one row per block, however many models have it",
    ("block",),
    ("block", UINT64, "the first 64 bits of the hash, or the next number that is free"),
    ("hash", STRING, "SHA-256 over the contents and their shape, in hexadecimal"),
    ("kind", STRING, "the table that holds its rows"),
    ("filters", UINT32, "of the weights"),
    ("fan_in", UINT64, "weights of one filter"),
    ("is_masked", BOOL, "whether weights are pruned"),
    ("n_weights", UINT64, "weights that count"),
    ("n_rows", UINT64, "in the table that `kind` names"),
    ("n_bytes", UINT64, "of the values themselves, without their keys"),
)
WORDS = _table(
    "words",
    "packed weights: bit i of a filter is bit i % 64 of word i // 64; 1 is +1, 0 is -1",
    ("block", "channel", "word_no"),
    ("block", UINT64, ""),
    ("channel", UINT32, "the filter"),
    ("word_no", UINT32, "words whose mask is 0 are left out"),
    ("word", UINT64, ""),
    ("mask", UINT64, "1 where the weight counts, 0 where it was pruned or the fan-in has ended"),
)
PARAMETERS = _table(
    "parameters",
    "real vectors: biases and batch norms",
    ("block", "part", "channel"),
    ("block", UINT64, ""),
    ("part", STRING, "bias, gamma, beta, mean or variance"),
    ("channel", UINT32, ""),
    ("value", FLOAT64, ""),
)
LIMITS = _table(
    "limits",
    "when a filter answers +1: D <= bound where polarity is +1, D >= bound where it is -1",
    ("block", "class", "channel"),
    ("block", UINT64, ""),
    ("class", UINT32, "of the positions whose windows overlap the border in the same way"),
    ("channel", UINT32, "the filter"),
    ("bound", INT32, "for D, the bits that differ between patch and filter under the mask"),
    ("polarity", INT8, ""),
)
TERMS = _table(
    "terms",
    "what turns D, the bits that differ, into a sum: base - 2 * D",
    ("block", "class", "channel"),
    ("block", UINT64, ""),
    ("class", UINT32, "of the positions whose windows overlap the border in the same way"),
    ("channel", UINT32, "the filter"),
    ("terms", INT32, "how many terms the sum has"),
    ("base", INT32, ""),
)

OF_MODELS = (LAYERS, STAGES)
"""The tables whose rows belong to one model each."""
OF_BLOCKS = (WORDS, PARAMETERS, LIMITS, TERMS)
"""The tables whose rows belong to one block each; a block's kind is the table's name."""
TABLES = (MODELS, *OF_MODELS, BLOCKS, *OF_BLOCKS)

WEIGHTS = ViewDef(
    DATABASE,
    "weights",
    "SELECT l.model AS model, l.layer AS layer, w.channel AS channel, w.word_no AS word_no, "
    "w.word AS word, w.mask AS mask FROM models.layers AS l "
    "INNER JOIN models.words AS w ON w.block = l.words_block",
    DATABASE,
    (
        ("model", STRING),
        ("layer", STRING),
        ("channel", UINT32),
        ("word_no", UINT32),
        ("word", UINT64),
        ("mask", UINT64),
    ),
)
"""The words by the names of model and layer."""

DECISIONS = ViewDef(
    DATABASE,
    "decisions",
    "SELECT s.model AS model, s.stage AS stage, l.class AS class, l.channel AS channel, "
    "l.bound AS bound, l.polarity AS polarity, t.terms AS terms, t.base AS base "
    "FROM models.stages AS s INNER JOIN models.limits AS l ON l.block = s.limits_block "
    "INNER JOIN models.terms AS t ON t.block = s.terms_block AND t.class = l.class "
    "AND t.channel = l.channel",
    DATABASE,
    (
        ("model", STRING),
        ("stage", STRING),
        ("class", UINT32),
        ("channel", UINT32),
        ("bound", INT32),
        ("polarity", INT8),
        ("terms", INT32),
        ("base", INT32),
    ),
)
"""Limits and terms by the names of model and stage."""

VIEWS = (WEIGHTS, DECISIONS)


def ensure_tables(transaction: Transaction) -> None:
    """Make the database, its tables and views, where they are not there yet."""
    transaction.put_object("database", DATABASE, "")
    for table in TABLES:
        if table.key not in transaction.tables:
            transaction.create_table(table)
    for view in VIEWS:
        transaction.put_object(*view.object_key, view.to_text())
