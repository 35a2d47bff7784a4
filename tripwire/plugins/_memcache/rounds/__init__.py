"""Scenarios that are run again and again: every fault, and every order."""
