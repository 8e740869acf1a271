"""One statement of a script, and the small words that its SQL is put together from."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """A stage of a network as SQL.

    Attributes
    ----------
    name : str
        What it computes, for people: a node's or a stage's name, or what it prepares.
    table : str
        The table that it makes, as SQL.
    select : str
        The query whose rows the table holds.
    engine : str
        ClickHouse's engine of the table.
    """

    name: str
    table: str
    select: str
    engine: str = "Memory"

    @property
    def sql(self) -> str:
        """The whole statement; a second run replaces the table of the first."""
        return f"CREATE OR REPLACE TABLE {self.table} ENGINE = {self.engine} AS\n{self.select}"


@dataclass(frozen=True, slots=True)
class Names:
    """What the tables of a script are called.

    Attributes
    ----------
    prefix : str
        What the names of the model's own tables begin with.
    images : str
        The table of images (id, pixels), as SQL.
    """

    prefix: str
    images: str = "images"

    def of(self, what: str) -> str:
        """Return the name of one of the model's tables, as SQL."""
        return identifier(f"{self.prefix}_{what}")

    def stage(self, number: int, name: str) -> str:
        """Return the table of a stage: its number keeps names apart that spell alike."""
        return self.of(f"{number}_{re.sub(r'[^A-Za-z0-9]+', '_', name)}")


def as_script(statements: Sequence[Statement], answer: str) -> str:
    """Return statements as the text of one script.

    Parameters
    ----------
    statements : sequence of Statement
    answer : str
        The query that shows the result.
    """
    texts = [f"-- {statement.name}\n{statement.sql};\n" for statement in statements]
    return "\n".join([*texts, f"{answer};\n"])


def identifier(name: str) -> str:
    """Return a name as SQL: in backticks where it is not plain."""
    if PLAIN_NAME.match(name):
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def derived(select: str, alias: str) -> str:
    """Return a query as a table of another query's FROM."""
    return f"(\n{textwrap.indent(select, '  ')}\n) AS {alias}"
