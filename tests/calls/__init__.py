"""Calls that are made: which are met, how they travel the wire, and what is recorded of them."""
