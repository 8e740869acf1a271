"""Combinators: suffixes such as -If, -Array or -State that make one aggregate of another."""
