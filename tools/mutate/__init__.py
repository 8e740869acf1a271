"""Wrong kernels on purpose: each must fail a test."""
