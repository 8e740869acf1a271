"""A network as files that stock ClickHouse runs: functions, tables, data, and the smartlite script.

See docs/clickhouse.md for how they are run, on one server and on several.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nn_ops.errors import NN_FILE_UNREADABLE, ExtensionError
from nn_ops.program import Program
from nn_ops.sqlgen import smartlite
from nn_ops.sqlgen.form_tables import smartlite_tables
from nn_ops.sqlgen.load import create_statement
from nn_ops.sqlgen.model_tables import ModelTable
from nn_ops.sqlgen.statement import Names, as_script, literal

PRELUDE = """\
-- In how many bits two words differ.
CREATE FUNCTION IF NOT EXISTS lookup AS (a, b) -> bitCount(bitXor(a, b));

-- The word whose bits of these places are set, in any order of rows.
CREATE FUNCTION IF NOT EXISTS sumbin AS (bit, place) -> groupBitOr(bitShiftLeft(toUInt64(bit), place));
"""
DATA = "data"
MAX_OF_UINT8 = 255


def export_clickhouse(program: Program, prefix: str, directory: Path) -> list[Path]:
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
        ``prelude.sql``, ``tables.sql``, ``smartlite.sql``, and one TSV file per table.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when the directory cannot be written.
    """
    names, tables = Names(prefix), smartlite_tables(program)
    files = {
        "prelude.sql": PRELUDE,
        "tables.sql": tables_script(names, tables, pixel_type(program)),
        "smartlite.sql": script_text(program, names),
        **{f"{DATA}/{table.name}.tsv": tsv(table) for table in tables},
    }
    return write_files(files, directory)


def write_files(files: Mapping[str, str], directory: Path) -> list[Path]:
    """Write texts by their names below a directory, which is made if it is not there.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when the directory cannot be written.
    """
    written = []
    try:
        (directory / DATA).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = directory / name
            path.write_text(text, encoding="utf-8", newline="\n")
            written.append(path)
    except OSError as error:
        message = f"cannot write into {str(directory)!r}: {error.strerror}"
        raise ExtensionError(NN_FILE_UNREADABLE, message) from error
    return written


def pixel_type(program: Program) -> str:
    """Return the type that holds the pixels of a program's images."""
    return "UInt8" if program.max_pixel <= MAX_OF_UINT8 else "UInt16"


def tables_script(names: Names, tables: list[ModelTable], pixels: str) -> str:
    """Return the statements that create a model's tables and fill them from the files.

    `pixels` is the type of a pixel.
    """
    statements = [
        f"CREATE TABLE IF NOT EXISTS {names.images} (id UInt64, pixels Array({pixels})) "
        "ENGINE = MergeTree ORDER BY id"
    ]
    for table in tables:
        statements.append(create_statement(names, table))
        if table.n_rows:
            file = literal(f"{DATA}/{table.name}.tsv")
            statements.append(f"INSERT INTO {names.of(table.name)} FROM INFILE {file} FORMAT TSV")
    return "".join(f"{statement};\n\n" for statement in statements)


def script_text(program: Program, names: Names) -> str:
    """Return the smartlite script as text; its last statement shows the answers."""
    statements = smartlite.script(program, names.prefix, names.images)
    return as_script(statements, f"SELECT id, class, logits FROM {names.of('answers')} ORDER BY id")


def tsv(table: ModelTable) -> str:
    """Return a table's rows in the format TSV; reals are written so that they read back equal."""
    columns = [
        [_escaped(value) if isinstance(value, str) else repr(value) for value in column]
        for column in table.lists()
    ]
    return "".join("\t".join(row) + "\n" for row in zip(*columns, strict=True))


def _escaped(text: str) -> str:
    """Return a text as TSV holds it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
