"""``minidb demo``: handwritten digits classified by a network that is nothing but tables and SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from minidb.extension import Connection, MiniDBError
from nn_ops.demo_form import LayerStatement, network_statements
from nn_ops.demo_tables import create_tables, image_tables, model_tables
from nn_ops.demo_views import confusion_table, digit_gallery, fold_lines
from nn_ops.digits import N_HELD_OUT, N_IMAGES, load_digits
from nn_ops.model_file import load_shipped_model
from nn_ops.network import Network, as_layers

PREFIX = "digits"
SHOWN_LAYER = 2
OWN_TABLES = (
    *("layers", "words", "limits", "outputs", "thresholds", "patches", "images", "pixels"),
    *("logits", "predictions"),
)


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
    network, digits = as_layers(load_shipped_model()), load_digits().held_out
    statements = network_statements(network, PREFIX)
    if replace:
        drop_tables(connection, network)
    first_image = N_IMAGES - N_HELD_OUT
    say(console, f"{len(digits)} digits of 8x8 pixels, and a binarized network with the layers")
    try:
        create_tables(connection, model_tables(network, PREFIX))
    except MiniDBError as error:
        error.hint = error.hint and f"{error.hint}; minidb demo --replace drops the demo's own"
        raise
    create_tables(connection, image_tables(digits, PREFIX, first_image))
    show(console, connection, f"SELECT * FROM {PREFIX}_layers ORDER BY layer")
    for statement in with_progress(statements):
        connection.execute(statement.sql, statement.parameters)
    show_results(console, connection, statements[SHOWN_LAYER])


def drop_tables(connection: Connection, network: Network) -> None:
    """Drop every table that the demo makes."""
    bits = tuple(f"bits_{number}" for number in range(len(network.layers)))
    for name in (*OWN_TABLES, *bits):
        connection.execute(f"DROP TABLE IF EXISTS {PREFIX}_{name}")


def with_progress(statements: list[LayerStatement]) -> Iterator[LayerStatement]:
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


def show_results(console: Console, connection: Connection, layer: LayerStatement) -> None:
    """Print digits, confusion, the SQL of one layer with its measured plan, and the accuracy."""
    answers = connection.execute(
        f"SELECT p.image, label, predicted FROM {PREFIX}_predictions AS p "
        f"INNER JOIN {PREFIX}_images AS i ON p.image = i.image ORDER BY p.image"
    ).rows()
    pixels = connection.execute(f"SELECT value FROM {PREFIX}_pixels ORDER BY image, cell").numpy()[
        "value"
    ]
    say(console, "\nsome of the digits, and what the network said:\n")
    say(console, digit_gallery(pixels.reshape(len(answers), -1), answers))
    say(console, "\nhow often a digit (row) was read as another (column):\n")
    say(console, confusion_table(answers))
    say(console, f"\nlayer {layer.name} in SQL:\n\n{layer.sql}\n")
    say(console, "and how it ran (EXPLAIN ANALYZE of its SELECT):\n")
    select = layer.sql.split(" AS\n", 1)[1]
    show(console, connection, f"EXPLAIN ANALYZE {select}", layer.parameters, as_lines=True)
    n_right = sum(label == predicted for _, label, predicted in answers)
    percent = 100 * n_right / len(answers)
    say(console, f"\naccuracy {percent:.2f} % ({n_right} of {len(answers)})")


def show(
    console: Console,
    connection: Connection,
    sql: str,
    parameters: Any = None,
    *,
    as_lines: bool = False,
) -> None:
    """Print a query's result as a table, or its only column line by line, folded to a terminal."""
    result = connection.execute(sql, parameters)
    text = "\n".join(line for (line,) in result.rows()) if as_lines else str(result)
    if as_lines and console.is_terminal:
        text = fold_lines(text, console.width)
    say(console, text)


def say(console: Console, text: str) -> None:
    """Print text as it is, without markup."""
    console.print(text, markup=False)
