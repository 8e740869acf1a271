"""What the parser reads: statements, their parts, and their places in the text."""

import pytest

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast import (
    Alias,
    Cast,
    CommonTable,
    CreateFunction,
    CreateModel,
    CreateTable,
    DerivedTable,
    Drop,
    Explain,
    ExplainModel,
    FunctionCall,
    Identifier,
    Insert,
    InsertFormat,
    Join,
    Literal,
    Operator,
    Parameter,
    QueryStatement,
    Select,
    SetOperation,
    SetStatement,
    Show,
    Star,
    Subquery,
    TableFunction,
    TupleElement,
    TypeName,
    WithExpr,
)
from minidb.sql.parser import (
    keywords,
    parse_expression,
    parse_statement,
    parse_statements,
    parse_type,
    split_statements,
)


def select_of(text: str) -> Select:
    statement = parse_statement(text)
    assert isinstance(statement, QueryStatement)
    assert isinstance(statement.query, Select)
    return statement.query


SMARTLITE_CONV = """
    select im_id, kid2, avg(cv) / stddevSamp(cv) + 0.00005 > 0 ? 1 : 0 from
      (select im_id, kid2, lookup(kv1[1], kv2[1]) + lookup(kv1[2], kv2[2]) > 288 ? 1 : 0 as cv
       from (select any(im_id) as im_id, cn_id, groupArray(bits) as kv1
             from (select bin_id, any(cn_id) as cn_id, any(im_id) as im_id, groupBitAnd(cv2) as bits
                   from model0_conv2_data2_2 group by bin_id)
             group by cn_id) as data, model0_conv2_kernel2_2)
    group by im_id, kid2 ;   """

# One text for each shape of statement that the research code holds.
SHAPES = [
    SMARTLITE_CONV,
    "select bn1, (lookup(cv1, k1) > 181 ? 1 : 0) as c from model0_conv1_2",
    "select max(c) from (select lookup(cv1,k1)>181?1:0 as c, pool1 from t) group by pool1",
    "select sum(a.cv2 * b.kv2) > 0 ? 1 : 0 from t a inner join k b on a.bin_id = b.orderid2 "
    "group by cn_id, kid2",
    "CREATE TABLE IF NOT EXISTS t (a UInt8, PRIMARY KEY (a)) ENGINE = MergeTree",
    "CREATE TABLE IF NOT EXISTS t (bit_1 UInt32, bit_2 float, bit_3 Array(UInt256)) ENGINE=Memory",
    "CREATE TABLE t (a UInt8) ENGINE=MergeTree() ORDER BY (a)",
    "CREATE TABLE IF NOT EXISTS t ENGINE = Memory AS SELECT * FROM u",
    "CREATE TABLE IF NOT EXISTS t (a UInt32) ENGINE = Memory AS SELECT a FROM u",
    "INSERT INTO t VALUES",
    "INSERT INTO t (a, b) VALUES ;  ",
    "OPTIMIZE TABLE t FINAL",
    "DROP TABLE IF EXISTS t",
    "SET max_memory_usage = 5000000000",
    "SELECT multi_model('alexnet', 3)",
]


@pytest.mark.parametrize("text", SHAPES)
def test_the_statements_of_the_research_code_parse(text):
    assert len(parse_statements(text)) == 1


@pytest.mark.parametrize(
    "word",
    [
        "date",
        "format",
        "values",
        "any",
        "left",
        "final",
        "key",
        "set",
        "index",
        "type",
        "first",
        "last",
        "timestamp",
        "interval",
        "if",
        "table",
        "database",
        "view",
        "model",
        "columns",
        "exists",
        "cast",
        "end",
        "then",
        "when",
        "else",
        "asc",
        "desc",
        "settings",
        "offset",
        "window",
        "array",
        "global",
        "right",
        "full",
        "cross",
        "semi",
        "anti",
        "rows",
        "range",
        "groups",
        "totals",
        "engine",
        "to",
        "for",
        "show",
        "create",
        "drop",
        "insert",
        "delete",
        "update",
        "replace",
        "over",
        "filter",
        "tree",
        "form",
        "both",
        "query",
        "primary",
    ],
)
def test_words_are_columns_and_functions_where_no_clause_begins(word):
    inner = select_of(f"SELECT 1 AS a, {word} FROM (SELECT 1 AS {word}) WHERE t.{word} > 0")
    assert inner.projection[1] == Identifier((word,))
    assert select_of(f"SELECT {word}, {word} + 1 FROM t").projection[0] == Identifier((word,))


def test_the_example_of_clickhouse_columns():
    text = "SELECT left('abc', 2), format FROM (SELECT 1 AS format, 2 AS date, 3 AS values)"
    assert select_of(text).projection[1] == Identifier(("format",))


@pytest.mark.parametrize("word", ["select", "from", "where", "group", "order", "limit", "union"])
def test_words_that_begin_clauses_need_quotes(word):
    with pytest.raises(SqlSyntaxError):
        parse_statement(f"SELECT 1 + {word} FROM t")
    assert select_of(f"SELECT 1, `{word}` FROM t").projection[1] == Identifier((word,))


