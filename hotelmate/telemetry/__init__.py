"""Figures, traces and request ids, for whoever runs the server."""
