"""A runner for SQLLogicTest files, the public format of SQLite's corpus of queries."""
