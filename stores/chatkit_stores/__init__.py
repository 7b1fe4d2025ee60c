"""Stores for chatkit_core: memory, SQLite, files."""
