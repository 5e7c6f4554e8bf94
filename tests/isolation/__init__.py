"""Every way in, crossed with every kind of caller."""
