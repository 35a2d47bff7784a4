"""The texts that are read when a test fails."""
