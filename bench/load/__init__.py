"""What the servers are loaded with: sockets that are read and counted, and not understood.

The load must be so cheap that the server is what is measured. So there is no client library here: one thread
waits for all sockets at once (epoll), and of what came it only counts the bytes. Every event is equally long,
which is checked, so bytes are events.
"""
