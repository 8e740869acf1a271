"""The logical plan: relational algebra over bound expressions."""
