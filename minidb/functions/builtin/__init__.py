"""functions.builtin."""
