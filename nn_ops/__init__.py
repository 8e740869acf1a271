"""Binarized networks in the database: operators, storage and SQL for them."""