def test_keywords_are_read_in_any_case():
    assert parse_statement("sElEcT 1 aS A fRoM t") == parse_statement("SELECT 1 AS A FROM t")


def test_comments_and_blanks_do_not_count():
    plain = parse_statement("SELECT 1 - 2")
    text = "/* a /* nested */ b */ SELECT -- one\n 1 #! two\n - # three\n\t2 // four"
    assert parse_statement(text) == plain


def test_an_alias_may_stand_on_any_part():
    product = parse_expression("(a + 1 AS b) * f(c AS d, [1 AS e])")
    assert isinstance(product, Operator)
    assert isinstance(product.operands[0], Alias)
    call = product.operands[1]
    assert isinstance(call, FunctionCall)
    assert call.arguments[0] == Alias(Identifier(("c",)), "d")


def test_a_select_list_may_end_in_a_comma():
    assert select_of("SELECT a, FROM t") == select_of("SELECT a FROM t")


def test_derived_tables_need_no_alias_at_any_depth():
    query = select_of("SELECT * FROM (SELECT * FROM (SELECT 1 AS a) AS x), t AS y")
    assert query.projection == (Star(),)
    assert isinstance(query.source, Join)
    assert query.source.kind == "COMMA"
    assert isinstance(query.source.left, DerivedTable)


def test_table_functions_take_expressions():
    source = select_of("SELECT * FROM file('x.csv', CSV) AS f").source
    assert isinstance(source, TableFunction)
    assert (source.name, source.alias, len(source.arguments)) == ("file", "f", 2)


def test_with_names_queries_and_values():
    items = select_of("WITH x AS (SELECT 1), (SELECT 2) AS y, 3 AS z SELECT 1").with_items
    assert [type(item) for item in items] == [CommonTable, WithExpr, WithExpr]
    assert isinstance(items[1].expr, Subquery)


def test_limit_in_all_its_forms():
    first, second = Literal(1), Literal(2)
    for text in ("LIMIT 1, 2", "LIMIT 2 OFFSET 1"):
        limit = select_of(f"SELECT a FROM t {text}").limit
        assert (limit.count, limit.offset) == (second, first)
    query = select_of("SELECT a FROM t LIMIT 1 OFFSET 2 BY b LIMIT 2 WITH TIES")
    assert (query.limit_by.count, query.limit_by.offset) == (first, second)
    assert query.limit.with_ties


def test_set_operations_bind_as_in_clickhouse():
    tree = parse_statement("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4")
    union = tree.query
    assert isinstance(union, SetOperation)
    assert (union.operator, len(union.operands)) == ("UNION", 3)
    assert union.operands[2].operator == "INTERSECT"


def test_settings_and_format_stand_behind_a_query():
    tree = parse_statement("SELECT 1 SETTINGS a = 1 FORMAT TSV SETTINGS b = 'x'")
    assert tree.format == "TSV"
    assert (tree.query.settings[0].value, tree.settings[0].value) == (1, "x")


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("DATE '2024-01-31'", "toDate"),
        ("TIMESTAMP '2024-01-31 00:00:00'", "toDateTime"),
        ("INTERVAL 3 DAY", "toIntervalDay"),
        ("INTERVAL '3 days'", "toIntervalDay"),
        ("EXTRACT(YEAR FROM a)", "toYear"),
        ("SUBSTRING(a FROM 1 FOR 2)", "SUBSTRING"),
        ("trim(BOTH ' ' FROM a)", "trimBoth"),
        ("c ? 1 : 2", "if"),
    ],
)
def test_forms_that_are_calls_in_disguise(text, function):
    assert parse_expression(text).name == function


def test_position_in_turns_its_arguments_round():
    assert parse_expression("position('a' IN b)") == parse_expression("position(b, 'a')")


def test_casts_and_element_access():
    assert parse_expression("-1::Int8") == Cast(Literal(-1), TypeName("Int8"))
    assert parse_expression("CAST(a AS Array(UInt8))").type.args == (TypeName("UInt8"),)
    assert parse_expression("t.1.2") == TupleElement(TupleElement(Identifier(("t",)), 1), 2)
    assert parse_expression("a.b.c") == Identifier(("a", "b", "c"))
    assert parse_expression("(a).b") == TupleElement(Identifier(("a",)), "b")


def test_parameters_are_numbered_in_each_statement():
    first, second = parse_statements("SELECT ?, c ? ? : 2; SELECT ?, %(name)s, a %(b)")
    assert first.query.projection[0] == Parameter(0)
    assert first.query.projection[1].arguments[1] == Parameter(1)
    assert second.query.projection[:2] == (Parameter(0), Parameter("name"))
    assert second.query.projection[2] == parse_expression("a % b")


def test_types_keep_their_arguments():
    assert parse_type("double   precision").name == "DOUBLE PRECISION"
    enum = parse_type("Enum8('a' = 1, 'b' = -2)")
    assert [(e.name, e.value) for e in enum.args] == [("a", 1), ("b", -2)]
    assert parse_type("DateTime64(3, 'UTC')").args == (3, "UTC")
    assert parse_type("Tuple(a Int8)").args[0].value == TypeName("Int8")


