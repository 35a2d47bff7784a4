"""Which sandbox and which test a call belongs to, and how they are entered and left."""
