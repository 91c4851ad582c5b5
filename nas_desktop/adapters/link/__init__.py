"""The link protocol ``nas.v1``: wire format, client and server over websockets."""
