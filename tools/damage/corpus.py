"""The valid queries that are damaged: examples of functions, and files of one query a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from minidb.database import Database, Session, build_registry, installed_extensions
from minidb.errors import MiniDBError
from minidb.source import Span
from minidb.sql.ast import QueryStatement
from minidb.sql.parser import parse_statement

HEAD = "EXPLAIN QUERY TREE "
ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/differential/statements.sql", "tests/differential/windows.sql")
SETUP = (
    "CREATE TABLE sales (id UInt32, shop String, price Int64, day Date) ORDER BY id",
    "CREATE TABLE shops (shop String, city String) ORDER BY shop",
)
WRITTEN = (
    "SELECT shop, sum(price) AS total FROM sales WHERE id > 1 AND price < 100 GROUP BY shop "
    "HAVING total > 5 ORDER BY total DESC LIMIT 3",
    "SELECT city, count(), avg(price) FROM sales JOIN shops ON sales.shop = shops.shop "
    "WHERE day >= '2024-01-01' GROUP BY city ORDER BY city",
    "SELECT a.id, b.city FROM sales AS a LEFT JOIN shops AS b ON a.shop = b.shop WHERE a.price "
    "BETWEEN 1 AND 10 ORDER BY a.id",
    "WITH big AS (SELECT * FROM sales WHERE price > 50) SELECT shop, max(price) FROM big "
    "GROUP BY shop",
    "SELECT CASE WHEN price > 10 THEN 'much' ELSE 'little' END AS size, count() FROM sales "
    "GROUP BY size",
    "SELECT id, row_number() OVER (PARTITION BY shop ORDER BY price DESC) AS place FROM sales "
    "QUALIFY place <= 2",
    "SELECT shop FROM sales WHERE shop IN ('north', 'south') AND NOT (price = 3 OR id = 4)",
    "SELECT toYear(day) AS year, [min(price), max(price)] AS ends FROM sales GROUP BY year",
    "SELECT arrayMap(x -> x * 2, [id, price]) AS doubled, CAST(price AS String) FROM sales",
    "SELECT DISTINCT shop, length(shop) + 1 FROM sales UNION ALL SELECT city, 0 FROM shops",
    "INSERT INTO sales (id, shop, price) VALUES (1, 'north', 20), (2, 'south', 5)",
    "CREATE TABLE rows (a UInt8, b Nullable(String), c Array(Int32)) ENGINE = MergeTree ORDER BY a",
)


def planned(session: Session, sql: str) -> MiniDBError | None:
    """Return the error of a statement that is read, and planned if it is a query; None without."""
    try:
        statement = parse_statement(sql)
    except MiniDBError as error:
        return error
    if not isinstance(statement, QueryStatement):
        return None
    try:
        session.execute(HEAD + sql)
    except MiniDBError as error:
        if error.span is not None:
            error.span = Span(error.span.start - len(HEAD), error.span.end - len(HEAD))
        return error
    return None


def open_session() -> Session:
    """Return a session with the tables that the queries read."""
    session = Database.open().session()
    for statement in SETUP:
        session.execute(statement)
    return session


def queries(session: Session) -> list[str]:
    """Return the valid queries, each once."""
    return [sql for sql in dict.fromkeys(_candidates()) if planned(session, sql) is None]


def _candidates() -> Iterator[str]:
    registry = build_registry(installed_extensions()).functions
    for function in registry.callable_functions():
        yield function.example
    # The written ones are long and like those of people: they count several times.
    for sql in WRITTEN:
        yield from (sql, f"{sql} ", f"  {sql}")
    for name in FILES:
        yield from (ROOT / name).read_text(encoding="utf-8").splitlines()
