"""Prove from the database that nothing was lost between a change and Pusher, and name every hole.

Reads one state of the database, a hotel at a time and never a log as a whole: memory grows with the staff and
room types that a hotel has now, not with what has happened there.
"""
