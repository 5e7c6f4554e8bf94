"""What the doors share of HTTP: bodies that trickle in, forms with files, and media types in headers."""
