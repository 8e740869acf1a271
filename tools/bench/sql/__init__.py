"""SQL benchmarks of others' making, on four engines in one run."""

from tools.bench.sql.race import run

__all__ = ["run"]
