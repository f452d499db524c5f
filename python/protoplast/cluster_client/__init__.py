"""What the command `protoplast` asks of a live cluster. Facts are gathered here; Rust judges them."""
