"""Sheets that leave the system: of one hit, and of a shift."""
