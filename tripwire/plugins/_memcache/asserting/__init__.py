"""What a test asserts about its calls, and the lines to paste for that."""
