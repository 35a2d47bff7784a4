"""Runs the examples in app.py's docstrings, so that the documentation stays true."""

from __future__ import annotations

import doctest
import unittest

import app


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    """Add the docstrings to what unittest found; it calls this function by its name."""
    tests.addTests(doctest.DocTestSuite(app))
    return tests


if __name__ == "__main__":
    unittest.main()
