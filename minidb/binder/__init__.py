"""The binder: from the syntax tree to a plan, names found and types known."""
