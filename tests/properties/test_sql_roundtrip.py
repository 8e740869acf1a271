"""Laws of the SQL front end: what is written reads back, and nothing but our errors comes out."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from minidb.errors import MiniDBError
from minidb.source import Span
from minidb.sql import parser as parser_module
from minidb.sql.ast import Insert, InsertValues, ObjectName, QueryStatement
from minidb.sql.format import format_expression, format_statement, format_type
from minidb.sql.parser import (
    parse_expression,
    parse_statement,
    parse_statements,
    parse_type,
    split_statements,
)
from tests.strategies.sql import (
    damage,
    expression_trees,
    near_sql,
    plain_rows,
    query_trees,
    types,
)
from tests.strategies.sql_statements import statement_trees

SAMPLE = (
    "WITH 1 AS one SELECT im_id, any(x), sum(lookup(kv1[1], w[1]) + 2) > 181 ? 1 : 0 AS bit "
    "FROM (SELECT a, groupArray(b) AS kv1 FROM t1 GROUP BY a), (SELECT 'it''s' AS q) AS k "
    "WHERE a BETWEEN 1 AND 2 AND NOT b IN (1, 2) GROUP BY im_id ORDER BY bit DESC LIMIT 3"
)


@given(expression_trees())
def test_a_written_expression_reads_back(tree):
    written = format_expression(tree)
    assert parse_expression(written) == tree
    assert format_expression(parse_expression(written)) == written


@given(types())
def test_a_written_type_reads_back(tree):
    assert parse_type(format_type(tree)) == tree


@given(query_trees())
def test_a_written_query_reads_back(query):
    tree = QueryStatement(query)
    written = format_statement(tree)
    assert parse_statement(written) == tree
    assert format_statement(parse_statement(written)) == written


@given(statement_trees())
def test_a_written_statement_reads_back(tree):
    written = format_statement(tree)
    assert parse_statement(written) == tree
    assert format_statement(parse_statement(written)) == written


@given(plain_rows())
def test_both_ways_to_read_rows_agree(rows):
    tree = Insert(ObjectName("t"), InsertValues(rows))
    written = format_statement(tree)
    scan = parser_module.Scan(written, 0, len(written))
    slow = parser_module._run(scan, "statement")
    fast = parse_statement(written)
    assert slow == fast == tree
    assert fast.source.row_spans == slow.source.row_spans
    assert (fast.span, fast.source.span) == (slow.span, slow.source.span)


@given(st.one_of(st.text(max_size=60), near_sql(), damage(SAMPLE)))
@settings(max_examples=400)
@example("\0")
@example("\ud800")
@example("\udcff")
@example("'\\x")
@example("SELECT 1e99999, 0x, 1_")
@example("/*" * 50)
@example("SELECT ``")
def test_any_text_gives_a_tree_or_our_error(text):
    span = Span(0, 0)
    try:
        trees = parse_statements(text)
    except MiniDBError as error:
        span = error.span
        trees = []
    assert 0 <= span.start <= span.end <= len(text) + 1
    for tree in trees:
        assert 0 <= tree.span.start <= tree.span.end <= len(text)
        format_statement(tree)


@given(
    st.lists(st.sampled_from([SAMPLE, "SET a = 1", "SHOW TABLES", "SELECT ';' -- ;"]), max_size=4)
)
def test_statements_are_cut_where_the_parser_cuts_them(parts):
    text = "\n;".join(parts)
    cut = split_statements(text)
    assert [parse_statement(part.text) for part in cut] == parse_statements(text)
    assert all(text[part.span.start : part.span.end].startswith(part.text) for part in cut)


@given(st.text("';`\"-/*\n\\ a$", max_size=20))
def test_cutting_never_fails_and_keeps_the_order(text):
    ends = [part.span for part in split_statements(text)]
    assert ends == sorted(ends, key=lambda span: span.start)
