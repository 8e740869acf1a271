"""Readers of the files in which public image data sets are published; nothing is downloaded."""
