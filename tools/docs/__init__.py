"""Documentation that is made: examples run, and the function reference written."""
