"""Under `max_memory_usage` a statement works or fails with 241, and does not take much more."""

import tracemalloc

import pytest

import minidb
from minidb.errors import MEMORY_LIMIT_EXCEEDED, MiniDBError

QUERIES = {
    "group by number": "SELECT count() FROM (SELECT number FROM numbers({n}) GROUP BY number)",
    "group by text": "SELECT count() FROM (SELECT toString(number) s FROM numbers({n}) GROUP BY s)",
    "distinct": "SELECT count() FROM (SELECT DISTINCT toString(number) FROM numbers({n}))",
    "order by": "SELECT count() FROM (SELECT toString(number) s FROM numbers({n}) ORDER BY s DESC)",
    "join": "SELECT count() FROM (SELECT toString(number) a FROM numbers({n})) x "
    "JOIN (SELECT toString(number) b FROM numbers({n})) y ON a = b",
    "groupArray": "SELECT length(groupArray(toString(number))) FROM numbers({n})",
}


def peak_of(sql, limit):
    """Return the error's code, if any, and the most bytes held at once."""
    settings = {"max_memory_usage": limit, "max_block_size": 4096}
    with minidb.connect(settings=settings) as connection:
        connection.execute("SELECT 1")
        tracemalloc.start()
        try:
            connection.execute(sql)
            code = None
        except MiniDBError as error:
            code = error.code
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    return code, peak


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("limit_mib", [8, 64])
def test_no_statement_takes_much_more_than_its_limit(name, limit_mib):
    limit = limit_mib << 20
    code, peak = peak_of(QUERIES[name].format(n=200_000), limit)
    assert code in {None, MEMORY_LIMIT_EXCEEDED}
    assert peak < limit * 1.5 + (24 << 20)


@pytest.mark.parametrize("name", sorted(set(QUERIES) - {"group by number"}))
def test_a_limit_below_the_rows_is_an_error(name):
    assert peak_of(QUERIES[name].format(n=200_000), 1 << 20)[0] == MEMORY_LIMIT_EXCEEDED


@pytest.mark.parametrize("name", ["group by number", "group by text"])
@pytest.mark.nightly
def test_ten_million_groups_under_one_gibibyte(name):
    limit = 1 << 30
    code, peak = peak_of(QUERIES[name].format(n=10_000_000), limit)
    assert code is None
    assert peak < limit * 1.25
