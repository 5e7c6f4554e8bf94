"""Pictures: uploads made safe to show, kept in a store, and served."""
