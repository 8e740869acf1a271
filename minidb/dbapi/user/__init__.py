"""A user's own functions and aggregates, in Python: what the decorators of a connection make."""
