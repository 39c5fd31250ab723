"""SQLite: plain SQL in functions that take a transaction and never commit."""
