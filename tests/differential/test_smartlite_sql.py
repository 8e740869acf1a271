"""The statements of the SmartLite experiments give ClickHouse's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from minidb.sql import ast
from minidb.sql.ast_base import Node
from minidb.sql.parser import parse_statement
from tests.support.engines import Engines, compare
from tests.support.smartlite_sql import (
    NETWORKS,
    PLAIN,
    STYLES,
    Style,
    layer_query,
    network_queries,
    scripts,
    udf_statements,
)
from tests.support.smartlite_tables import Sizes, TableData, network_tables
from tests.support.sql_spelling import respell
from tools.oracle.engines import MinidbEngine

ORACLE_LOOKUP = "CREATE FUNCTION IF NOT EXISTS lookup AS (a, b) -> bitCount(bitXor(a, b))"
# What `sumbin` means, in words that ClickHouse has: the first row is the most significant bit.
SUMBIN_CV2 = "arrayFold((word, bit) -> word * 2 + bit, groupArray(cv2), toUInt256(0))"

# How often each thing occurs in each script, as counted in the original statements.
COUNTED = (
    "statements", "Subquery", "GROUP BY", "inner join", "comma join", "lookup", "arrayElement",
    "plus", "if", "any", "groupArray", "groupBitAnd", "avg", "max", "sum",
)  # fmt: skip
EXPECTED_COUNTS = {
    "basic_mem_load": (16, 60, 45, 0, 15, 235, 468, 232, 31, 43, 15, 15, 13, 2, 0),
    "basic_model_load": (96, 269, 241, 30, 60, 836, 1664, 847, 185, 205, 60, 60, 75, 14, 32),
    "multi_shared_parameter": (31, 107, 79, 0, 28, 658, 1312, 646, 53, 69, 28, 28, 18, 5, 0),
    "dl2sql_single": (24, 22, 46, 22, 0, 0, 0, 18, 46, 28, 0, 0, 18, 4, 24),
    "dl2sql_shared_parameter": (25, 22, 46, 22, 0, 0, 0, 18, 46, 28, 0, 0, 18, 4, 24),
    "alexnet_udf": (7, 27, 20, 0, 7, 121, 242, 118, 13, 19, 7, 0, 4, 2, 0),
}


def create(engines: Engines, table: TableData) -> None:
    """Create and fill a table: minidb as a driver does it, with the rows beside the statement."""
    engines.both(table.create)
    engines.oracle.query(table.insert)
    engines.session.insert_rows(f"INSERT INTO {table.name} VALUES", table.rows)


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        both.oracle.query(ORACLE_LOOKUP)
        for network in NETWORKS.values():
            for table in network_tables(network, Sizes()):
                create(both, table)
        yield both


def nodes(node: Node) -> Iterator[Node]:
    stack: list[object] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            stack.extend(item)
        elif isinstance(item, Node):
            yield item
            stack.extend(getattr(item, name) for name in item.__slots__)


def occurrences(sql: str) -> Iterator[str]:
    """Yield a word for everything in a statement that the original's counts list."""
    yield "statements"
    for node in nodes(parse_statement(sql)):
        match node:
            case ast.FunctionCall(name=name):
                yield name
            case ast.Operator():
                yield node.function_name
            case ast.Subscript():
                yield "arrayElement"
            case ast.DerivedTable():
                yield "Subquery"
            case ast.GroupBy():
                yield "GROUP BY"
            case ast.Join(kind=kind):
                yield f"{kind.lower()} join"


@pytest.mark.parametrize("script", EXPECTED_COUNTS)
def test_rebuilt_scripts_count_as_the_originals(script: str) -> None:
    found = Counter(word for sql in scripts()[script] for word in occurrences(sql))
    assert tuple(found[word] for word in COUNTED) == EXPECTED_COUNTS[script]


def test_scripts_hold_192_statements() -> None:
    statements = [
        sql for name, script in scripts().items() for sql in script if name != "alexnet_udf"
    ]
    assert len(statements) == 192


@pytest.mark.parametrize("network", NETWORKS)
def test_queries_answer_as_clickhouse(engines: Engines, network: str) -> None:
    found = [engines.difference(sql) for sql in dict.fromkeys(network_queries(network))]
    assert not "\n".join(filter(None, found))


@pytest.mark.parametrize("script", sorted(set(EXPECTED_COUNTS) - {"alexnet_udf"}))
def test_scripts_run_unchanged(engines: Engines, script: str) -> None:
    for sql in scripts()[script]:
        assert not engines.ours(sql).code


