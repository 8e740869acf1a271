"""Benchmarks: minidb beside its peers, in one run, as ratios."""
