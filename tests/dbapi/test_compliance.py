"""The public suite for PEP 249 drivers (package ``dbapi-compliance``), where it is installed."""

import pytest

import minidb

dbapi20 = pytest.importorskip("dbapi20")


class TestCompliance(dbapi20.DatabaseAPI20Test):
    """Every test of the suite; the tables live in one folder, as its connections come and go."""

    driver = minidb

    # ClickHouse's columns hold NULL only when they say so.
    ddl2 = "create table dbapi20test_barflys (name varchar(20), drink varchar(30) null)"

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.connect_args = (str(tmp_path / "db"),)

    def test_nextset(self):
        with minidb.connect() as connection:
            assert not hasattr(connection.cursor(), "nextset")

    def test_setoutputsize(self):
        with minidb.connect() as connection:
            cursor = connection.cursor()
            cursor.setoutputsize(1000, 0)
            assert cursor.execute("SELECT repeat('x', 5000)").fetchone() == ("x" * 5000,)
