"""The read cache: reads as encrypted columns in sealed files, searched without a database."""
