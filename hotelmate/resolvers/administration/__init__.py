"""What whoever runs the server does for its hotels, at the command line: there is no actor to check."""
