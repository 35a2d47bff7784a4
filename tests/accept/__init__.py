"""Lines that are written into the source of a test, and the values in them."""
