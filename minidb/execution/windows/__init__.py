"""Window functions at work: partitions, peers, frames, and aggregates over frames."""
