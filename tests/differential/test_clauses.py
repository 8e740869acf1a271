"""Set operations, grouping sets, limits, ARRAY JOIN and recursion, each line as ClickHouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from minidb.result import Result
from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "clauses.sql").read_text().splitlines()


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


@pytest.mark.parametrize("batch_rows", [65_536, 2])
def test_every_statement_answers_as_clickhouse(engines: Engines, batch_rows: int) -> None:
    engines.session.execute(f"SET max_block_size = {batch_rows}")
    found = [engines.difference(sql) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))


TOTALS = """\
select number % 2 as a, count() as c from numbers(5) group by a with totals order by a
select number % 2 as a, count() as c, a + 1 from numbers(5) group by a with totals having a = 1
select number % 2 as a, count() as c from numbers(4) group by rollup(a) with totals order by a, c
select count(), sum(number) from numbers(5) with totals
select number, count() from numbers(5) group by number with totals order by number limit 1
select toNullable(number) % 2 as a, count() from numbers(5) group by a with totals order by a
select distinct number % 2 as a, count() c from numbers(5) group by number with totals order by a
select number % 2 as a, 'x' as s, sum(number) from numbers(4) group by a, s with totals order by a
select number % 2 as a, sum(number) as s, s * 2 from numbers(4) group by a with totals order by s
select number % 3 as a, uniqExact(number), max(toString(number)) from numbers(9) group by a \
with totals having sum(number) > 9 order by a
select number % 3 as a, arrayJoin([1, 2]) as x, count() from numbers(4) group by a, x with totals \
order by a, x"""
FORMATS = (
    *("TSV", "TSVWithNames", "TSVRaw", "CSV", "CSVWithNames", "JSONEachRow", "Values"),
    *("Vertical", "Pretty", "PrettyCompact"),
)


@pytest.mark.parametrize("form", FORMATS)
def test_formats_write_totals_as_clickhouse(engines: Engines, form: str) -> None:
    for sql in TOTALS.splitlines():
        result = Result(engines.session.execute(sql))
        assert result.text(form) == str(engines.oracle.query(sql, form)), sql


@pytest.mark.parametrize("form", ["JSON", "JSONCompact"])
def test_json_documents_hold_totals_as_clickhouse(engines: Engines, form: str) -> None:
    for sql in TOTALS.splitlines():
        ours = json.loads(Result(engines.session.execute(sql)).text(form))
        theirs = json.loads(str(engines.oracle.query(sql, form)))
        assert ours["totals"] == theirs["totals"], sql
        assert ours["data"] == theirs["data"], sql
