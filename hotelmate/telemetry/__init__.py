"""What whoever runs the server is told: figures, and where each line of the log comes from."""
