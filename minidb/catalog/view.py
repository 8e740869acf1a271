"""Views as the store keeps them: a query as SQL text, and the columns it had when it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from minidb.errors import CORRUPTED_DATA, MiniDBError, StorageError
from minidb.record import record
from minidb.storage.definition import TableKey
from minidb.storage.store import ObjectKey
from minidb.types import DataType
from minidb.types.names import parse_type

VIEW_KIND = "view"


@record
class ViewDef:
    """A view.

    Parameters
    ----------
    database, name : str
        Where the catalog finds it.
    query_sql : str
        The query, as text; it is bound each time the view is used.
    home : str
        The database that names without one belong to in the query.
    columns : tuple of (name, type)
        What the query gave when the view was made; the view shows these.
    renamed : tuple of str
        The names in parentheses behind the view's name; empty where the query's own hold.
    """

    database: str
    name: str
    query_sql: str
    home: str
    columns: tuple[tuple[str, DataType], ...]
    renamed: tuple[str, ...] = ()

    @property
    def key(self) -> TableKey:
        """Return (database, name)."""
        return self.database, self.name

    @property
    def object_key(self) -> ObjectKey:
        """Return the key under which the store keeps the view."""
        return view_object_key(self.key)

    def named(self, key: TableKey) -> ViewDef:
        """Return the same view under another name."""
        return replace(self, database=key[0], name=key[1])

    def to_text(self) -> str:
        """Return the text that `view_from_text` reads."""
        columns = [[name, data_type.name] for name, data_type in self.columns]
        data = {
            "query": self.query_sql,
            "home": self.home,
            "columns": columns,
            "renamed": list(self.renamed),
        }
        return json.dumps(data, separators=(",", ":"))


def view_object_key(key: TableKey) -> ObjectKey:
    """Return the key under which the store keeps a view."""
    return VIEW_KIND, json.dumps(list(key), separators=(",", ":"))


def view_from_text(key: TableKey, text: str) -> ViewDef:
    """Read what `ViewDef.to_text` made.

    Raises
    ------
    StorageError
        CORRUPTED_DATA when the text has another shape.
    """
    try:
        data = json.loads(text)
        columns = tuple((str(name), parse_type(str(kind))) for name, kind in data["columns"])
        renamed = tuple(str(name) for name in data["renamed"])
        return ViewDef(*key, str(data["query"]), str(data["home"]), columns, renamed)
    except (KeyError, TypeError, ValueError, MiniDBError) as error:
        raise StorageError(CORRUPTED_DATA, f"view {key[1]!r} cannot be read: {error}") from error


def find_view(objects: Mapping[ObjectKey, str], key: TableKey) -> ViewDef | None:
    """Return the view of a name, None where there is none."""
    text = objects.get(view_object_key(key))
    return None if text is None else view_from_text(key, text)


def view_keys(objects: Mapping[ObjectKey, str]) -> Iterator[TableKey]:
    """Yield (database, name) of every view."""
    for kind, name in objects:
        if kind == VIEW_KIND:
            database, view = json.loads(name)
            yield database, view
