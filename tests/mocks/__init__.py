"""Registering mocks, and the replies that they give."""
