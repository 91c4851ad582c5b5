"""The Lists workspace."""
