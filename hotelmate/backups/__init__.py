"""Back a database up into a file while servers use it, and put it back when none does.

A backup is a SQLite database, whichever kind it was made of. So it goes back into either kind, and everything
that reads a database reads a backup.
"""
