"""Functions declared as data, and the registry that holds them."""
