"""Servers in memory, and what a test says about them."""
