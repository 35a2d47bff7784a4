"""Assertions of interactions, and the verification at the end."""
