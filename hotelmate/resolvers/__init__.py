"""The operations: plain functions that check, change, and record events, and know no transport."""
