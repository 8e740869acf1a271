"""Benchmarks, oracles and checks: they stay in the repository, outside the wheel."""
