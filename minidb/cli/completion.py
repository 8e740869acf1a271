"""What the shell can complete: keywords, types, functions, formats, settings, tables, columns."""

from __future__ import annotations

import re
from collections.abc import Iterable

from minidb.columns import StringColumn
from minidb.database import Session
from minidb.errors import MiniDBError
from minidb.formats.registry import format_names
from minidb.sql.parser import keywords
from minidb.types.names import type_names

WORD = re.compile(r"[A-Za-z_][\w]*$")
DOT_COMMANDS = (".format", ".help", ".quit", ".tables", ".timer")


class Vocabulary:
    """The words of one session; tables and columns are looked up anew after each statement.

    Parameters
    ----------
    session : Session
        Asked for its tables.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        functions = session.registry.functions
        self._fixed = {
            *keywords(),
            *type_names(),
            *functions.names(),
            *(table.name for table in functions.tables()),
            *format_names(),
            *(spec.name for spec in session.settings),
        }
        self._names: set[str] | None = None

    def forget_tables(self) -> None:
        """Look tables and columns up again when they are next needed."""
        self._names = None

    def matches(self, line: str) -> list[tuple[str, int]]:
        """Return what may stand in place of the word at the end of `line`.

        Returns
        -------
        list of (str, int)
            The word, and how many characters of `line` it replaces.
        """
        if line.startswith("."):
            return [(name, len(line)) for name in DOT_COMMANDS if name.startswith(line)]
        found = WORD.search(line)
        if found is None:
            return []
        start = found[0].lower()
        return [(word, len(start)) for word in self._sorted() if word.lower().startswith(start)]

    def _sorted(self) -> list[str]:
        """Return all words: tables and columns first."""
        if self._names is None:
            queries = ("SELECT name FROM system.tables", "SELECT name FROM system.columns")
            self._names = {name for query in queries for name in self._column(query)}
        return [*sorted(self._names), *sorted(self._fixed - self._names, key=str.lower)]

    def _column(self, query: str) -> Iterable[str]:
        """Return the texts of a query's first column; none when it fails."""
        found: list[str] = []
        try:
            for batch in self._session.execute(query).batches:
                column = batch.columns[0]
                if isinstance(column, StringColumn):
                    found += [str(value) for value in column.to_pylist()]
        except MiniDBError:
            return []
        return found
