"""Generators of test data, imported by every kind of test."""
