"""The shipped tables make the same parser as the grammar, and nothing else is taken for them."""

import json

import pytest

from minidb.sql import tables
from minidb.sql.format import format_statement
from minidb.sql.parser import parse_statement
from minidb.sql.scan import Scan
from minidb.sql.transformer import SqlTransformer
from minidb.sql.words import AMBIGUOUS_WORDS, RESERVED_WORDS, STATEMENT_WORDS

TEXT = "SELECT a[1] + 2 AS b FROM (SELECT 1) WHERE a BETWEEN 1 AND 2 FORMAT TSV"


@pytest.fixture(scope="module")
def grammar() -> str:
    return tables.grammar_text()


@pytest.fixture(scope="module")
def content(grammar) -> str:
    return tables.tables_as_json(grammar)


@pytest.fixture(scope="module")
def parser(grammar):
    return tables.parser_from_grammar(grammar, SqlTransformer())


def parse(parser, text):
    return parser.parse(Scan(text, 0, len(text)), start="statement")


def test_tables_as_json_make_the_same_parser(grammar, content, parser):
    loaded = tables.parser_from_json(content, tables.grammar_hash(grammar), SqlTransformer())
    assert parse(loaded, TEXT) == parse(parser, TEXT)


def test_tables_of_another_grammar_are_not_taken(grammar, content):
    other = tables.grammar_hash(grammar + "\n")
    assert tables.parser_from_json(content, other, SqlTransformer()) is None


def test_tables_are_plain_data_that_name_their_grammar(grammar, content):
    assert json.loads(content)["hash"] == tables.grammar_hash(grammar)


def test_every_rule_has_its_method(parser):
    transformer = SqlTransformer()
    names = {rule.alias or rule.origin.name for rule in parser.rules if not rule.options.expand1}
    missing = {n for n in names if not n.startswith("_") and not hasattr(transformer, n)}
    assert missing == set()


def test_every_keyword_can_be_a_setting_of_explain(parser):
    for word in sorted(parser.parser.lexer.keywords):
        statement = parse_statement(f"EXPLAIN AST `{word.lower()}` = 0 SHOW TABLES")
        assert parse_statement(format_statement(statement)) == statement


def test_listed_words_are_keywords(parser):
    known = {word.lower() for word in parser.parser.lexer.keywords}
    assert known >= RESERVED_WORDS
    assert known >= AMBIGUOUS_WORDS
    assert known >= STATEMENT_WORDS
