"""Training runs: settings, passes over the data, checkpoints, logs and curves."""
