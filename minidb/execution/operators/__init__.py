"""The physical operators, one per file."""
