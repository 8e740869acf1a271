"""optimizer.rules."""
