"""Train binarized networks with PyTorch and export them to the database."""
