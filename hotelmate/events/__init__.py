"""Every event: what there is (catalogue), where it is kept (log), and how it reaches who listens (broker)."""