def test_create_table_takes_keys_inside_and_behind_the_list():
    for text in (
        "CREATE TABLE t (a UInt8, b String, PRIMARY KEY (a, b)) ENGINE = MergeTree",
        "CREATE TABLE t (a UInt8, b String) ENGINE = MergeTree() PRIMARY KEY (a, b)",
    ):
        tree = parse_statement(text)
        assert isinstance(tree, CreateTable)
        assert tree.primary_key == (Identifier(("a",)), Identifier(("b",)))
    assert parse_statement("CREATE TABLE t (a Int8) ORDER BY tuple()").order_by == ()


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a Int8) ENGINE = Memory ENGINE = Memory",
        "CREATE TABLE t (a Int8, PRIMARY KEY a) PRIMARY KEY a",
        "CREATE TABLE t (a Int8 DEFAULT 1 DEFAULT 2)",
        "CREATE UNIQUE TABLE t (a Int8)",
        "CREATE FUNCTION f AS a + 1",
        "SELECT 1 WHERE 1 FROM t",
        "SELECT 1 LIMIT 1 LIMIT 2",
        "SELECT * FROM a LEFT RIGHT JOIN b ON 1",
        "SELECT * FROM a JOIN b",
        "SELECT (*)",
        "SELECT a = (*)",
        "SELECT f(a FROM b)",
        "SELECT a BETWEEN 1",
        "SELECT a + x -> y",
    ],
)
def test_what_the_grammar_is_too_wide_for_is_refused(text):
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement(text)
    assert caught.value.code is SYNTAX_ERROR
    assert caught.value.span is not None


def test_model_statements_have_nodes():
    tree = parse_statement("CREATE MODEL m EXTENDS base FROM 'm.safetensors'")
    assert tree == CreateModel("m", Literal("m.safetensors"), "base")
    assert parse_statement("EXPLAIN MODEL m FORM smartlite") == ExplainModel("m", "smartlite")
    assert parse_statement("SHOW MODELS") == Show("MODELS")
    assert isinstance(parse_statement("DROP MODEL m"), Drop)


def test_functions_are_lambdas():
    tree = parse_statement("CREATE OR REPLACE FUNCTION f AS (a, b) -> a + b")
    assert isinstance(tree, CreateFunction)
    assert (tree.or_replace, tree.definition.parameters) == (True, ("a", "b"))


@pytest.mark.parametrize("kind", ["AST", "QUERY TREE", "PLAN", "PIPELINE", "ANALYZE"])
def test_explain_names_the_stage(kind):
    tree = parse_statement(f"EXPLAIN {kind} json = 1 SELECT 1")
    assert isinstance(tree, Explain)
    assert (tree.kind, tree.settings[0].name) == (kind, "json")
    assert parse_statement("EXPLAIN SELECT 1").kind == "PLAN"


def test_insert_takes_values_queries_and_data():
    assert parse_statement("INSERT INTO t VALUES").source.rows == ()
    tree = parse_statement("INSERT INTO TABLE d.t (a, b) SELECT 1, 2")
    assert isinstance(tree, Insert)
    assert (tree.table.database, tree.columns) == ("d", ("a", "b"))
    data = parse_statement("INSERT INTO t FORMAT CSV\n1,'it''s;'\n2,x\n").source
    assert data == InsertFormat("CSV", "1,'it''s;'\n2,x\n")


def test_set_takes_many_values():
    tree = parse_statement("SET a = 1, b = 'x', c = -1.5, d = true, e = word")
    assert isinstance(tree, SetStatement)
    assert [s.value for s in tree.settings] == [1, "x", -1.5, True, "word"]


def test_spans_cover_statements_and_parts():
    text = "SET a = 1; SELECT count(x) + 1 AS n FROM t "
    _, second = parse_statements(text)
    assert text[second.span.start : second.span.end] == "SELECT count(x) + 1 AS n FROM t"
    alias = second.query.projection[0]
    assert text[alias.span.start : alias.span.end] == "count(x) + 1 AS n"
    call = alias.expr.operands[0]
    assert text[call.name_span.start : call.name_span.end] == "count"


def test_one_statement_is_asked_for():
    assert parse_statement(" ;; SELECT 1 ; ") == parse_statement("SELECT 1")
    for text in ("", " -- nothing", "SELECT 1; SELECT 2"):
        with pytest.raises(SqlSyntaxError):
            parse_statement(text)


def test_split_says_which_statement_is_complete():
    text = "SELECT ';' -- ;\n; SELECT \";\" /* ; */;\n SELECT 'open"
    parts = split_statements(text)
    assert [part.is_complete for part in parts] == [True, True, False]
    assert parts[2].span == Span(text.index("SELECT 'open"), len(text))
    assert split_statements(" ; -- nothing\n") == []


def test_keywords_are_listed():
    assert {"SELECT", "FROM", "INTERVAL", "CAST"} <= set(keywords())
