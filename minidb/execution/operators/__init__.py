"""execution.operators."""
