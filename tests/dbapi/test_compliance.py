"""The public suite for PEP 249 drivers (package ``dbapi-compliance``), where it is installed."""

import pytest

import minidb

dbapi20 = pytest.importorskip("dbapi20")


class TestCompliance(dbapi20.DatabaseAPI20Test):
    """Every test of the suite; the tables live in one folder, as its connections come and go."""

    driver = minidb

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.connect_args = (str(tmp_path / "db"),)
        # The suite writes NULL into plain columns, which in ClickHouse hold it only when told so.
        self.connect_kw_args = {"settings": {"data_type_default_nullable": True}}

    def test_nextset(self):
        with minidb.connect() as connection:
            assert not hasattr(connection.cursor(), "nextset")

    def test_setoutputsize(self):
        with minidb.connect() as connection:
            cursor = connection.cursor()
            cursor.setoutputsize(1000, 0)
            assert cursor.execute("SELECT repeat('x', 5000)").fetchone() == ("x" * 5000,)
