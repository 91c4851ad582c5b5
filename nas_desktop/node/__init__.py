"""One running engine in the role desk, force or national."""
