"""The pages, in the browser that Debian packages."""
