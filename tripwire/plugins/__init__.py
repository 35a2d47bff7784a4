"""One module for each library whose calls tripwire mocks."""
