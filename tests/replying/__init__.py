"""A mocked reply on the wire: which are possible, and which are refused."""
