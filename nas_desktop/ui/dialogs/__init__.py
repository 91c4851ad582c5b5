"""Panels and windows beside the live workspace; none of them is modal."""
