"""Who calls, how that is proved, and who may do what."""
