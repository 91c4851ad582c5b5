"""Encrypted SQLite stores; the only place with SQL."""
