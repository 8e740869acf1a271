"""Storage: tables as immutable parts of columns, in memory or in a folder."""

from minidb.storage.definition import ColumnDef, TableDef, TableKey
from minidb.storage.memory import MemoryStore
from minidb.storage.open import open_store
from minidb.storage.statistics import GranuleStatistics
from minidb.storage.store import (
    DEFAULT_GRANULE_ROWS,
    ObjectKey,
    Part,
    Snapshot,
    Store,
    StoredTable,
    Transaction,
)

__all__ = [
    "DEFAULT_GRANULE_ROWS",
    "ColumnDef",
    "GranuleStatistics",
    "MemoryStore",
    "ObjectKey",
    "Part",
    "Snapshot",
    "Store",
    "StoredTable",
    "TableDef",
    "TableKey",
    "Transaction",
    "open_store",
]
