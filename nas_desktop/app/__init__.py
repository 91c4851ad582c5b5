"""Entry points and composition; no logic."""
