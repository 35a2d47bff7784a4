"""A mocked reply on the wire: from the reply to bytes, and what the client made of them."""
