"""The networks that quant trains, one per file."""
