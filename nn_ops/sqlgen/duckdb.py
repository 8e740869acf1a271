"""A network as files that stock DuckDB runs: macros, tables, data, and the smartlite script.

The script is that of ClickHouse. Macros give DuckDB the functions that it calls by other names; the
statement that takes the images apart and the one that gathers the answers are its own.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

from nn_ops.program import Program
from nn_ops.sqlgen import relations, smartlite
from nn_ops.sqlgen.clickhouse import DATA, pixel_type, write_files
from nn_ops.sqlgen.form_tables import smartlite_tables
from nn_ops.sqlgen.model_tables import ModelTable
from nn_ops.sqlgen.statement import Names, Statement, derived, literal

TYPES = {
    "UInt8": "UTINYINT",
    "UInt16": "USMALLINT",
    "UInt32": "UINTEGER",
    "UInt64": "UBIGINT",
    "Int8": "TINYINT",
    "Int32": "INTEGER",
    "Int64": "BIGINT",
    "Float64": "DOUBLE",
    "String": "VARCHAR",
}
CSV_OPTIONS = "FORMAT csv, HEADER false, AUTO_DETECT false, DELIMITER ',', QUOTE '\"'"
MACROS = {
    "lookup(a, b)": "bit_count(xor(a, b))",
    "sumbin(bit, place)": "bit_or(CASE WHEN bit THEN 1::UBIGINT << place::UBIGINT "
    "ELSE 0::UBIGINT END)",
    "bitAnd(a, b)": "a & b",
    "bitTest(word, place)": "(word >> place::UBIGINT) & 1",
    "intDiv(a, b)": "a // b",
    "throwIf(condition, message)": "CASE WHEN condition THEN error(message)::INTEGER ELSE 0 END",
    "arrayJoin(a)": "unnest(a)",
    "arrayEnumerate(a)": "range(1, len(a) + 1)",
    "arrayMax(a)": "list_max(a)",
    "arrayMin(a)": "list_min(a)",
    "arraySort(a)": "list_sort(a)",
    "arraySum(a)": "list_sum(a)",
    "groupArray(a)": "list(a)",
    **{f"to{name}(a)": f"a::{other}" for name, other in TYPES.items() if name != "String"},
}
PRELUDE = "".join(f"CREATE OR REPLACE MACRO {head} AS {body};\n" for head, body in MACROS.items())


def export_duckdb(program: Program, prefix: str, directory: Path) -> list[Path]:
    """Write a network's files; files of the same names are replaced.

    Parameters
    ----------
    program : Program
    prefix : str
        What the names of the tables begin with.
    directory : Path
        It is made if it is not there.

    Returns
    -------
    list of Path
        ``prelude.sql``, ``tables.sql``, ``smartlite.sql``, and one CSV file per table.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when the directory cannot be written.
    """
    names, tables = Names(prefix), smartlite_tables(program)
    files = {
        "prelude.sql": PRELUDE,
        "tables.sql": _tables_script(names, tables, TYPES[pixel_type(program)]),
        "smartlite.sql": _script(program, names),
        **{f"{DATA}/{table.name}.csv": _csv(table) for table in tables},
    }
    return write_files(files, directory)


def _tables_script(names: Names, tables: list[ModelTable], pixels: str) -> str:
    """Return the statements that create a model's tables and fill them from the files."""
    images = f"CREATE TABLE IF NOT EXISTS {names.images} (id UBIGINT, pixels {pixels}[])"
    statements = [images]
    for table in tables:
        name = names.of(table.name)
        columns = ", ".join(f"{column} {TYPES[kind]}" for column, kind in table.columns.items())
        file = literal(f"{DATA}/{table.name}.csv")
        statements.append(f"CREATE OR REPLACE TABLE {name} ({columns})")
        if table.n_rows:
            statements.append(f"COPY {name} FROM {file} ({CSV_OPTIONS})")
    return "".join(f"{statement};\n\n" for statement in statements)


def _script(program: Program, names: Names) -> str:
    """Return the script; its last statement shows the answers."""
    statements = smartlite.script(program, names.prefix, names.images)
    logits = f"{statements[-2].table}"
    texts = []
    for statement in statements:
        own = statement
        if statement.name == "pixels":
            own = replace(statement, select=_pixels(names))
        elif statement is statements[-1]:
            own = replace(statement, select=_answers(logits))
        texts.append(f"-- {own.name}\n{_sql(own)};\n")
    answers = names.of("answers")
    return "\n".join([*texts, f"SELECT id, class, logits FROM {answers} ORDER BY id;\n"])


def _sql(statement: Statement) -> str:
    return f"CREATE OR REPLACE TABLE {statement.table} AS\n{statement.select}"


def _pixels(names: Names) -> str:
    """Return the query that takes images apart: DuckDB unnests two lists side by side."""
    elements = (
        "SELECT id, unnest(pixels) AS pixels, unnest(places) AS places, channels\n"
        f"FROM {derived(relations.checked_images(names), 'images')}"
    )
    return relations.pixels_of(derived(elements, "elements"))


def _answers(logits: str) -> str:
    """Return the query for (id, class, logits): the first of the greatest logits decides."""
    listed = f"SELECT id, list(value ORDER BY channel) AS logits\nFROM {logits}\nGROUP BY id"
    return (
        "SELECT id, toUInt32(list_position(logits, list_max(logits)) - 1) AS class, logits\n"
        f"FROM {derived(listed, 'listed')}"
    )


def _csv(table: ModelTable) -> str:
    """Return a table's rows as CSV; reals are written so that they read back equal."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table.rows())
    return text.getvalue()
