"""The Audit workspace: who looked at what, when, why, under whose authority."""
