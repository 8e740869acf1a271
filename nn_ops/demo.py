"""``minidb demo``: handwritten digits classified by a network that is nothing but tables and SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from minidb.extension import Connection, MiniDBError
from nn_ops.demo_views import confusion_table, digit_gallery, fold_lines, stage_lines
from nn_ops.digits import N_HELD_OUT, N_IMAGES, Digits, load_digits
from nn_ops.lower import lower
from nn_ops.model_file import load_shipped_model
from nn_ops.sqlgen import smartlite
from nn_ops.sqlgen.form_tables import smartlite_tables
from nn_ops.sqlgen.load import create_statement, create_tables
from nn_ops.sqlgen.statement import Names, Statement

PREFIX = "digits"
NAMES = Names(PREFIX, f"{PREFIX}_images")
SHOWN_STAGE = "sign2"


@dataclass(frozen=True, slots=True)
class Demo:
    """The subcommand."""

    help: str = "classify 599 handwritten digits with SQL alone"

    def add_arguments(self, parser: Any) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--replace",
            action="store_true",
            help="drop the demo's own tables first, if the database has them",
        )

    def run(self, args: Any, connect: Callable[[str], Connection]) -> int:
        """Run the demo and return 0; errors of the database go through."""
        connection = connect(args.db)
        try:
            run_demo(connection, replace=args.replace)
        finally:
            connection.close()
        return 0


COMMAND = Demo()


def run_demo(connection: Connection, *, replace: bool = False) -> None:
    """Load the digits and the network, classify, and print what came out.

    Parameters
    ----------
    connection : Connection
        Where the tables are made.
    replace : bool
        Whether to drop the demo's tables of an earlier run.

    Raises
    ------
    MiniDBError
        When the tables are there already, or the database cannot be written.
    """
    console = Console(highlight=False, soft_wrap=True)
    program, digits = lower(load_shipped_model()), load_digits().held_out
    tables, statements = smartlite_tables(program), demo_statements()
    if replace:
        own = [NAMES.images, *(NAMES.of(table.name) for table in tables)]
        for name in (*own, *(statement.table for statement in statements)):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
    say(console, f"{len(digits)} digits of 8x8 pixels, and a binarized network of these stages:\n")
    say(console, stage_lines(program) + "\n")
    try:
        for table in tables:
            connection.execute(as_new(create_statement(NAMES, table)))
        create_images(connection, digits)
    except MiniDBError as error:
        error.hint = error.hint and f"{error.hint}; minidb demo --replace drops the demo's own"
        raise
    create_tables(connection, NAMES, tables)
    for statement in with_progress(statements):
        connection.execute(as_new(statement.sql))
    (shown,) = (statement for statement in statements if statement.name == SHOWN_STAGE)
    show_results(console, connection, shown)


def demo_statements() -> list[Statement]:
    """Return the statements that classify the images of the demo's table."""
    return smartlite.script(lower(load_shipped_model()), PREFIX, NAMES.images)


def as_new(sql: str) -> str:
    """Return a statement that creates a table, so that it refuses to replace one."""
    return sql.replace("CREATE OR REPLACE TABLE", "CREATE TABLE", 1)


def create_images(connection: Connection, digits: Digits) -> None:
    """Create the table of labelled images; their numbers are those in the whole set.

    Raises
    ------
    MiniDBError
        When it is there already, or cannot be written.
    """
    connection.execute(
        f"CREATE TABLE {NAMES.images} (id UInt64, label UInt8, pixels Array(UInt8)) "
        "ENGINE = MergeTree ORDER BY id"
    )
    numbers = range(N_IMAGES - N_HELD_OUT, N_IMAGES)
    rows = list(zip(numbers, digits.labels.tolist(), digits.pixels.tolist(), strict=True))
    connection.insert_rows(f"INSERT INTO {NAMES.images} VALUES (?, ?, ?)", rows)


def with_progress(statements: list[Statement]) -> Iterator[Statement]:
    """Yield the statements while a bar on stderr tells which one runs."""
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=len(statements))
        for statement in statements:
            bar.update(task, description=statement.name)
            yield statement
            bar.advance(task)


def show_results(console: Console, connection: Connection, stage: Statement) -> None:
    """Print digits, confusion, the SQL of one stage with its measured plan, and the accuracy."""
    found = connection.execute(
        f"SELECT id, label, class, pixels FROM {NAMES.of('answers')} AS a "
        f"INNER JOIN {NAMES.images} AS i ON a.id = i.id ORDER BY id"
    ).rows()
    answers = [(number, label, said) for number, label, said, _ in found]
    pixels = np.array([row for *_, row in found])
    say(console, "\nsome of the digits, and what the network said:\n")
    say(console, digit_gallery(pixels, answers))
    say(console, "\nhow often a digit (row) was read as another (column):\n")
    say(console, confusion_table(answers))
    say(console, f"\nstage {stage.name} in SQL:\n\n{as_new(stage.sql)}\n")
    say(console, "and how it ran (EXPLAIN ANALYZE of its SELECT):\n")
    plan = connection.execute(f"EXPLAIN ANALYZE {stage.select}").rows()
    text = "\n".join(line for (line,) in plan)
    say(console, fold_lines(text, console.width) if console.is_terminal else text)
    n_right = sum(label == said for _, label, said in answers)
    percent = 100 * n_right / len(answers)
    say(console, f"\naccuracy {percent:.2f} % ({n_right} of {len(answers)})")


def say(console: Console, text: str) -> None:
    """Print text as it is, without markup."""
    console.print(text, markup=False)
