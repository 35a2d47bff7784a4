"""Accepting: what a test lacks is written into its source."""
