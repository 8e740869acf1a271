"""Damaged queries: how near the reported place of an error is to the true one."""
