"""Violations: who caught them, and whether they named them."""
