"""The supervisor workspace: desks, what nobody covers, what was missed, what silences hits."""
