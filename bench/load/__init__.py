"""What the servers are loaded with: sockets that are read and counted, and not understood.

The load must be so cheap that the server is what is measured. So there is no client library here: one thread
waits for all sockets at once (epoll), and of what came it only counts a character that each event has as
often as the next, and nothing else has: the sign in front of its times' offset.
"""
