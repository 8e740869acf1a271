"""The optimizer: rules that replace plans by equal, cheaper ones."""
