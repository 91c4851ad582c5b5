"""The window: a client of the nearest node."""
