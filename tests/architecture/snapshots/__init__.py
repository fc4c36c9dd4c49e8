"""The public surface of the product as committed texts; `make snapshots` rewrites them."""