def test_answers_hold_both_bits(engines: Engines) -> None:
    bits = Counter(
        row for name in NETWORKS for sql in network_queries(name) for row in engines.ours(sql).rows
    )
    assert min(bits[("0",)], bits[("1",)]) > 1000


@pytest.mark.parametrize("style", STYLES, ids=lambda style: repr(style.condition) + style.alias)
@pytest.mark.parametrize("network", ["resnet", "pruned alexnet", "dl2sql resnet"])
def test_other_hands_answer_alike(engines: Engines, network: str, style: Style) -> None:
    queries = network_queries(network, style)
    found = [engines.difference(respell(sql, seed)) for seed, sql in enumerate(queries, start=1)]
    assert not "\n".join(filter(None, found))


@pytest.mark.nightly
@pytest.mark.parametrize("network", NETWORKS)
def test_every_spelling_answers_alike(engines: Engines, network: str) -> None:
    found = [
        engines.difference(respell(sql, seed))
        for place, style in enumerate(STYLES)
        for seed, sql in enumerate(network_queries(network, style), start=100 * place)
    ]
    assert not "\n".join(filter(None, found))


def test_descriptions_equal_clickhouse(engines: Engines) -> None:
    for name in ("alexnet", "dl2sql alexnet"):
        for sql in dict.fromkeys(network_queries(name)):
            assert not engines.difference(f"DESCRIBE ({sql})")


def test_words_in_hash_order_do_not_change_order_free_answers(engines: Engines) -> None:
    """With the 32-bit bin_id of the originals ClickHouse permutes the words of a patch."""
    sizes = Sizes(bin_type="UInt32", has_equal_words=True)
    for name in ("resnet", "pruned resnet"):
        network = NETWORKS[name]
        for table in network_tables(network, sizes, seed=1):
            engines.both(f"DROP TABLE IF EXISTS {table.name}")
            create(engines, table)
        for sql in network_queries(name):
            assert not engines.difference(sql)


def test_udf_statements_chain(engines: Engines) -> None:
    """The AlexNet program runs; ClickHouse lacks sumbin, so it gets the same in its own words."""
    network = NETWORKS["alexnet"]
    for table in network_tables(network, Sizes()):
        short = table.name.removeprefix(network.prefix)
        named = TableData(
            short.replace("conv3_kernel2", "covn3_kernel2"), table.columns, table.rows
        )
        create(engines, named)
    *created, last = udf_statements()
    for sql in created:
        assert not engines.ours(sql).code
        theirs = sql.replace("sumbin(cv2)", SUMBIN_CV2)
        theirs = theirs.replace("sumbin(lv1)", SUMBIN_CV2.replace("cv2", "lv1"))
        assert not engines.theirs(theirs).code
        name = sql.split()[5]
        assert not engines.difference(f"SELECT * FROM {name}")
    theirs = last.replace("sumbin(lv1)", SUMBIN_CV2.replace("cv2", "lv1"))
    assert not compare(last, engines.ours(last), engines.theirs(theirs), is_ordered=False)


NORMALIZED = "SELECT g, avg(x)/stddevSamp(x) + 0.00005 > 0 ? 1 : 0 AS y FROM ({}) GROUP BY g"


def test_normalization_of_known_groups(engines: Engines) -> None:
    groups = ([1, 1, 1], [0, 0, 0], [1], [0], [0, 1, 1], [0, 0, 1], [-1, -1, 1])
    source = " UNION ALL ".join(
        f"SELECT {number} AS g, {value} AS x"
        for number, group in enumerate(groups)
        for value in group
    )
    sql = NORMALIZED.format(source)
    assert not engines.difference(sql)
    assert [row[1] for row in engines.ours(sql).rows] == ["1", "0", "0", "0", "1", "1", "0"]


def test_lookup_may_be_a_sql_function(engines: Engines) -> None:
    """The experiments run where `lookup` is defined in SQL, not only with the extension."""
    with MinidbEngine(extensions=()) as plain:
        assert not plain.answer("CREATE FUNCTION lookup AS (a, b) -> bitCount(bitXor(a, b))").code
        for table in network_tables(NETWORKS["pruned vgg"], Sizes()):
            plain.session.execute(table.create)
            plain.session.insert_rows(f"INSERT INTO {table.name} VALUES", table.rows)
        for sql in network_queries("pruned vgg"):
            assert not compare(sql, plain.answer(sql), engines.theirs(sql), is_ordered=False)


def test_spelling_0_is_the_text_itself() -> None:
    sql = layer_query(NETWORKS["vgg"], NETWORKS["vgg"].layers[3], PLAIN)
    assert respell(sql, 0) == sql
    assert len({respell(sql, seed) for seed in range(20)}) == 20
