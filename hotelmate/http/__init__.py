"""What the doors share of HTTP: bodies that come in too slowly, forms with files, and media types in headers."""
