"""Vectorised execution: operators that pull batches of columns."""
