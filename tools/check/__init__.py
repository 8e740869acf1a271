"""Every check but the tests, in one command: ``python -m tools.check``."""
