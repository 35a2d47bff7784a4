"""Facts to text."""
