"""From the event log to Pusher: what the frontends of today are told, and that it gets there.

    bridge -> live, retries -> legacy (what is said) -> pusher_client
                  |-> progress, cursors, letters (where it stands)

Reads the log from a durable cursor of its own, and knows nothing of who caused the events.
"""
