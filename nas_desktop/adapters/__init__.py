"""Everything that touches the world: the link, the stores, files, keys, the clock."""
