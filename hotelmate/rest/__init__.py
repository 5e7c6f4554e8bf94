"""The REST doors that the frontends of today know, and those for whoever runs the server."""
