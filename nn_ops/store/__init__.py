"""Models in a database: networks as rows of tables, and the statements and functions over them."""
