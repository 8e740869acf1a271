import pytest

from minidb.cli.completion import Vocabulary
from minidb.database import Database

pytest.importorskip("pygments")


@pytest.fixture
def session():
    database = Database.open()
    yield database.session()
    database.close()


def words(vocabulary, line):
    return [word for word, _ in vocabulary.matches(line)]


def test_keywords_functions_and_tables_are_completed(session):
    vocabulary = Vocabulary(session)
    assert "SELECT" in words(vocabulary, "sel")
    assert "length" in words(vocabulary, "SELECT len")
    assert "JSONEachRow" in words(vocabulary, "SELECT 1 FORMAT JSONE")
    assert words(vocabulary, "SELECT ") == []
    assert words(vocabulary, ".he") == [".help"]
    list(session.execute("CREATE TABLE zebras (stripes Int8) ENGINE = Memory").batches)
    assert words(vocabulary, "FROM zeb") == []
    vocabulary.forget_tables()
    assert vocabulary.matches("FROM zeb") == [("zebras", 3)]
    assert words(vocabulary, "SELECT stri")[0] == "stripes"


def test_the_lexer_keeps_every_character():
    from minidb.cli.highlight import ClickHouseLexer

    text = "SELECT count(*), 'it''s', \"q\", `b`, 0x1F, 1.5e3, a->b -- end\n/* open"
    tokens = list(ClickHouseLexer().get_tokens(text))
    assert "".join(part for _, part in tokens).rstrip("\n") == text
    kinds = {part: str(kind) for kind, part in tokens}
    assert kinds["SELECT"] == "Token.Keyword"
    assert kinds["count"] == "Token.Name.Function"
    assert kinds["'it''s'"] == "Token.Literal.String.Single"
