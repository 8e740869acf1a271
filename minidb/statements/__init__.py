"""The meaning of statements, one kind per file."""
