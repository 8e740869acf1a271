"""The pruning study of the digits network: train, sweep, and write what came out."""
