"""Facts to text: what people read when a test fails."""
